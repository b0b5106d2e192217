#include "base/process_table.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <memory>
#include <string_view>
#include <unordered_set>

#include <dirent.h>
#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/descriptor.hpp"
#include "base/process_origin.hpp"

namespace periodic {
namespace {

using Directory = std::unique_ptr<DIR, int (*)(DIR*)>;

Directory open_directory(const char* path) {
    return {::opendir(path), &::closedir};
}

std::optional<std::int64_t> number_from(std::string_view word) {
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), number);
    if (error != std::errc() || end != word.data() + word.size()) return std::nullopt;
    return number;
}

// A file of /proc, which has no size to ask for; empty if it can't be read.
std::string read_all(const std::string& path) {
    const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (!file) return {};
    std::string content;
    std::array<char, 4096> buffer;  // NOLINT(*-member-init): read() fills it
    for (;;) {
        const ssize_t size = ::read(file.get(), buffer.data(), buffer.size());
        if (size < 0 && errno == EINTR) continue;
        if (size <= 0) return content;
        content.append(buffer.data(), static_cast<std::size_t>(size));
    }
}

// Fields behind the program's name, which may itself hold blanks and brackets: state (3), parent
// (4), group (5), session (6), ..., start time (22).
std::optional<ProcessEntry> parse_stat(std::int64_t pid, std::string_view stat) {
    const std::size_t name_end = stat.rfind(')');
    if (name_end == std::string_view::npos || name_end + 2 >= stat.size()) return std::nullopt;
    stat.remove_prefix(name_end + 2);
    ProcessEntry entry;
    entry.pid = pid;
    for (int field = 3; field <= 22; ++field) {
        const std::string_view word = stat.substr(0, stat.find(' '));
        stat.remove_prefix(std::min(word.size() + 1, stat.size()));
        if (field == 3 && !word.empty()) entry.state = word.front();
        if (field == 4) entry.parent = number_from(word).value_or(0);
        if (field == 5) entry.group = number_from(word).value_or(0);
        if (field == 6) entry.session = number_from(word).value_or(0);
        if (field == 22)
            entry.start_ticks = static_cast<std::uint64_t>(number_from(word).value_or(0));
    }
    return entry;
}

std::string path_of(std::int64_t pid, std::string_view file) {
    return ("/proc/" + std::to_string(pid) + '/').append(file);
}

void add_children(const std::string& thread, std::vector<std::int64_t>& children) {
    const std::string list = read_all("/proc/self/task/" + thread + "/children");
    std::string_view rest = list;
    while (!rest.empty()) {
        const std::string_view word = rest.substr(0, rest.find(' '));
        rest.remove_prefix(std::min(word.size() + 1, rest.size()));
        if (const auto pid = number_from(word)) children.push_back(*pid);
    }
}

// Whether the first thread has ended and left the process to others, as a host's may.
bool first_thread_has_ended() {
    const std::string own = std::to_string(::getpid());
    const auto thread = parse_stat(::getpid(), read_all("/proc/self/task/" + own + "/stat"));
    return !thread || !thread->is_alive();
}

// In order of their numbers. Who is adopted becomes the first living thread's.
std::vector<std::int64_t> children_of_first_thread() {
    std::vector<std::int64_t> children;
    add_children(std::to_string(::getpid()), children);
    // A thread that has ended has none, so that only then there is more to ask.
    if (children.empty() && first_thread_has_ended()) {
        const Directory threads = open_directory("/proc/self/task");
        while (const dirent* thread = threads ? ::readdir(threads.get()) : nullptr)
            if (thread->d_name[0] != '.') add_children(thread->d_name, children);
    }
    std::sort(children.begin(), children.end());
    return children;
}

// Whether the kernel was built with what lists children.
bool lists_children() {
    static const bool does = ::access("/proc/thread-self/children", R_OK) == 0;
    return does;
}

}  // namespace

std::optional<ProcessEntry> read_process(std::int64_t pid) {
    return parse_stat(pid, read_all(path_of(pid, "stat")));
}

std::vector<ProcessEntry> list_processes() {
    std::vector<ProcessEntry> table;
    const Directory directory = open_directory("/proc");
    if (!directory) return table;
    while (const dirent* entry = ::readdir(directory.get()))
        if (const auto pid = number_from(entry->d_name))
            if (auto process = read_process(*pid)) table.push_back(*process);
    return table;
}

