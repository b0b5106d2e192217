#pragma once

/// @file
/// Deleting old jobs, in small batches, as their tasks say.

#include <cstdint>
#include <string>

#include "periodic/clock.hpp"
#include "periodic/job.hpp"
#include "periodic/job_store.hpp"
#include "run/executor_core.hpp"

namespace periodic {

/// How long the jobs of a task are kept: as it says, or as the home does if it does not load.
[[nodiscard]] RetentionPolicy retention_of(ExecutorCore& core, const std::string& task);

/// Deletes the final jobs of a task beyond its retention, batch by batch. Answers how many. Throws
/// StorageError.
std::int64_t prune_task(JobStore& store, const std::string& task, const RetentionPolicy& retention,
                        Time now);

/// Prunes every task's final jobs beyond its retention, or the home's. Answers how many were
/// deleted. Throws StorageError.
std::int64_t prune_history(ExecutorCore& core, Time now);

}  // namespace periodic
