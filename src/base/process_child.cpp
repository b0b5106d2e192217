#include "base/process_child.hpp"

#include <cerrno>
#include <csignal>
#include <cstring>
#include <ctime>

#include <fcntl.h>
#include <linux/capability.h>
#include <linux/close_range.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/process_origin.hpp"

namespace periodic {
namespace {

// The kernel's own view of a signal's handling; libc's functions keep locks and a table.
struct KernelAction {
    void* handler;
    unsigned long flags;
    void* restorer;
    unsigned long mask;
};
constexpr int kSignals = 64;
constexpr std::size_t kSignalSetSize = 8;

void reset_signals() {
    constexpr KernelAction standard{};  // SIG_DFL is 0
    for (int signal = 1; signal <= kSignals; ++signal)
        ::syscall(SYS_rt_sigaction, signal, &standard, nullptr, kSignalSetSize);
}

void unblock_signals() {
    constexpr unsigned long none = 0;
    ::syscall(SYS_rt_sigprocmask, SIG_SETMASK, &none, nullptr, kSignalSetSize);
}

bool fail(ChildPlan& plan, ChildStep step, int error) {
    plan.failed = step;
    plan.error = error;
    return false;
}

bool check(ChildPlan& plan, ChildStep step, long result) {
    return result >= 0 || fail(plan, step, errno);
}

bool place_streams(ChildPlan& plan) {
    // dup3() clears close-on-exec on the copy.
    return check(plan, ChildStep::Streams, ::syscall(SYS_dup3, plan.input, 0, 0)) &&
           check(plan, ChildStep::Streams, ::syscall(SYS_dup3, plan.output, 1, 0)) &&
           check(plan, ChildStep::Streams, ::syscall(SYS_dup3, plan.errors, 2, 0));
}

bool lower_priority(ChildPlan& plan) {
    if (plan.nice == 0) return true;
    const long raw = ::syscall(SYS_getpriority, PRIO_PROCESS, 0);  // 20 minus the nice value
    if (raw < 0) return fail(plan, ChildStep::Nice, errno);
    return check(plan, ChildStep::Nice,
                 ::syscall(SYS_setpriority, PRIO_PROCESS, 0, 20 - raw + plan.nice));
}

bool drop_capabilities(ChildPlan& plan) {
    __user_cap_header_struct header{_LINUX_CAPABILITY_VERSION_3, 0};
    __user_cap_data_struct none[_LINUX_CAPABILITY_U32S_3] = {};
    return check(plan, ChildStep::Privileges, ::syscall(SYS_capset, &header, none)) &&
           check(plan, ChildStep::Privileges,
                 ::syscall(SYS_prctl, PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0));
}

// The raw calls change this process alone; libc's would tell every thread of the parent.
bool become_user(ChildPlan& plan) {
    if (!plan.change_user) return true;
    if (plan.uid != 0) {
        // Before the uid goes, as it needs a capability. One that may not be dropped (EPERM) can't
        // be gained either, by PR_SET_NO_NEW_PRIVS; EINVAL ends the list.
        for (int capability = 0; capability < kSignals; ++capability)
            if (::syscall(SYS_prctl, PR_CAPBSET_DROP, capability, 0, 0, 0) != 0) break;
        ::syscall(SYS_prctl, PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
    }
    if (!check(plan, ChildStep::Groups, ::syscall(SYS_setgroups, plan.group_count, plan.groups)))
        return false;
    if (!check(plan, ChildStep::UserId, ::syscall(SYS_setresgid, plan.gid, plan.gid, plan.gid)) ||
        !check(plan, ChildStep::UserId, ::syscall(SYS_setresuid, plan.uid, plan.uid, plan.uid)))
        return false;
    return plan.uid == 0 || drop_capabilities(plan);
}

// Field 22 of /proc/self/stat. The name in field 2 may hold anything, so count from its end.
bool read_start_ticks(ChildPlan& plan) {
    const long file = ::syscall(SYS_openat, AT_FDCWD, "/proc/self/stat", O_RDONLY | O_CLOEXEC);
    if (file < 0) return false;
    char stat[1024];
    const long size = ::syscall(SYS_read, file, stat, sizeof stat);
    ::syscall(SYS_close, file);
    long at = size - 1;
    while (at >= 0 && stat[at] != ')') --at;
    if (at < 0) return false;
    for (int field = 2; field < 22; ++field) {
        while (at < size && stat[at] != ' ') ++at;
        ++at;
    }
    std::uint64_t ticks = 0;
    for (; at < size && stat[at] >= '0' && stat[at] <= '9'; ++at)
        ticks = ticks * 10 + static_cast<std::uint64_t>(stat[at] - '0');
    plan.start_ticks = ticks;
    return true;
}

// Told to all of its descendants. Where a limit stands in the way nothing is told, and the program
// runs all the same.
void tell_origin(const ChildPlan& plan) {
    if (plan.start_ticks == 0) return;
    struct {
        std::uint64_t soft;
        std::uint64_t hard;
    } limits{};
    if (::syscall(SYS_prlimit64, 0, RLIMIT_RTTIME, nullptr, &limits) != 0) return;
    limits.soft = limit_from({plan.pid->load(), plan.start_ticks, plan.may_stay});
    ::syscall(SYS_prlimit64, 0, RLIMIT_RTTIME, &limits, nullptr);
}

struct Line {
    char bytes[kRecordSize];
    std::size_t size = 0;

    void add(const char* text, std::size_t length) {
        for (std::size_t i = 0; i < length && size < kRecordSize - 1; ++i) bytes[size++] = text[i];
    }
    void add(std::uint64_t number) {
        char digits[20];
        std::size_t count = 0;
        do {
            digits[count++] = static_cast<char>('0' + number % 10);
            number /= 10;
        } while (number != 0);
        while (count > 0) add(&digits[--count], 1);
    }
};

bool write_record(ChildPlan& plan) {
    if (plan.record < 0) return true;
    Line line;
    line.add(plan.label, plan.label_size);
    line.add(" ", 1);
    line.add(static_cast<std::uint64_t>(plan.pid->load()));
    line.add(" ", 1);
    line.add(plan.start_ticks);
    line.add(" ", 1);
    line.add(plan.boot_id, plan.boot_id_size);
    line.add(" ", 1);
    line.add(static_cast<std::uint64_t>(::syscall(SYS_getsid, 0)));
    while (line.size < kRecordSize - 1) line.add(" ", 1);
    line.bytes[kRecordSize - 1] = '\n';
    const long written =
        ::syscall(SYS_pwrite64, plan.record, line.bytes, kRecordSize, plan.record_offset);
    if (written == static_cast<long>(kRecordSize)) return true;
    return fail(plan, ChildStep::Record, written < 0 ? errno : ENOSPC);
}

// What a host forgot to mark must not reach the program.
void close_the_rest(const ChildPlan& plan) {
    if (::syscall(SYS_close_range, 3U, ~0U, CLOSE_RANGE_CLOEXEC) == 0) return;
    for (int fd = 3; fd <= plan.highest_descriptor; ++fd)
        ::syscall(SYS_fcntl, fd, F_SETFD, FD_CLOEXEC);
}

// Signals reach it and its children by their group, whose number is its own. Another user's program
// gets a session of its own as well: through /dev/tty it could type into the terminal of ours.
bool lead_group(ChildPlan& plan) {
    const long result = plan.change_user ? ::syscall(SYS_setsid) : ::syscall(SYS_setpgid, 0, 0);
    return check(plan, ChildStep::Group, result);
}

void execute(ChildPlan& plan) {
    // A program that was just written may still be open for writing in a child that another
    // thread is about to start; this passes in no time.
    constexpr int kTries = 20;
    constexpr timespec pause{0, 5'000'000};
    for (int attempt = 0; attempt < kTries; ++attempt) {
        ::syscall(SYS_execve, plan.program, plan.arguments, plan.environment);
        if (errno != ETXTBSY) break;
        ::syscall(SYS_nanosleep, &pause, nullptr);
    }
    fail(plan, ChildStep::Execute, errno);
}

}  // namespace

int run_child(void* argument) {
    constexpr int kFailed = 127;
    ChildPlan& plan = *static_cast<ChildPlan*>(argument);
    plan.pid->store(::syscall(SYS_getpid));
    reset_signals();
    if (!lead_group(plan) || !place_streams(plan) || !lower_priority(plan) || !become_user(plan))
        return kFailed;
    if (plan.directory != nullptr &&
        !check(plan, ChildStep::Directory, ::syscall(SYS_chdir, plan.directory)))
        return kFailed;
    if (!read_start_ticks(plan) && plan.record >= 0) {
        fail(plan, ChildStep::Identity, ENOENT);
        return kFailed;
    }
    if (!write_record(plan)) return kFailed;
    tell_origin(plan);
    close_the_rest(plan);
    unblock_signals();
    execute(plan);
    return kFailed;
}

}  // namespace periodic
