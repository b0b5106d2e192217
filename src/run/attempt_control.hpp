#pragma once

/// @file
/// How a running attempt is asked to end: at its deadline, by a stop, by a kill.

#include <chrono>
#include <functional>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <utility>

#include "periodic/clock.hpp"
#include "periodic/job.hpp"

namespace periodic {

/// Shared by the executor, which asks, and the attempt, which obeys. May be used from any thread.
///
/// An attempt has two stages: its commands, and after a timeout or a stop those that clean up, for
/// which the token is fresh and the deadline short.
class AttemptControl {
public:
    /// Told of a stop or a kill that is asked for, where another process is to obey; on the thread
    /// of who asks.
    using Forward = std::function<void(Reason what, const std::string& by, bool shutdown)>;

    explicit AttemptControl(std::optional<Time> deadline, Forward forward = {})
        : deadline_(deadline), forward_(std::move(forward)) {}

    /// Asks the attempt to end, because of Timeout, Stopped or Killed. What is stronger (in this
    /// order) replaces what was asked before; the rest changes nothing.
    void ask(Reason what, std::string by) { ask(what, std::move(by), false); }

    /// Asks the attempt to end because of Timeout if it is past its deadline, or so near to it.
    void ask_when_due(const Clock& clock, std::chrono::milliseconds near = {}) {
        std::stop_source source;
        {
            // One that begins to clean up meanwhile has another deadline.
            const std::lock_guard guard(mutex_);
            const auto due = due_on(clock);
            if (!due || *due > clock.steady_now() + near) return;
            if (asked_ == Reason::None) {
                asked_ = Reason::Timeout;
                by_ = "deadline";
            } else if (!cleaning_) {
                return;  // what was asked before is as strong
            }
            source = source_;
        }
        source.request_stop();
    }

    /// Asks the attempt to end, because of Stopped or Killed, as its executor does: nobody wanted
    /// this job to stop, so that it may go back to the queue.
    void ask_for_shutdown(std::string by, Reason what = Reason::Stopped) {
        ask(what, std::move(by), true);
    }

    /// Whether only the executor's end asked for the attempt's.
    [[nodiscard]] bool is_shutdown() const {
        const std::lock_guard guard(mutex_);
        return shutdown_;
    }

    [[nodiscard]] Reason asked() const {
        const std::lock_guard guard(mutex_);
        return asked_;
    }

    [[nodiscard]] std::string by() const {
        const std::lock_guard guard(mutex_);
        return by_;
    }

    [[nodiscard]] std::stop_token token() const {
        const std::lock_guard guard(mutex_);
        return source_.get_token();
    }

    /// The deadline is known only now: where another process has read the task.
    void set_deadline(std::optional<Time> deadline) {
        const std::lock_guard guard(mutex_);
        deadline_ = deadline;
        due_.reset();
    }

    [[nodiscard]] std::optional<Time> deadline() const {
        const std::lock_guard guard(mutex_);
        return deadline_;
    }

    /// The deadline as the wall clock shows it now. That may have been set since: then the attempt
    /// has as much time as before.
    [[nodiscard]] std::optional<Time> deadline(const Clock& clock) {
        const std::lock_guard guard(mutex_);
        const auto due = due_on(clock);
        if (!due) return std::nullopt;
        using std::chrono::milliseconds;
        return clock.now() + std::chrono::ceil<milliseconds>(*due - clock.steady_now());
    }

    /// Begins the stage that cleans up: a fresh token and deadline. After a kill there is none.
    bool begin_cleanup(Time deadline) {
        const std::lock_guard guard(mutex_);
        if (asked_ == Reason::Killed) return false;
        if (std::exchange(cleaning_, true)) return true;
        source_ = std::stop_source();
        deadline_ = deadline;
        due_.reset();
        return true;
    }

    [[nodiscard]] bool is_cleaning() const {
        const std::lock_guard guard(mutex_);
        return cleaning_;
    }

private:
    using Instant = std::chrono::steady_clock::time_point;

    void ask(Reason what, std::string by, bool shutdown) {
        std::stop_source source;
        bool is_new = false;
        {
            const std::lock_guard guard(mutex_);
            if (strength(what) <= strength(asked_) && !(cleaning_ && what == Reason::Timeout))
                return;
            if (strength(what) > strength(asked_)) {
                // What a person has asked for stays a person's wish.
                shutdown_ = shutdown && (shutdown_ || strength(asked_) < strength(Reason::Stopped));
                shutdown = shutdown_;
                asked_ = what;
                by_ = by;
                is_new = true;
            }
            if (!cleaning_ || what != Reason::Stopped) source = source_;  // it is ending already
        }
        if (is_new && forward_ && what != Reason::Timeout) forward_(what, by, shutdown);
        source.request_stop();
    }

    // The deadline on the clock that can't be set, from the first look at it on. mutex_ is held.
    std::optional<Instant> due_on(const Clock& clock) {
        if (deadline_ && !due_) due_ = clock.steady_now() + (*deadline_ - clock.now());
        return due_;
    }

    static int strength(Reason reason) noexcept {
        switch (reason) {
            case Reason::Timeout:
                return 1;
            case Reason::Stopped:
                return 2;
            case Reason::Killed:
                return 3;
            default:
                return 0;
        }
    }

    mutable std::mutex mutex_;
    std::stop_source source_;
    std::optional<Time> deadline_;
    std::optional<Instant> due_;  // the same
    const Forward forward_;
    Reason asked_ = Reason::None;
    std::string by_;
    bool cleaning_ = false;
    bool shutdown_ = false;
};

}  // namespace periodic
