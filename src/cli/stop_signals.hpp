#pragma once

/// @file
/// SIGINT, SIGTERM and SIGHUP as a request to stop.

#include <stop_token>

#include "cli/signal_watch.hpp"

namespace periodic::cli {

/// From construction to destruction, the signals that ask a program to end set a stop token
/// instead, and the second one another, from `start` on: one that came before does so then. Made
/// before any other thread is; one at a time. A signal that was ignored when the program began
/// stays so.
class StopSignals {
public:
    /// Throws std::system_error if the system gives no descriptor.
    StopSignals();

    /// Begins to listen, which takes a thread. Throws std::system_error.
    void start() { watch_.start(); }

    [[nodiscard]] std::stop_token token() const noexcept { return source_.get_token(); }
    /// Of the second signal.
    [[nodiscard]] std::stop_token hurry() const noexcept { return hurry_.get_token(); }

private:
    std::stop_source source_{};
    std::stop_source hurry_{};
    SignalWatch watch_;
};

}  // namespace periodic::cli
