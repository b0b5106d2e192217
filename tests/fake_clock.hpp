#pragma once

/// @file
/// A clock that a test steps. No test that uses it sleeps.

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <iterator>
#include <mutex>
#include <set>
#include <stop_token>

#include "periodic/clock.hpp"

namespace periodic {

/// Time stands still until the test moves it. Any number of threads may wait.
///
///     FakeClock clock(Time{...});
///     std::jthread loop([&](std::stop_token stop) { daemon.run(stop); });
///     clock.advance(60s);  // once the loop is asleep
///     clock.settle();      // returns when it has reacted and sleeps again
class FakeClock final : public Clock {
public:
    explicit FakeClock(Time start = Time{std::chrono::sys_days{std::chrono::year{2026} / 1 / 1}})
        : now_(start) {}

    [[nodiscard]] Time now() const override {
        const std::lock_guard lock(mutex_);
        return now_;
    }

    [[nodiscard]] std::chrono::steady_clock::time_point steady_now() const override {
        const std::lock_guard lock(mutex_);
        return steady_;
    }

    Wake wait_until(Time deadline, std::stop_token stop) override {
        std::unique_lock lock(mutex_);
        const auto was_set = sets_;
        const auto self = sleepers_.insert(deadline);
        changed_.notify_all();
        changed_.wait(lock, stop,
                      [&] { return now_ >= deadline || notified_ || sets_ != was_set; });
        sleepers_.erase(self);
        if (stop.stop_requested()) return Wake::Stopped;
        if (now_ >= deadline) return Wake::Deadline;
        notified_ = false;
        return Wake::Notified;
    }

    void notify() override {
        {
            const std::lock_guard lock(mutex_);
            notified_ = true;
        }
        changed_.notify_all();
    }

    /// Lets time pass once `sleepers` threads wait for an instant to come. With 0 it passes at
    /// once.
    void advance(std::chrono::milliseconds by, std::size_t sleepers = 1) {
        {
            std::unique_lock lock(mutex_);
            await(lock, sleepers);
            now_ += by;
            steady_ += by;
        }
        changed_.notify_all();
    }

    /// Sets the wall clock, either way, as a person or NTP does: waits end with Notified.
    void set(Time time) {
        {
            const std::lock_guard lock(mutex_);
            now_ = time;
            ++sets_;
        }
        changed_.notify_all();
    }

    /// Returns once `sleepers` threads have finished reacting and wait again.
    void settle(std::size_t sleepers = 1) {
        std::unique_lock lock(mutex_);
        await(lock, sleepers);
    }

private:
    void await(std::unique_lock<std::mutex>& lock, std::size_t sleepers) {
        changed_.wait(lock, [&] {
            const auto asleep = std::distance(sleepers_.upper_bound(now_), sleepers_.end());
            return static_cast<std::size_t>(asleep) >= sleepers && (sleepers == 0 || !notified_);
        });
    }

    mutable std::mutex mutex_;
    std::condition_variable_any changed_;
    std::multiset<Time> sleepers_;
    Time now_;
    std::chrono::steady_clock::time_point steady_{};
    bool notified_ = false;
    unsigned sets_ = 0;
};

}  // namespace periodic
