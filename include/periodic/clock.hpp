#pragma once

/// @file
/// Time, as a seam: a program has the system's clock, a test one that it steps.

#include <chrono>
#include <cstdint>
#include <memory>
#include <stop_token>

namespace periodic {

/// An instant, UTC, to the millisecond.
using Time = std::chrono::sys_time<std::chrono::milliseconds>;

/// Tells the time and waits for it. Every member may be called from any thread.
class Clock {
public:
    /// Why a wait ended.
    enum class Wake : std::uint8_t {
        Deadline,  ///< the instant has come
        Notified,  ///< `notify()` was called, or the clock was set
        Stopped,   ///< a stop was requested
    };

    Clock() = default;
    Clock(const Clock&) = delete;
    Clock& operator=(const Clock&) = delete;
    virtual ~Clock() = default;

    /// The wall clock. It can jump, both ways.
    [[nodiscard]] virtual Time now() const = 0;

    /// A clock that never jumps, for measuring how long something took.
    [[nodiscard]] virtual std::chrono::steady_clock::time_point steady_now() const = 0;

    /// Waits until the wall clock shows `deadline`, somebody calls `notify()`, the clock is set,
    /// or `stop` is requested; at once if a notification came since the last wait. Uses no CPU
    /// while it waits. One thread waits at a time.
    virtual Wake wait_until(Time deadline, std::stop_token stop) = 0;

    /// Ends the present wait, or the next one if nobody waits. Never blocks.
    virtual void notify() = 0;
};

/// The system's clock. Throws std::system_error if the kernel gives no timer.
[[nodiscard]] std::unique_ptr<Clock> make_system_clock();

}  // namespace periodic
