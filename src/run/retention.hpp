#pragma once

/// @file
/// Deleting old jobs.

#include <cstdint>

#include "periodic/clock.hpp"
#include "run/executor_core.hpp"

namespace periodic {

/// Deletes the jobs of every task beyond its retention (the home's, where the task says nothing or
/// is gone), in small batches. Answers how many. Throws StorageError.
std::int64_t prune_history(ExecutorCore& core, Time now);

}  // namespace periodic
