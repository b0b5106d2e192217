#pragma once

/// @file
/// An executor for the session's home.

#include <functional>
#include <memory>
#include <stop_token>

#include "cli/session.hpp"
#include "periodic/executor.hpp"
#include "run/executor_core.hpp"

namespace periodic::cli {

/// How a subcommand uses the executor.
struct ExecutorUse {
    int concurrency = 0;                 ///< 0: as ExecutorOptions has it
    bool log_to_people = false;          ///< what it does is also logged to standard error
    bool what_is_sound = false;          ///< by `Session::configuration_of_jobs`
    std::stop_token hurry{};             ///< kills what was asked to end
    std::function<void()> first_wait{};  ///< called before it waits for the first time
    /// What a run says that ends with the process, as its jobs do not end; answers the exit code.
    /// None: nothing more than which jobs these are, and 1.
    std::function<int(const RunReport&)> last_words{};
};

/// What an executor for the session's home is made of. Error: of `Session::configuration`.
[[nodiscard]] Result<ExecutorOptions> executor_options(Session& session, const ExecutorUse& use);

/// Opens the home to plan and run. Error: of `Session::configuration` and `Executor::create`.
/// Throws StorageError.
[[nodiscard]] Result<Executor> open_executor(Session& session, const ExecutorUse& use);

/// Opens the home to change jobs that it has, which runs nothing: the crontab is not looked at.
/// Error: of the session's configuration and `ExecutorCore::open`. Throws StorageError.
[[nodiscard]] Result<std::unique_ptr<ExecutorCore>> open_jobs(Session& session,
                                                              const ExecutorUse& use);

}  // namespace periodic::cli
