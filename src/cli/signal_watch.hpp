#pragma once

/// @file
/// Signals as calls of a function on a thread, where anything may be done.

#include <csignal>
#include <functional>
#include <thread>
#include <vector>

namespace periodic::cli {

/// From construction to destruction, the signals that it watches do nothing but call a function:
/// from `start` on, where those that came before are told too. Made before any other thread is, so
/// that all of them leave these signals to it; one at a time. One that came and was not told acts
/// as ever at the end.
class SignalWatch {
public:
    /// Throws std::system_error if the system gives no descriptor.
    SignalWatch(const std::vector<int>& signals, std::function<void(int signal)> on_signal);
    SignalWatch(const SignalWatch&) = delete;
    SignalWatch& operator=(const SignalWatch&) = delete;
    ~SignalWatch();

    /// Makes the thread, unless there is one. Throws std::system_error.
    void start();

private:
    void wait();

    std::function<void(int)> on_signal_;
    sigset_t signals_;
    sigset_t before_;
    int signal_descriptor_;
    int end_descriptor_;
    std::thread thread_{};
};

/// Whether a signal was ignored when the program began: nohup, or a shell's background.
[[nodiscard]] bool is_ignored(int signal) noexcept;

}  // namespace periodic::cli
