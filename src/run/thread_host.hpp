#pragma once

/// @file
/// Attempts on threads of the executor's own process.

#include <memory>
#include <optional>
#include <vector>

#include "base/process_record.hpp"
#include "run/attempt_host.hpp"
#include "run/attempt_pool.hpp"
#include "run/job_runner.hpp"
#include "run/live_records.hpp"
#include "run/workplace.hpp"

namespace periodic {

/// A pool of threads beside the store, one for each slot.
class ThreadHost final : public AttemptHost {
public:
    explicit ThreadHost(const HostParts& parts);

    void prepare() override;
    void look(Time now) override;
    [[nodiscard]] std::optional<Time> next_look(Time now) override;
    [[nodiscard]] std::vector<FreeSlots> free_slots() override;
    void start(const std::vector<Job>& claimed, Time now) override;
    [[nodiscard]] std::vector<RunningAttempt>& running() noexcept override {
        return pool_.running();
    }
    [[nodiscard]] RunningAttempt* find(JobId id) noexcept override { return pool_.find(id); }
    [[nodiscard]] std::vector<LiveUpdate> take_updates() override;
    [[nodiscard]] std::vector<EndedAttempt> take_ended() override;
    bool append(const AppendRequest& request, Time now) override;
    [[nodiscard]] WorkersStatus status() override;
    Result<void> replace_workers() override;
    [[nodiscard]] bool is_here() const noexcept override { return true; }
    void finish() override;

private:
    HostParts parts_;
    LocalWorkplace place_;
    LiveRecords live_;
    std::vector<LiveUpdate> last_words_;  // of those that have ended
    PoolStatus pool_status_{.topic = "default"};
    Time last_{};                             // when something ended
    std::unique_ptr<ProcessRecord> records_;  // made by prepare(), as the runner
    std::unique_ptr<JobRunner> runner_;
    AttemptPool pool_;  // last: its threads use the rest
};

/// When an attempt of a task that begins now must end; nullopt: never, or its task can't run.
[[nodiscard]] std::optional<Time> deadline_of(const Result<std::shared_ptr<const Task>>& task,
                                              Time now);

/// How long the log of an attempt of a task may be.
[[nodiscard]] std::uint64_t log_limit_of(const Result<std::shared_ptr<const Task>>& task);

}  // namespace periodic
