#pragma once

/// @file
/// A job until its end.

#include <optional>
#include <stop_token>

#include "cli/other_failures.hpp"
#include "periodic/executor.hpp"

namespace periodic::cli {

/// Waits until a job is final, and answers it; none if it was deleted. Whenever it may run and
/// nobody executes, this process takes the lock and does it: each try, each phase. What holds a job
/// back, its time, its group or a pause, is respected. `others` takes what else failed here. A stop
/// ends the wait early. Error: as Executor::run_job. Throws StorageError.
[[nodiscard]] Result<std::optional<Job>> wait_until_final(Executor& executor, const Clock& clock,
                                                          JobId id, OtherFailures& others,
                                                          std::stop_token stop);

}  // namespace periodic::cli
