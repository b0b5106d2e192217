#include "base/process_ending.hpp"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <map>
#include <set>
#include <string>
#include <system_error>
#include <thread>
#include <utility>

#include <unistd.h>

#include "base/process_origin.hpp"
#include "base/this_machine.hpp"

namespace periodic {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

// The processes that started this one, up to the first.
std::set<std::int64_t> own_ancestors() {
    std::set<std::int64_t> ancestors;
    std::int64_t pid = ::getppid();
    while (pid > 0 && ancestors.insert(pid).second) {
        const auto process = read_process(pid);
        if (!process) break;
        pid = process->parent;
    }
    return ancestors;
}

// Of this start of the machine, and of the container where there is one: its process 1 is older
// than all others.
bool is_of_this_start(const ProcessIdentity& process) {
    if (process.pid <= 0 || process.boot_id != this_boot_id()) return false;
    const auto first = read_process(1);
    return !first || first->start_ticks <= process.start_ticks;
}

// Whether a process comes from one of these programs, or else carries the mark. What a program that
// is over has left because it may is nobody's any more.
bool is_left(const ProcessEntry& process, std::span<const GroupLeader> leaders,
             const JobMark& mark) {
    const auto origin = origin_of(process.pid);
    const auto started = [&](const GroupLeader& leader) {
        return is_of_this_start(leader.process) && is_from(*origin, leader.process);
    };
    if (origin && std::any_of(leaders.begin(), leaders.end(), started)) return true;
    if (origin && origin->may_stay) return false;
    return mark_of(process.pid) == mark;
}

// Whether the group with a recorded leader's number is still that leader's. The kernel gives no pid
// away that is a living group's number: who has it as a pid leads the group, or there is none.
bool is_own_group(std::span<const ProcessEntry> members, const GroupLeader& leader,
                  const JobMark& mark) {
    if (const auto process = read_process(leader.process.pid))
        return process->start_ticks == leader.process.start_ticks;
    bool fits = leader.session.has_value();
    for (const ProcessEntry& member : members) {
        const auto origin = origin_of(member.pid);
        if (origin && is_from(*origin, leader.process)) return true;
        const auto carried = mark_of(member.pid);
        if (!origin && carried == mark) return true;
        fits = fits && !origin && !carried && member.session == leader.session &&
               member.start_ticks >= leader.process.start_ticks;
    }
    return fits;
}

std::vector<ProcessEntry> find_left_in(std::vector<ProcessEntry> table,
                                       std::span<const GroupLeader> leaders, const JobMark& mark);

// Where the processes can't be listed, what may be there is not taken for gone.
EndingResult nobody_can_tell(std::span<const GroupLeader> leaders) {
    const std::string reason = "the processes of this machine can't be listed";
    EndingResult result;
    for (const GroupLeader& leader : leaders)
        result.remaining.push_back({leader.process.pid, reason});
    if (leaders.empty()) result.remaining.push_back({0, reason});
    return result;
}

// One ending, which looks and signals until nothing is left.
class Ending {
public:
    Ending(std::span<const GroupLeader> leaders, const JobMark& mark, const EndingOptions& options)
        : leaders_(leaders), mark_(mark), options_(options), ancestors_(own_ancestors()) {}

    EndingResult run() {
        const auto start = steady_clock::now();
        const auto kill_at =
            start + (options_.kill_at_once ? milliseconds{0} : options_.kill_after);
        for (;;) {
            auto table = list_processes();
            if (!is_whole(table)) return nobody_can_tell(leaders_);
            const auto left = find_left_in(std::move(table), leaders_, mark_);
            const auto now = steady_clock::now();
            const bool pending = signal(left, now >= kill_at ? SIGKILL : SIGTERM);
            if (!pending || now >= kill_at + options_.patience) return result(left);
            await(left, now >= kill_at ? kill_at + options_.patience : kill_at);
        }
    }

private:
    using Key = std::pair<std::int64_t, std::uint64_t>;
    static Key key(const ProcessEntry& process) { return {process.pid, process.start_ticks}; }

