#pragma once

/// @file
/// Attempts that do nothing, until a test says that they end.

#include <optional>
#include <utility>
#include <vector>

#include "run/attempt_host.hpp"
#include "run/settle.hpp"

namespace periodic::testing {

/// Keeps what was started; a derived one says in `look` what ends. Used by one thread.
class HostInMemory : public AttemptHost {
public:
    explicit HostInMemory(const HostParts& parts) : parts_(parts) {}

    void prepare() override {}
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

protected:
    [[nodiscard]] const HostParts& parts() const noexcept { return parts_; }

    [[nodiscard]] std::vector<FreeSlots> slots(std::size_t free) const {
        return {{.workers = std::vector<std::int64_t>(free, parts_.owner.process.pid)}};
    }

    RunningAttempt& begin(const Job& job, Time now) {
        RunningAttempt attempt;
        attempt.task = parts_.core.tasks().find(job.task);
        attempt.control = std::make_shared<AttemptControl>(std::nullopt);
        attempt.job = job;
        attempt.job.started = now;
        return running_.emplace_back(std::move(attempt));
    }

    /// The attempt at a place of `running` has ended: as it was asked to, or as `result` says.
    void end(std::size_t at, AttemptResult result, Time now) {
        RunningAttempt attempt = std::move(running_[at]);
        running_.erase(running_.begin() + static_cast<std::ptrdiff_t>(at));
        AttemptEnd end{.job = attempt.job, .result = result};
        end.begun = true;
        end.finished = now;
        if (const Reason asked = attempt.control->asked(); asked != Reason::None) {
            end.result = AttemptResult::Stopped;
            end.reason = asked;
            end.by = attempt.control->by();
            end.shutdown = attempt.control->is_shutdown();
        } else if (result == AttemptResult::Failed) {
            end.reason = Reason::Exit;
        }
        const Task* task = attempt.task ? attempt.task->get() : nullptr;
        Settlement settlement = settle(end, task, 0.5);
        ended_.push_back({std::move(attempt), std::move(settlement)});
    }

private:
    HostParts parts_;
    std::vector<RunningAttempt> running_;
    std::vector<EndedAttempt> ended_;
};

}  // namespace periodic::testing
