#pragma once

/// @file
/// An executor for the session's home.

#include "cli/session.hpp"
#include "periodic/executor.hpp"

namespace periodic::cli {

/// How a subcommand uses the executor.
struct ExecutorUse {
    int concurrency = 0;         ///< 0: the number of cores
    bool log_to_people = false;  ///< what it does is also logged to standard error
};

/// What an executor for the session's home is made of. Error: of `Session::configuration`.
[[nodiscard]] Result<ExecutorOptions> executor_options(Session& session, const ExecutorUse& use);

/// Opens the home to plan and run. Error: of `Session::configuration` and `Executor::create`.
/// Throws StorageError.
[[nodiscard]] Result<Executor> open_executor(Session& session, const ExecutorUse& use);

}  // namespace periodic::cli
