#include "base/process.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <utility>

#include <poll.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/this_machine.hpp"

namespace periodic {
namespace {

using std::chrono::milliseconds;

// A pidfd's whole process group, by the kernel's own reference to it: since Linux 6.9.
constexpr unsigned kSignalProcessGroup = 1U << 2U;

Process::Exit exit_of(const siginfo_t& info) noexcept {
    if (info.si_code == CLD_EXITED) return {.code = info.si_status, .signalled = false};
    return {.code = 128 + info.si_status, .signalled = true};
}

}  // namespace

LaunchedProcess::LaunchedProcess(StartedChild child, OutputPipes pipes, Descriptor wake,
                                 std::shared_ptr<ProcessFamily> family) noexcept
    : child_(std::move(child)),
      pipes_(std::move(pipes)),
      wake_(std::move(wake)),
      family_(std::move(family)) {}

LaunchedProcess::~LaunchedProcess() {
    if (!exit_) {
        signal_group(SIGKILL);
        reap(true);
    } else if (!released_) {
        signal_group(SIGKILL);
    }
    family_->remove(child_.identity);
}

void LaunchedProcess::wake() noexcept {
    set_wake(wake_);
}

Process::Event LaunchedProcess::wait_for(milliseconds timeout, const OutputPipes::Sink& sink) {
    const Patience patience(timeout);
    for (;;) {
        const auto [output, errors] = pipes_.watched();
        std::array<pollfd, 4> watched{pollfd{wake_.get(), POLLIN, 0}, output, errors,
                                      pollfd{exit_ ? -1 : handle(), POLLIN, 0}};
        if (!patience.poll(watched)) continue;
        const bool has_output = pipes_.read_some(sink);
        if (watched[3].revents != 0) {
            reap(false);
            pipes_.drain(sink);
            if (exit_) return Event::Exited;
        }
        if (has_output) return Event::Output;
        if (take_wake(wake_) || patience.is_over()) return Event::Nothing;
    }
}

void LaunchedProcess::reap(bool blocking) {
    siginfo_t info{};
    int result = 0;
    do {
        result = ::waitid(P_PIDFD, static_cast<id_t>(child_.handle.get()), &info,
                          WEXITED | (blocking ? 0 : WNOHANG));
    } while (result != 0 && errno == EINTR);
    if (result == 0 && info.si_pid != 0) exit_ = exit_of(info);
    // Somebody else in this process waited for it: how it ended is lost.
    if (result != 0) exit_ = Exit{.code = 128 + SIGKILL, .signalled = true};
    if (exit_) family_->set_exited(child_.identity);
}

int LaunchedProcess::send_to_group(int signal) noexcept {
    if (group_gone_) return ESRCH;
    const auto group = static_cast<pid_t>(child_.identity.pid);
    long result = 0;
    if (!exit_) {
        result = ::kill(-group, signal);  // not reaped yet: the number is its own
    } else {
        result = ::syscall(SYS_pidfd_send_signal, child_.handle.get(), signal, nullptr,
                           kSignalProcessGroup);
        if (result != 0 && errno == EINVAL) {
            // An older kernel. A number is not given away while a group has it, so that a process
            // of that number is a stranger.
            const bool stranger = start_ticks_of(group).has_value();
            result = stranger ? -1 : ::kill(-group, signal);
            if (stranger) errno = ESRCH;
        }
    }
    const int error = result == 0 ? 0 : errno;
    if (error == ESRCH && exit_) group_gone_ = true;
    return error;
}

void LaunchedProcess::signal_group(int signal) noexcept {
    (void)send_to_group(signal);
}

bool LaunchedProcess::has_survivors() {
    if (!exit_) return true;
    // Cheap where nothing is left, as in nearly all cases.
    if (send_to_group(0) != ESRCH && family_->group_lives(child_.identity.pid)) return true;
    return !family_->fled(child_.identity).empty();
}

void LaunchedProcess::signal_all(int signal) {
    // Looked for first: who is ended can't be told by its parents any more.
    const auto fled = family_->fled(child_.identity);
    signal_group(signal);
    for (const ProcessEntry& process : fled) signal_process(process, signal);
}

}  // namespace periodic
