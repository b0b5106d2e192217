#pragma once

/// @file
/// A clock that tells when it is waited for.

#include <chrono>
#include <functional>
#include <memory>
#include <stop_token>
#include <utility>

#include "periodic/clock.hpp"

namespace periodic::cli {

/// The system's clock, which calls `told` before its first wait: on the thread that waits. What
/// only matters to who waits costs nothing so where nobody does. Should there be no thread to be
/// had (std::system_error), `told` is called before the next wait again.
class FirstWaitClock final : public Clock {
public:
    /// Throws std::system_error if the kernel gives no timer.
    explicit FirstWaitClock(std::function<void()> told) : told_(std::move(told)) {}

    [[nodiscard]] Time now() const override { return clock_->now(); }
    [[nodiscard]] std::chrono::steady_clock::time_point steady_now() const override {
        return clock_->steady_now();
    }
    Wake wait_until(Time deadline, std::stop_token stop) override;
    void notify() override { clock_->notify(); }

private:
    std::unique_ptr<Clock> clock_ = make_system_clock();
    std::function<void()> told_;
};

}  // namespace periodic::cli
