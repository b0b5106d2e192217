#pragma once

/// @file
/// A clock that passes at once, and does what a script says on its way.

#include <algorithm>
#include <atomic>
#include <chrono>
#include <functional>
#include <optional>
#include <stop_token>
#include <utility>

#include "periodic/clock.hpp"

namespace periodic::testing {

/// Who waits is where time passes: up to the deadline, or to the end of the present stretch, where
/// the next event of the script happens. One thread waits and sets it; others only notify.
class ScriptedClock final : public Clock {
public:
    explicit ScriptedClock(Time start) : now_(start) {}

    [[nodiscard]] Time now() const override { return now_; }
    [[nodiscard]] std::chrono::steady_clock::time_point steady_now() const override {
        return std::chrono::steady_clock::time_point(steady_);
    }

    Wake wait_until(Time deadline, std::stop_token stop) override {
        while (true) {
            if (stop.stop_requested()) return Wake::Stopped;
            if (notified_.exchange(false)) return Wake::Notified;
            if (now_ >= deadline) return Wake::Deadline;
            const auto most = deadline - now_;
            pass(left_ ? std::min(most, *left_) : most);
            if (now_ < deadline) at_end_();
        }
    }

    void notify() override { notified_ = true; }

    /// Time that passes for everybody.
    void pass(std::chrono::milliseconds by) {
        now_ += by;
        steady_ += by;
        if (left_) *left_ -= by;
    }

    /// The wall clock is set, or the machine was asleep: whoever waits is woken.
    void leap(std::chrono::milliseconds by) {
        now_ += by;
        notified_ = true;
    }

    /// After so much time, when all has been done that is due until then, `at_end` is called.
    void begin_stretch(std::chrono::milliseconds length, std::function<void()> at_end) {
        left_ = length;
        at_end_ = std::move(at_end);
    }
    /// Time passes without events.
    void end_stretch() { left_.reset(); }

private:
    Time now_;
    std::chrono::milliseconds steady_{0};
    std::optional<std::chrono::milliseconds> left_{};
    std::function<void()> at_end_{};
    std::atomic<bool> notified_ = false;
};

}  // namespace periodic::testing
