#include "cli/signal_watch.hpp"

#include <array>
#include <cerrno>
#include <cstdint>
#include <system_error>
#include <utility>

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/signalfd.h>
#include <unistd.h>

namespace periodic::cli {
namespace {

sigset_t set_of(const std::vector<int>& signals) {
    sigset_t set;
    sigemptyset(&set);
    for (const int signal : signals) sigaddset(&set, signal);
    return set;
}

// Answers what was blocked before.
sigset_t block(const sigset_t& signals) {
    sigset_t before;
    pthread_sigmask(SIG_BLOCK, &signals, &before);
    return before;
}

}  // namespace

SignalWatch::SignalWatch(const std::vector<int>& signals, std::function<void(int)> on_signal)
    : on_signal_(std::move(on_signal)),
      signals_(set_of(signals)),
      before_(block(signals_)),
      signal_descriptor_(signalfd(-1, &signals_, SFD_CLOEXEC | SFD_NONBLOCK)),
      end_descriptor_(eventfd(0, EFD_CLOEXEC)) {
    if (signal_descriptor_ < 0 || end_descriptor_ < 0) {
        throw std::system_error(errno, std::generic_category(), "signals can't be watched");
    }
}

void SignalWatch::start() {
    if (!thread_.joinable()) thread_ = std::thread([this] { wait(); });
}

SignalWatch::~SignalWatch() {
    const std::uint64_t one = 1;
    // An eventfd that counts from zero takes a one.
    if (thread_.joinable() && ::write(end_descriptor_, &one, sizeof one) == sizeof one)
        thread_.join();
    ::close(signal_descriptor_);
    ::close(end_descriptor_);
    pthread_sigmask(SIG_SETMASK, &before_, nullptr);
}

void SignalWatch::wait() {
    std::array<pollfd, 2> watched{{{.fd = signal_descriptor_, .events = POLLIN, .revents = 0},
                                   {.fd = end_descriptor_, .events = POLLIN, .revents = 0}}};
    while (true) {
        if (::poll(watched.data(), watched.size(), -1) < 0 && errno != EINTR) return;
        if (watched[1].revents != 0) return;
        signalfd_siginfo info{};
        if (::read(signal_descriptor_, &info, sizeof info) == sizeof info)
            on_signal_(static_cast<int>(info.ssi_signo));
    }
}

bool is_ignored(int signal) noexcept {
    struct sigaction action {};
    return sigaction(signal, nullptr, &action) == 0 && action.sa_handler == SIG_IGN;
}

}  // namespace periodic::cli
