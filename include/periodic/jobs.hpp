#pragma once

/// @file
/// Jobs by hand: all that `periodic job` can do, for a host program.

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "periodic/error.hpp"
#include "periodic/job.hpp"
#include "periodic/job_store.hpp"

namespace periodic {

/// How a job is added.
struct JobOptions {
    std::string group{};
    std::string comment{};
    std::string key{};              ///< at most one unfinished job has it
    std::optional<int> priority{};  ///< none: the task's
    std::optional<Time> available{};
    std::optional<std::chrono::seconds> interval{};  ///< between its phases
    Values attributes{};
    bool idle = false;  ///< not to be started before somebody says so
    JobId parent = 0;   ///< the job that adds it; 0: none
    std::string by{};   ///< who adds it, for its events
};

/// A job that was not changed, and why.
struct JobRefusal {
    JobId id = 0;
    std::optional<JobState> state{};  ///< none: there is no such job
    std::string message{};
};

/// What came of a change of several jobs.
struct JobsChanged {
    std::int64_t matched = 0;
    std::int64_t changed = 0;  ///< with a dry run: how many would be
    std::vector<JobId> ids{};  ///< the changed ones, ascending
    std::vector<JobRefusal> refused{};
};

/// How a change is made.
struct ChangeOptions {
    std::string by{};      ///< who wants it, for the jobs' events
    bool dry_run = false;  ///< only say what would change
    /// `prune` says now and then how many it has deleted so far; empty: nobody wants to know.
    std::function<void(std::int64_t)> progress{};
};

class ExecutorCore;

/// The jobs of a home. Belongs to its Executor; may be used from any thread. Every member may throw
/// StorageError. What concerns a running job reaches its executor at once through the control
/// socket, and through the store if that is gone.
class Jobs {
public:
    explicit Jobs(ExecutorCore& core) noexcept : core_(&core) {}

    // Adding.

    /// Adds a job of a task after checking its parameters, and wakes whoever executes. With a key
    /// that an unfinished job has, answers that one. Error: NotFound, Invalid (the task file is
    /// broken) or Usage (a parameter is refused).
    Result<JobId> add(std::string_view task, Values parameters = {},
                      const JobOptions& options = {});

    /// Adds a job for each set of parameters, all in one transaction or, with an error, none;
    /// answers their ids in the same order. Error: as `add`, naming which one.
    Result<std::vector<JobId>> add_all(std::string_view task, std::vector<Values> parameters,
                                       const JobOptions& options = {});

    // Reading.

    [[nodiscard]] std::optional<Job> find(JobId id) const;
    /// The latest job of a task.
    [[nodiscard]] std::optional<Job> latest(std::string_view task) const;
    [[nodiscard]] std::vector<Job> list(const JobFilter& filter) const;
    [[nodiscard]] std::int64_t count(const JobFilter& filter) const;
    /// The jobs that it has added, `newest` with at most `limit` of them.
    [[nodiscard]] JobChildren children(JobId id, int limit = 20) const;
    [[nodiscard]] std::vector<JobAttempt> attempts(JobId id) const;
    [[nodiscard]] std::vector<JobEvent> events(JobId id) const;
    [[nodiscard]] std::vector<LogLine> log(JobId id, std::int64_t after = 0,
                                           int limit = 10'000) const;
    [[nodiscard]] std::string response(JobId id) const;

    /// Waits until the job is final, a stop is requested or `patience` (none: for ever) is over,
    /// and answers it as it is then; none if it was deleted. Somebody must execute meanwhile.
    std::optional<Job> wait(JobId id, std::optional<std::chrono::milliseconds> patience = {},
                            std::stop_token stop = {}) const;
    /// Waits until something in the store changes; answers a version to wait on from.
    std::int64_t wait_for_change(std::int64_t seen, std::chrono::milliseconds patience,
                                 std::stop_token stop = {}) const;

    // Changing one. Error: NotFound, or Conflict, naming the state that forbids it.

    /// Queues an idle job.
    Result<Job> start(JobId id, std::string_view by = {});
    /// Asks a running job to end (its stop token, SIGTERM, and SIGKILL after killAfter); stops one
    /// that does not run.
    Result<Job> stop(JobId id, std::string_view by = {});
    /// Ends a running job's processes at once.
    Result<Job> kill(JobId id, std::string_view by = {});
    /// Queues a final job again: the same job, from attempt 1, with the parameters that it has.
    Result<Job> retry(JobId id, std::string_view by = {});
    /// Changes a job that does not run. Error: also Usage, for a refused parameter or phase.
    Result<Job> edit(JobId id, JobEdit edit, std::string_view by = {});
    /// Deletes a job that does not run, with its log, response and events. Its occurrence stays
    /// taken.
    Result<void> remove(JobId id, std::string_view by = {});

    // Changing several: all that match, in batches, so that nobody waits long.

    /// `filter.limit`, `before`, `after` and the order do not count.
    JobsChanged change(JobAction action, const JobFilter& filter, const ChangeOptions& options = {},
                       const JobEdit& edit = {});

    /// Deletes final jobs beyond their retention; with `all`, every final job.
    JobsChanged prune(bool all = false, const ChangeOptions& options = {});

    // Adding to what a job says, also while it runs.

    /// Error: NotFound; Conflict if it runs and its executor can't be reached.
    Result<void> append_log(JobId id, std::string_view text, LogLevel level = LogLevel::Info);
    Result<void> append_response(JobId id, std::string_view bytes);

    // Pauses: kept in the store.

    /// Error: Usage for a name that can't be one, and for an end that is not in the future.
    Result<Pause> pause(PauseScope scope, std::optional<Time> until = {},
                        std::string_view reason = {}, std::string_view by = {});
    /// False: it was not paused.
    bool resume(const PauseScope& scope, std::string_view by = {});
    /// Those that hold now.
    [[nodiscard]] std::vector<Pause> pauses() const;

private:
    Result<Job> change_one(JobAction action, JobId id, JobEdit edit, std::string_view by);

    ExecutorCore* core_;
};

}  // namespace periodic
