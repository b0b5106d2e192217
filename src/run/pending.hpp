#pragma once

/// @file
/// What a run would do now.

#include <vector>

#include "periodic/executor.hpp"
#include "run/executor_core.hpp"

namespace periodic {

/// Plans without writing, and adds the jobs that wait and are available. Throws StorageError.
[[nodiscard]] std::vector<Pending> find_pending(ExecutorCore& core);

}  // namespace periodic
