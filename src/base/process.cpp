#include "base/process.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <system_error>

#include <poll.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/this_machine.hpp"

namespace periodic {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

// A pidfd's whole process group, by the kernel's own reference to it: since Linux 6.9.
constexpr unsigned kSignalProcessGroup = 1U << 2U;

constexpr std::size_t kReadSize = 64U << 10U;

// What is read after the exit, at most, before the exit is told: more than pipes hold. What
// somebody else still writes comes with the next wait.
constexpr std::size_t kDrainSize = 2U << 20U;

int remaining(steady_clock::time_point until) {
    const auto left = std::chrono::ceil<milliseconds>(until - steady_clock::now()).count();
    return static_cast<int>(std::clamp<milliseconds::rep>(left, 0, 86'400'000));
}

Process::Exit exit_of(const siginfo_t& info) noexcept {
    if (info.si_code == CLD_EXITED) return {.code = info.si_status, .signalled = false};
    return {.code = 128 + info.si_status, .signalled = true};
}

}  // namespace

LaunchedProcess::LaunchedProcess(StartedChild child, std::shared_ptr<ProcessFamily> family) noexcept
    : child_(std::move(child)), family_(std::move(family)) {}

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
    const std::uint64_t one = 1;
    [[maybe_unused]] const auto written = ::write(child_.wake.get(), &one, sizeof one);
}

Process::Event LaunchedProcess::wait_for(milliseconds timeout, const Sink& sink) {
    const auto until = steady_clock::now() + timeout;
    for (;;) {
        // poll() leaves negative descriptors out: a closed pipe, a reaped child.
        std::array<pollfd, 4> watched{pollfd{child_.wake.get(), POLLIN, 0},
                                      pollfd{child_.output.get(), POLLIN, 0},
                                      pollfd{child_.errors.get(), POLLIN, 0},
                                      pollfd{exit_ ? -1 : child_.handle.get(), POLLIN, 0}};
        const int ready = ::poll(watched.data(), watched.size(), remaining(until));
        if (ready < 0 && errno != EINTR)
            throw std::system_error(errno, std::generic_category(), "poll");
        if (ready < 0) continue;
        bool output = false;
        if (watched[1].revents != 0) output |= read_some(child_.output, Stream::Out, sink);
        if (watched[2].revents != 0) output |= read_some(child_.errors, Stream::Err, sink);
        if (watched[3].revents != 0) {
            reap(false);
            drain(sink);
            if (exit_) return Event::Exited;
        }
        if (output) return Event::Output;
        std::uint64_t woken = 0;
        if (watched[0].revents != 0 &&
            ::read(child_.wake.get(), &woken, sizeof woken) == sizeof woken)
            return Event::Nothing;
        if (steady_clock::now() >= until) return Event::Nothing;
    }
}

bool LaunchedProcess::read_some(Descriptor& pipe, Stream stream, const Sink& sink) {
    if (!pipe) return false;
    std::array<char, kReadSize> buffer;  // NOLINT(*-member-init): 64 KiB that read() fills
    const ssize_t size = ::read(pipe.get(), buffer.data(), buffer.size());
    if (size > 0) {
        sink(stream, {buffer.data(), static_cast<std::size_t>(size)});
        return true;
    }
    if (size == 0 || (errno != EAGAIN && errno != EINTR)) pipe.reset();
    return false;
}

void LaunchedProcess::drain(const Sink& sink) {
    for (std::size_t read = 0; read < kDrainSize; read += kReadSize) {
        const bool output = read_some(child_.output, Stream::Out, sink);
        const bool errors = read_some(child_.errors, Stream::Err, sink);
        if (!output && !errors) return;
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