bool is_whole(std::span<const ProcessEntry> table) noexcept {
    return std::any_of(table.begin(), table.end(),
                       [](const ProcessEntry& process) { return process.pid == ::getpid(); });
}

std::vector<std::int64_t> adopted_children() {
    std::vector<std::int64_t> children;
    if (!lists_children()) {
        for (const ProcessEntry& process : list_processes())
            if (process.parent == ::getpid()) children.push_back(process.pid);
        return children;
    }
    // One that exits while the kernel writes the list can hide another, so it must say the same
    // twice; where children come and go all the time, what was ever seen counts.
    constexpr int kLooks = 4;
    std::vector<std::int64_t> before = children_of_first_thread();
    if (before.empty()) return before;
    for (int look = 0; look < kLooks; ++look) {
        children = children_of_first_thread();
        if (children == before) return children;
        before.insert(before.end(), children.begin(), children.end());
        std::sort(before.begin(), before.end());
        before.erase(std::unique(before.begin(), before.end()), before.end());
    }
    return before;
}

std::int64_t resident_bytes_of(std::int64_t pid) {
    const std::string pages = read_all(path_of(pid, "statm"));
    const std::size_t second = pages.find(' ') + 1;  // the first number is all that is mapped
    std::int64_t resident = 0;
    const char* const end = pages.data() + pages.size();
    if (second == 0 || std::from_chars(pages.data() + second, end, resident).ec != std::errc())
        return 0;
    return resident * ::sysconf(_SC_PAGESIZE);
}

std::optional<JobMark> mark_of(std::int64_t pid) {
    const std::string environment = read_all(path_of(pid, "environ"));
    constexpr std::string_view kHome = "PERIODIC_HOME=";
    constexpr std::string_view kJob = "PERIODIC_JOB_ID=";
    JobMark mark;
    std::string_view rest = environment;
    while (!rest.empty()) {
        const std::string_view variable = rest.substr(0, rest.find('\0'));
        rest.remove_prefix(std::min(variable.size() + 1, rest.size()));
        if (variable.starts_with(kHome)) mark.home = variable.substr(kHome.size());
        if (variable.starts_with(kJob)) mark.job = variable.substr(kJob.size());
    }
    if (mark.job.empty()) return std::nullopt;
    return mark;
}

std::optional<ProcessOrigin> origin_of(std::int64_t pid) {
    constexpr std::string_view kName = "Max realtime timeout";
    const std::string limits = read_all(path_of(pid, "limits"));
    const std::size_t at = limits.find(kName);
    if (at == std::string::npos) return std::nullopt;
    std::string_view rest = std::string_view(limits).substr(at + kName.size());
    rest.remove_prefix(std::min(rest.find_first_not_of(' '), rest.size()));
    const auto limit = number_from(rest.substr(0, rest.find(' ')));  // "unlimited" is no number
    return limit && *limit > 0 ? origin_from(static_cast<std::uint64_t>(*limit)) : std::nullopt;
}

std::vector<ProcessEntry> with_descendants(std::span<const ProcessEntry> table,
                                           std::vector<ProcessEntry> roots) {
    std::unordered_set<std::int64_t> known;
    for (const ProcessEntry& root : roots) known.insert(root.pid);
    for (bool grew = true; grew;) {
        grew = false;
        for (const ProcessEntry& process : table) {
            if (!known.contains(process.parent) || !known.insert(process.pid).second) continue;
            roots.push_back(process);
            grew = true;
        }
    }
    return roots;
}

int signal_process(const ProcessEntry& process, int signal) {
    const Descriptor handle(
        static_cast<int>(::syscall(SYS_pidfd_open, static_cast<pid_t>(process.pid), 0)));
    if (!handle) return errno;
    // The handle is of whoever has the pid now: who that is, it can't change any more.
    const auto now = read_process(process.pid);
    if (!now || now->start_ticks != process.start_ticks) return ESRCH;
    return ::syscall(SYS_pidfd_send_signal, handle.get(), signal, nullptr, 0) == 0 ? 0 : errno;
}

}  // namespace periodic
