#include "base/this_machine.hpp"

#include <array>
#include <charconv>
#include <ctime>
#include <string_view>

#include <fcntl.h>
#include <unistd.h>

namespace periodic {
namespace {

// Files of /proc are short, and have no size to ask for.
std::string read_proc(const char* path) {
    const int descriptor = ::open(path, O_RDONLY | O_CLOEXEC);
    if (descriptor < 0) return {};
    std::array<char, 4096> buffer{};
    const ssize_t size = ::read(descriptor, buffer.data(), buffer.size());
    ::close(descriptor);
    return size > 0 ? std::string(buffer.data(), static_cast<std::size_t>(size)) : std::string();
}

// The fields of a stat line behind the program's name, which may itself hold blanks and brackets.
std::string_view field_after_name(std::string_view stat, int index) {
    const std::size_t name_end = stat.rfind(')');
    if (name_end == std::string_view::npos) return {};
    std::size_t at = name_end + 2;
    for (int i = 0; i < index && at < stat.size(); ++i)
        at = std::min(stat.find(' ', at), stat.size()) + 1;
    if (at >= stat.size()) return {};
    return stat.substr(at, stat.find(' ', at) - at);
}

std::string read_stat(std::int64_t pid) {
    return read_proc(("/proc/" + std::to_string(pid) + "/stat").c_str());
}

std::optional<std::uint64_t> ticks_from(std::string_view stat) {
    constexpr int kStartTime = 19;  // field 22, counted from the state, which is field 3
    const std::string_view text = field_after_name(stat, kStartTime);
    std::uint64_t ticks = 0;
    if (std::from_chars(text.data(), text.data() + text.size(), ticks).ec != std::errc()) {
        return std::nullopt;
    }
    return ticks;
}

// FNV-1a, 64 bits (Fowler, Noll, Vo): stable over processes and versions.
std::uint64_t fnv1a(std::string_view text) {
    std::uint64_t hash = 14695981039346656037U;
    for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211U;
    return hash;
}

}  // namespace

const std::string& this_host() {
    static const std::string host = [] {
        std::array<char, 256> name{};
        if (::gethostname(name.data(), name.size() - 1) != 0 || name[0] == '\0') {
            return std::string("localhost");
        }
        return std::string(name.data());
    }();
    return host;
}

const std::string& this_boot_id() {
    static const std::string boot_id = [] {
        std::string text = read_proc("/proc/sys/kernel/random/boot_id");
        while (!text.empty() && text.back() == '\n') text.pop_back();
        return text;
    }();
    return boot_id;
}

std::optional<std::uint64_t> start_ticks_of(std::int64_t pid) {
    const std::string stat = read_stat(pid);
    const std::string_view state = field_after_name(stat, 0);
    if (state.empty() || state == "Z" || state == "X") return std::nullopt;
    return ticks_from(stat);
}

ProcessIdentity this_process() {
    const auto pid = static_cast<std::int64_t>(::getpid());
    return {.pid = pid, .start_ticks = start_ticks_of(pid).value_or(0), .boot_id = this_boot_id()};
}

bool is_alive(const ProcessIdentity& process) {
    if (process.pid <= 0 || process.boot_id != this_boot_id()) return false;
    const auto ticks = start_ticks_of(process.pid);
    return ticks && *ticks == process.start_ticks;
}

MachineStart this_start(std::chrono::sys_seconds now) {
    const std::uint64_t ticks = ticks_from(read_stat(1)).value_or(0);
    const std::uint64_t hash = fnv1a(this_boot_id() + ' ' + std::to_string(ticks));
    MachineStart start;
    start.identity = static_cast<std::int64_t>(hash == 0 ? 1 : hash);
    // The age of process 1 on the clock that does not jump, subtracted from the one that may.
    timespec boot{};
    ::clock_gettime(CLOCK_BOOTTIME, &boot);
    const auto per_second = static_cast<std::uint64_t>(::sysconf(_SC_CLK_TCK));
    start.time = now - std::chrono::seconds(boot.tv_sec) +
                 std::chrono::seconds(per_second > 0 ? ticks / per_second : 0);
    return start;
}

}  // namespace periodic