    // Sends each process each signal once; whether any of them can be expected to end.
    bool signal(const std::vector<ProcessEntry>& left, int signal) {
        bool pending = false;
        for (const ProcessEntry& process : left) {
            if (ancestors_.contains(process.pid)) {
                refused_[key(process)] = "it has started this process";
                continue;
            }
            if (std::exchange(sent_[key(process)], signal) != signal) {
                const int error = signal_process(process, signal);
                if (error != 0 && error != ESRCH)
                    refused_[key(process)] = std::generic_category().message(error);
            }
            pending |= !refused_.contains(key(process));
        }
        return pending;
    }

    // Until all of these are gone, or it is time for the next signal. Cheap: no other process is
    // looked at.
    void await(const std::vector<ProcessEntry>& left, steady_clock::time_point until) const {
        milliseconds pause{1};
        const auto is_there = [&](const ProcessEntry& process) {
            if (refused_.contains(key(process))) return false;
            const auto now = read_process(process.pid);
            return now && now->start_ticks == process.start_ticks && now->is_alive();
        };
        while (steady_clock::now() < until && std::any_of(left.begin(), left.end(), is_there)) {
            std::this_thread::sleep_for(pause);
            pause = std::min(pause * 2, milliseconds{50});
        }
    }

    EndingResult result(const std::vector<ProcessEntry>& left) const {
        EndingResult result;
        for (const ProcessEntry& process : left) {
            const auto refused = refused_.find(key(process));
            result.remaining.push_back(
                {process.pid, refused == refused_.end() ? "it does not end" : refused->second});
        }
        result.ended = static_cast<std::size_t>(
            std::count_if(sent_.begin(), sent_.end(), [&](const auto& sent) {
                return std::none_of(left.begin(), left.end(), [&](const ProcessEntry& process) {
                    return key(process) == sent.first;
                });
            }));
        return result;
    }

    std::span<const GroupLeader> leaders_;
    const JobMark& mark_;
    const EndingOptions& options_;
    std::set<std::int64_t> ancestors_;
    std::map<Key, int> sent_;
    std::map<Key, std::string> refused_;
};

std::vector<ProcessEntry> find_left_in(std::vector<ProcessEntry> table,
                                       std::span<const GroupLeader> leaders, const JobMark& mark) {
    // What this process started is not what somebody left, whatever it descends from itself.
    std::erase_if(table, [](const ProcessEntry& process) { return process.pid == ::getpid(); });

    std::vector<ProcessEntry> roots;
    for (const GroupLeader& leader : leaders) {
        const std::int64_t pid = leader.process.pid;
        if (!is_of_this_start(leader.process)) continue;
        std::vector<ProcessEntry> members;
        std::copy_if(table.begin(), table.end(), std::back_inserter(members),
                     [&](const ProcessEntry& process) { return process.group == pid; });
        if (!is_own_group(members, leader, mark)) continue;
        roots.insert(roots.end(), members.begin(), members.end());
        // It may have moved to another group.
        if (const auto process = read_process(pid)) roots.push_back(*process);
    }
    for (const ProcessEntry& process : table)
        if (process.is_alive() && is_left(process, leaders, mark)) roots.push_back(process);

    std::vector<ProcessEntry> left = with_descendants(table, std::move(roots));
    std::erase_if(left, [](const ProcessEntry& process) { return !process.is_alive(); });
    const auto by_pid = [](const ProcessEntry& a, const ProcessEntry& b) { return a.pid < b.pid; };
    const auto same = [](const ProcessEntry& a, const ProcessEntry& b) { return a.pid == b.pid; };
    std::sort(left.begin(), left.end(), by_pid);
    left.erase(std::unique(left.begin(), left.end(), same), left.end());
    return left;
}

}  // namespace

std::vector<ProcessEntry> find_left(std::span<const GroupLeader> leaders, const JobMark& mark) {
    return find_left_in(list_processes(), leaders, mark);
}

EndingResult end_left(std::span<const GroupLeader> leaders, const JobMark& mark,
                      const EndingOptions& options) {
    return Ending(leaders, mark, options).run();
}

}  // namespace periodic
