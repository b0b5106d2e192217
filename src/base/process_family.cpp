#include "base/process_family.hpp"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <system_error>
#include <thread>
#include <utility>

#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/process_origin.hpp"

namespace periodic {
namespace {

void reap(idtype_t kind, std::int64_t id) {
    siginfo_t info{};
    do {
        info.si_pid = 0;
    } while (::waitid(kind, static_cast<id_t>(id), &info, WEXITED | WNOHANG) == 0 &&
             info.si_pid != 0 && kind == P_PGID);
}

}  // namespace

ProcessFamily::Start::Start(ProcessFamily& family) : family_(family) {
    const std::lock_guard lock(family_.mutex_);
    family_.starts_.push_back(this);
}

ProcessFamily::Start::~Start() {
    const std::lock_guard lock(family_.mutex_);
    std::erase(family_.starts_, this);
}

void ProcessFamily::add(const ProcessIdentity& leader, std::optional<JobMark> mark) {
    const std::lock_guard lock(mutex_);
    members_.emplace(leader.pid, Member{leader.start_ticks, std::move(mark), false});
}

void ProcessFamily::remove(const ProcessIdentity& leader) noexcept {
    const std::lock_guard lock(mutex_);
    if (const auto found = find(leader.pid, leader.start_ticks); found != members_.end())
        members_.erase(found);
}

void ProcessFamily::set_exited(const ProcessIdentity& leader) {
    const std::lock_guard lock(mutex_);
    if (const auto found = find(leader.pid, leader.start_ticks); found != members_.end())
        found->second.exited = true;
}

bool ProcessFamily::has_exited(const ProcessIdentity& leader) {
    const std::lock_guard lock(mutex_);
    const auto found = find(leader.pid, leader.start_ticks);
    return found != members_.end() && found->second.exited;
}

std::vector<ProcessEntry> ProcessFamily::fled(const ProcessIdentity& leader) {
    std::vector<ProcessEntry> roots = adopts_ ? adopted(leader) : marked(leader);
    if (!has_exited(leader)) {
        const auto process = read_process(leader.pid);
        if (process && process->start_ticks == leader.start_ticks && process->is_alive())
            roots.push_back(*process);
    }
    if (roots.empty()) return roots;
    std::vector<ProcessEntry> table = list_processes();
    std::erase_if(table, [](const ProcessEntry& process) { return process.pid == ::getpid(); });
    std::vector<ProcessEntry> all = with_descendants(table, std::move(roots));
    std::erase_if(all, [&](const ProcessEntry& process) {
        return !process.is_alive() || process.group == leader.pid;
    });
    return all;
}

bool ProcessFamily::group_lives(std::int64_t group) const {
    if (adopts_) {
        reap(P_PGID, group);
        if (::kill(static_cast<pid_t>(-group), 0) != 0 && errno == ESRCH) return false;
    }
    const auto table = list_processes();
    if (!is_whole(table)) return true;  // nobody can tell: it is looked for again
    return std::any_of(table.begin(), table.end(), [&](const ProcessEntry& process) {
        return process.group == group && process.is_alive();
    });
}

ProcessFamily::Members::iterator ProcessFamily::find(std::int64_t pid, std::uint64_t start_ticks) {
    const auto [first, last] = members_.equal_range(pid);
    const auto found = std::find_if(
        first, last, [&](const auto& member) { return member.second.start_ticks == start_ticks; });
    return found == last ? members_.end() : found;
}

std::vector<ProcessEntry> ProcessFamily::adopted(const ProcessIdentity& leader) {
    for (;; std::this_thread::yield()) {
        std::vector<ProcessEntry> strays;
        bool undecided = false;
        const std::vector<std::int64_t> children = adopted_children();
        const std::lock_guard lock(mutex_);
        const auto self = find(leader.pid, leader.start_ticks);
        if (self == members_.end()) return strays;
        for (const std::int64_t pid : children) {
            std::optional<ProcessEntry> child;
            const Known known = is_known(pid, child);
            undecided |= known == Known::Perhaps;
            if (known != Known::No || !child || child->parent != ::getpid()) continue;
            if (!child->is_alive())
                reap(P_PID, pid);
            else if (is_of(*child, *self))
                strays.push_back(*child);
        }
        // A child that is just being made tells its pid in no time.
        if (!undecided) return strays;
    }
}

// `process` is read where the pid does not tell enough.
ProcessFamily::Known ProcessFamily::is_known(std::int64_t pid,
                                             std::optional<ProcessEntry>& process) {
    const auto [first, last] = members_.equal_range(pid);
    // Not reaped yet: nobody else can have its pid.
    if (std::any_of(first, last, [](const auto& member) { return !member.second.exited; }))
        return Known::Yes;
    const auto tells = [](std::int64_t told) {
        return [told](Start* start) { return start->pid_.load() == told; };
    };
    if (std::any_of(starts_.begin(), starts_.end(), tells(pid))) return Known::Yes;
    if (std::any_of(starts_.begin(), starts_.end(), tells(0))) return Known::Perhaps;
    process = read_process(pid);
    return Known::No;
}

bool ProcessFamily::is_of(const ProcessEntry& stray, const Members::value_type& leader) {
    const std::int64_t pid = leader.first;
    const Member& member = leader.second;  // a binding can't be captured
    if (const auto origin = origin_of(stray.pid))
        return is_from(*origin, {.pid = pid, .start_ticks = member.start_ticks});
    if (const auto mark = mark_of(stray.pid)) return mark == member.mark;
    const auto could_be = [&](const Member& candidate) {
        return candidate.start_ticks <= stray.start_ticks;
    };
    const bool another_may_claim_it =
        std::any_of(members_.begin(), members_.end(), [&](const auto& other) {
            return &other.second != &member && !other.second.exited && could_be(other.second);
        });
    return could_be(member) && !another_may_claim_it;
}

std::vector<ProcessEntry> ProcessFamily::marked(const ProcessIdentity& leader) {
    std::optional<JobMark> mark;
    {
        const std::lock_guard lock(mutex_);
        const auto self = find(leader.pid, leader.start_ticks);
        if (self == members_.end()) return {};
        mark = self->second.mark;
    }
    std::vector<ProcessEntry> found;
    for (const ProcessEntry& process : list_processes()) {
        if (process.pid == ::getpid() || !process.is_alive()) continue;
        if (process.start_ticks < leader.start_ticks) continue;
        const auto origin = origin_of(process.pid);
        const bool is_its =
            origin ? is_from(*origin, leader) : mark && mark_of(process.pid) == mark;
        if (is_its) found.push_back(process);
    }
    return found;
}

void become_subreaper() {
    if (::prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0)
        throw std::system_error(errno, std::generic_category(), "cannot become a subreaper");
    // Whoever started us may have ignored it, which would lose the exit codes of programs.
    struct sigaction standard {};
    standard.sa_handler = SIG_DFL;
    ::sigaction(SIGCHLD, &standard, nullptr);
}

void hold_child_signals() noexcept {
    sigset_t set;
    sigemptyset(&set);
    sigaddset(&set, SIGCHLD);
    pthread_sigmask(SIG_BLOCK, &set, nullptr);
}

}  // namespace periodic
