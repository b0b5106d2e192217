#include "cli/stop_signals.hpp"

#include <array>
#include <cerrno>
#include <cstdint>
#include <system_error>

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

namespace periodic::cli {

namespace {

sigset_t signals_to_watch() {
    sigset_t signals;
    sigemptyset(&signals);
    for (const int signal : {SIGINT, SIGTERM, SIGHUP}) {
        struct sigaction action {};
        if (sigaction(signal, nullptr, &action) == 0 && action.sa_handler != SIG_IGN) {
            sigaddset(&signals, signal);
        }
    }
    return signals;
}

// Answers what was blocked before.
sigset_t block(const sigset_t& signals) {
    sigset_t before;
    pthread_sigmask(SIG_BLOCK, &signals, &before);
    return before;
}

}  // namespace

StopSignals::StopSignals()
    : signals_(signals_to_watch()),
      before_(block(signals_)),
      signal_descriptor_(signalfd(-1, &signals_, SFD_CLOEXEC | SFD_NONBLOCK)),
      end_descriptor_(eventfd(0, EFD_CLOEXEC)) {
    if (signal_descriptor_ < 0 || end_descriptor_ < 0) {
        throw std::system_error(errno, std::generic_category(), "signals can't be watched");
    }
    thread_ = std::thread([this] { wait(); });
}

StopSignals::~StopSignals() {
    const std::uint64_t one = 1;
    // An eventfd that counts from zero takes a one.
    if (::write(end_descriptor_, &one, sizeof one) == sizeof one) thread_.join();
    ::close(signal_descriptor_);
    ::close(end_descriptor_);
    pthread_sigmask(SIG_SETMASK, &before_, nullptr);
}

void StopSignals::wait() {
    std::array<pollfd, 2> watched{{{.fd = signal_descriptor_, .events = POLLIN, .revents = 0},
                                   {.fd = end_descriptor_, .events = POLLIN, .revents = 0}}};
    while (true) {
        if (::poll(watched.data(), watched.size(), -1) < 0 && errno != EINTR) return;
        if (watched[1].revents != 0) return;
        signalfd_siginfo info{};
        if (::read(signal_descriptor_, &info, sizeof info) == sizeof info) source_.request_stop();
    }
}

}  // namespace periodic::cli
