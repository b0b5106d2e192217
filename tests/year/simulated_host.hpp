#pragma once

/// @file
/// Attempts that take simulated time and do nothing.

#include <chrono>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "run/attempt_host.hpp"
#include "run/settle.hpp"

namespace periodic::testing {

/// A job takes as many seconds as its parameter `takes` says, on the clock that never jumps, and
/// fails if it has a parameter `fails`. Used by one thread.
class SimulatedHost final : public AttemptHost {
public:
    SimulatedHost(const HostParts& parts, int slots) : parts_(parts), slots_(slots) {}

    void prepare() override {}

    void look(Time now) override {
        const auto steady = parts_.core.clock().steady_now();
        for (std::size_t i = 0; i < running_.size();) {
            if (ends_[i] > steady && running_[i].control->asked() == Reason::None) {
                ++i;
                continue;
            }
            ended_.push_back(end_of(std::move(running_[i]), now));
            running_.erase(running_.begin() + static_cast<std::ptrdiff_t>(i));
            ends_.erase(ends_.begin() + static_cast<std::ptrdiff_t>(i));
        }
    }

    [[nodiscard]] std::optional<Time> next_look(Time now) override {
        std::optional<Time> next;
        const auto steady = parts_.core.clock().steady_now();
        for (const auto end : ends_) {
            const Time at = now + std::chrono::ceil<std::chrono::milliseconds>(end - steady);
            if (!next || at < *next) next = at;
        }
        return next;
    }

    [[nodiscard]] std::vector<FreeSlots> free_slots() override {
        const auto free = static_cast<std::size_t>(slots_) - running_.size();
        return {{.workers = std::vector<std::int64_t>(free, parts_.owner.process.pid)}};
    }

    void start(const std::vector<Job>& claimed, Time now) override {
        for (const Job& job : claimed) {
            RunningAttempt attempt;
            attempt.task = parts_.core.tasks().find(job.task);
            attempt.control = std::make_shared<AttemptControl>(std::nullopt);
            attempt.job = job;
            attempt.job.started = now;
            const auto takes = job.parameters.find("takes");
            const int seconds = takes == job.parameters.end() ? 0 : std::stoi(takes->second.text);
            ends_.push_back(parts_.core.clock().steady_now() + std::chrono::seconds(seconds));
            running_.push_back(std::move(attempt));
        }
    }

    [[nodiscard]] std::vector<RunningAttempt>& running() noexcept override { return running_; }

    [[nodiscard]] RunningAttempt* find(JobId id) noexcept override {
        for (RunningAttempt& attempt : running_)
            if (attempt.job.id == id) return &attempt;
        return nullptr;
    }

    [[nodiscard]] std::vector<LiveUpdate> take_updates() override { return {}; }
    [[nodiscard]] std::vector<EndedAttempt> take_ended() override {
        return std::exchange(ended_, {});
    }
    bool append(const AppendRequest& /*request*/, Time /*now*/) override { return false; }
    [[nodiscard]] WorkersStatus status() override { return {}; }
    Result<void> replace_workers() override { return {}; }
    void finish() override {}

private:
    [[nodiscard]] static EndedAttempt end_of(RunningAttempt attempt, Time now) {
        AttemptEnd end{.job = attempt.job, .result = AttemptResult::Succeeded};
        end.begun = true;
        end.finished = now;
        if (const Reason asked = attempt.control->asked(); asked != Reason::None) {
            end.result = AttemptResult::Stopped;
            end.reason = asked;
            end.by = attempt.control->by();
            end.shutdown = attempt.control->is_shutdown();
        } else if (attempt.job.parameters.contains("fails")) {
            end.result = AttemptResult::Failed;
            end.reason = Reason::Exit;
        }
        const Task* task = attempt.task ? attempt.task->get() : nullptr;
        Settlement settlement = settle(end, task, 0.5);
        return {.attempt = std::move(attempt), .settlement = std::move(settlement)};
    }

    HostParts parts_;
    int slots_;
    std::vector<RunningAttempt> running_;
    std::vector<std::chrono::steady_clock::time_point> ends_;  ///< of each that runs
    std::vector<EndedAttempt> ended_;
};

}  // namespace periodic::testing
