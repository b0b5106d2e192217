#pragma once

/// @file
/// SIGINT, SIGTERM and SIGHUP as a request to stop.

#include <csignal>
#include <stop_token>
#include <thread>

namespace periodic::cli {

/// From construction to destruction, the signals that ask a program to end set a stop token
/// instead. Made before any other thread is, so that all of them leave these signals to it; one at
/// a time. A signal that was ignored when the program began (nohup, a shell's background) stays so.
class StopSignals {
public:
    /// Throws std::system_error if the system gives no descriptor.
    StopSignals();
    StopSignals(const StopSignals&) = delete;
    StopSignals& operator=(const StopSignals&) = delete;
    ~StopSignals();

    [[nodiscard]] std::stop_token token() const noexcept { return source_.get_token(); }

private:
    void wait();

    std::stop_source source_{};
    sigset_t signals_;
    sigset_t before_;
    int signal_descriptor_;
    int end_descriptor_;
    std::thread thread_{};
};

}  // namespace periodic::cli
