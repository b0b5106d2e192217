#pragma once

/// @file
/// A home's jobs, for ever, in worker processes: what a daemon does once it stands.

#include <functional>

#include "periodic/executor.hpp"
#include "run/executor_core.hpp"
#include "worker/worker_host.hpp"

namespace periodic {

/// How a daemon's loop runs.
struct DaemonLoopOptions {
    WorkerHostOptions workers{};
    RunOptions run{};  ///< `stop` ends it
    /// Told of the host before the first look, on the loop's thread. It lives until the loop ends.
    std::function<void(WorkerHost& host)> started{};
};

/// Takes the home's lock, settles orphans, plans and runs what is due in worker processes until a
/// stop is requested. If the lock is held, answers at once (`locked`). Called by a thread that
/// lives as long as the workers. Error: Io, if workers can't be started. Throws StorageError if the
/// store does not take results for 60 s.
[[nodiscard]] Result<RunReport> run_daemon_loop(ExecutorCore& core, DaemonLoopOptions options);

}  // namespace periodic
