#pragma once

/// @file
/// What the slots of an executor do: the numbers of `status`.

#include <cstdint>
#include <string>
#include <vector>

#include "periodic/clock.hpp"
#include "periodic/job.hpp"
#include "periodic/job_store.hpp"

namespace periodic {

/// One pool since the daemon's start.
struct PoolStatus {
    std::string topic{};
    int workers = 0;
    int slots = 0;  ///< of all of them
    int busy = 0;
    std::int64_t waiting = 0;  ///< jobs that are available, whatever holds them
    std::int64_t done = 0;     ///< succeeded, or on to a next phase
    std::int64_t failed = 0;   ///< also stopped, and those that are retried
    std::int64_t rescheduled = 0;
    std::int64_t aborted = 0;
    std::int64_t recycled = 0;  ///< workers
    std::string problem{};      ///< why it has too few workers; empty: it has not
};

/// One worker.
struct ProcessStatus {
    std::int64_t pid = 0;
    std::string topic{};
    std::string kind{};  ///< static or dynamic; threads, where it is the executor itself
    Time since{};
    Time last{};            ///< when it last began or ended something
    std::int64_t jobs = 0;  ///< that it has ended
    std::vector<JobId> busy_with{};
};

/// Counts the end of an attempt.
void count_end(PoolStatus& numbers, const Settlement& settlement);

struct WorkersStatus {
    std::vector<PoolStatus> pools{};
    std::vector<ProcessStatus> processes{};
};

}  // namespace periodic
