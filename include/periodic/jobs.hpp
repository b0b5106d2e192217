#pragma once

/// @file
/// Jobs by hand: adding them and asking what became of them.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "periodic/error.hpp"
#include "periodic/job.hpp"
#include "periodic/job_store.hpp"

namespace periodic {

struct JobOptions {
    std::string group{};
    std::string comment{};
    std::string key{};              ///< at most one unfinished job has it
    std::optional<int> priority{};  ///< none: the task's
    std::optional<Time> available{};
    JobId parent = 0;  ///< the job that adds it; 0: none
    std::string by{};  ///< who adds it, for its events
};

class ExecutorCore;

/// The jobs of a home. Belongs to its Executor; may be used from any thread. Every member may throw
/// StorageError.
class Jobs {
public:
    explicit Jobs(ExecutorCore& core) noexcept : core_(&core) {}

    /// Queues a job of a task after checking its parameters, and wakes whoever executes. Error:
    /// NotFound, Invalid (the task file is broken) or Usage (a parameter is refused).
    Result<JobId> add(std::string_view task, Values parameters = {},
                      const JobOptions& options = {});
    [[nodiscard]] std::optional<Job> find(JobId id) const;
    [[nodiscard]] std::vector<Job> list(const JobFilter& filter) const;
    [[nodiscard]] std::vector<JobEvent> events(JobId id) const;
    [[nodiscard]] std::vector<LogLine> log(JobId id, std::int64_t after = 0,
                                           int limit = 10'000) const;
    [[nodiscard]] std::string response(JobId id) const;

private:
    ExecutorCore* core_;
};

}  // namespace periodic
