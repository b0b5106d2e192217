#pragma once

/// @file
/// Jobs whose executor died: their programs are ended, then they are settled.

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/process_ending.hpp"
#include "periodic/clock.hpp"
#include "periodic/job_store.hpp"
#include "run/executor_core.hpp"

namespace periodic {

/// What was found.
struct OrphanRound {
    std::vector<Settlement> settled{};
    std::vector<JobId> blocked{};  ///< what can't be ended: their groups stay taken
};

/// How to look after orphans.
struct OrphanOptions {
    std::chrono::milliseconds patience{10'000};  ///< that all that got SIGKILL has to go
    bool runs_nothing = true;  ///< no program of this process runs: what others left is cleared
};

/// Puts on record, once in a row, that a job keeps its group because of these processes.
void note_blocked(ExecutorCore& core, const Job& job, const EndingResult& ending, Time now,
                  std::string_view by);

/// Adds to the end of a job, whose attempt is gone, what its task wants to follow; what could not
/// be added is logged and an event of the job.
void follow_up(ExecutorCore& core, Settlement& settlement);

/// Ends the programs of all running jobs that belong to another generation than `generation`, whose
/// process must be dead: the caller holds the lock. Settles them in the store. Throws StorageError.
[[nodiscard]] OrphanRound settle_orphans(ExecutorCore& core, std::int64_t generation, Time now,
                                         std::string_view by, const OrphanOptions& options = {});

}  // namespace periodic
