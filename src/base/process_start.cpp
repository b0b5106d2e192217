#include "base/process_start.hpp"

#include <algorithm>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <memory>
#include <new>
#include <system_error>
#include <utility>
#include <vector>

#include <dirent.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/process_child.hpp"
#include "base/process_environment.hpp"
#include "base/process_pipes.hpp"
#include "base/this_machine.hpp"

namespace periodic {
namespace {

constexpr std::size_t kStackSize = 64U << 10U;

std::string reason_of(int error) {
    return std::generic_category().message(error);
}

// The child's stack until it executes its program.
class ChildStack {
public:
    ChildStack()
        : memory_(::mmap(nullptr, kStackSize, PROT_READ | PROT_WRITE,
                         MAP_PRIVATE | MAP_ANONYMOUS | MAP_STACK, -1, 0)) {
        if (memory_ == MAP_FAILED) throw std::bad_alloc();
    }
    ChildStack(const ChildStack&) = delete;
    ChildStack& operator=(const ChildStack&) = delete;
    ~ChildStack() { ::munmap(memory_, kStackSize); }

    // Stacks grow down on everything that Debian runs on.
    [[nodiscard]] void* top() const noexcept { return static_cast<char*>(memory_) + kStackSize; }

private:
    void* memory_;
};

// No handler of the host may run in the child while it shares our memory. The raw call, because
// libc's leaves out the signals that it uses itself.
class SignalsBlocked {
public:
    SignalsBlocked() noexcept {
        constexpr unsigned long all = ~0UL;
        ::syscall(SYS_rt_sigprocmask, SIG_SETMASK, &all, &before_, sizeof before_);
    }
    SignalsBlocked(const SignalsBlocked&) = delete;
    SignalsBlocked& operator=(const SignalsBlocked&) = delete;
    ~SignalsBlocked() {
        ::syscall(SYS_rt_sigprocmask, SIG_SETMASK, &before_, nullptr, sizeof before_);
    }

private:
    unsigned long before_ = 0;
};

int highest_open_descriptor() {
    DIR* directory = ::opendir("/proc/self/fd");
    if (directory == nullptr) return static_cast<int>(::sysconf(_SC_OPEN_MAX)) - 1;
    int highest = 2;
    while (const dirent* entry = ::readdir(directory))
        highest = std::max(highest, std::atoi(entry->d_name));
    ::closedir(directory);
    return highest;
}

bool has_close_range() {
    static const bool has = ::syscall(SYS_close_range, ~0U, ~0U, 0) == 0;
    return has;
}

Error child_error(const ProcessSpec& spec, const std::string& program, ChildStep step, int error) {
    const std::string cannot = "cannot run " + spec.program + ": ";
    const std::string reason = reason_of(error);
    const auto made = [&](std::string what, std::string hint = {}) {
        return failure(ErrorCode::Io, cannot + what + reason, std::move(hint)).value();
    };
    switch (step) {
        case ChildStep::Groups:
        case ChildStep::UserId:
        case ChildStep::Privileges:
            return made("cannot become the user " + spec.user->name + ": ",
                        "running as another user needs root");
        case ChildStep::Nice:
            return made("cannot set its priority: ");
        case ChildStep::Directory:
            return made("cannot enter the directory " + spec.directory + ": ");
        case ChildStep::Identity:
            return made("its start time is not in /proc: ", "is /proc mounted?");
        case ChildStep::Record:
            return made("cannot put it on record: ");
        case ChildStep::Execute:
            break;
        default:
            return made("");
    }
    if (error == ENOEXEC) return made("", "a script begins with a line like #!/bin/sh");
    if (error != ENOENT) return made("");
    // A relative program starts from its directory, where only the child was.
    const bool exists = program.front() == '/' && ::access(program.c_str(), F_OK) == 0;
    if (exists) return made("its interpreter is missing: ", "look at its first line");
    return failure(ErrorCode::NotFound, "there is no program " + program).value();
}

// Without this a program's exit status would be lost, and its pid be free for others at once.
Result<void> check_child_signal() {
    struct sigaction action {};
    ::sigaction(SIGCHLD, nullptr, &action);
    const bool ignored = (action.sa_flags & SA_SIGINFO) == 0 && action.sa_handler == SIG_IGN;
    if (!ignored && (action.sa_flags & SA_NOCLDWAIT) == 0) return {};
    return failure(ErrorCode::Unsupported, "programs can't be run while SIGCHLD is ignored",
                   "set it to SIG_DFL without SA_NOCLDWAIT");
}

// What the spec says, in the form that the child takes. Points into the spec.
ChildPlan plan_of(const ProcessSpec& spec) {
    ChildPlan plan;
    plan.directory = spec.directory.empty() ? nullptr : spec.directory.c_str();
    plan.nice = spec.nice;
    plan.change_user = spec.user.has_value();
    if (spec.user) {
        plan.uid = spec.user->uid;
        plan.gid = spec.user->gid;
        plan.groups = spec.user->groups.data();
        plan.group_count = spec.user->groups.size();
    }
    plan.may_stay = spec.leave;
    plan.record = spec.record_fd;
    plan.record_offset = spec.record_offset;
    plan.label = spec.record_label.data();
    plan.label_size = spec.record_label.size();
    plan.boot_id = this_boot_id().data();
    plan.boot_id_size = std::min<std::size_t>(this_boot_id().size(), 36);
    if (!has_close_range()) plan.highest_descriptor = highest_open_descriptor();
    return plan;
}

}  // namespace

DumpableGuard::Hold::Hold(DumpableGuard& guard) : guard_(guard) {
    const std::lock_guard lock(guard_.mutex_);
    if (guard_.holds_++ == 0) guard_.before_ = ::prctl(PR_GET_DUMPABLE);
}

DumpableGuard::Hold::~Hold() {
    const std::lock_guard lock(guard_.mutex_);
    if (--guard_.holds_ == 0 && guard_.before_ == 1) ::prctl(PR_SET_DUMPABLE, 1);
}

Result<StartedChild> ChildStarter::start(const ProcessSpec& spec, const ChildStreams& streams,
                                         std::atomic<std::int64_t>& pid) {
    if (auto checked = check_child_signal(); !checked) return Failure(checked.error());
    const auto program = find_program(spec);
    if (!program) return Failure(program.error());
    std::vector<std::string> words{spec.program};
    words.insert(words.end(), spec.arguments.begin(), spec.arguments.end());
    const StringArray arguments(std::move(words));
    const StringArray environment(environment_block(spec));
    ChildPlan plan = plan_of(spec);
    plan.program = program->c_str();
    plan.arguments = arguments.data();
    plan.environment = environment.data();
    plan.input = streams.input;
    plan.output = streams.output;
    plan.errors = streams.errors;
    plan.pid = &pid;

    int handle = -1;
    int child = -1;
    int error = 0;
    {
        const ChildStack stack;
        const auto hold = spec.user ? std::make_unique<DumpableGuard::Hold>(dumpable_) : nullptr;
        const SignalsBlocked blocked;
        child = ::clone(&run_child, stack.top(), CLONE_VM | CLONE_VFORK | CLONE_PIDFD | SIGCHLD,
                        &plan, &handle);
        error = errno;
    }
    if (child < 0) return system_failure("cannot run " + spec.program, error);
    Descriptor owned(handle);
    if (plan.failed != ChildStep::None) {
        while (::waitid(P_PIDFD, static_cast<id_t>(handle), nullptr, WEXITED) != 0 &&
               errno == EINTR) {
        }
        return Failure(child_error(spec, *program, plan.failed, plan.error));
    }
    return StartedChild{{.pid = child, .start_ticks = plan.start_ticks, .boot_id = this_boot_id()},
                        std::move(owned)};
}

}  // namespace periodic
