#pragma once

/// @file
/// A loop in worker processes without the daemon around it, for tests that look inside.

#include <functional>
#include <memory>
#include <utility>

#include "periodic/executor.hpp"
#include "run/acquire.hpp"
#include "run/executor_core.hpp"
#include "run/run_loop.hpp"
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
[[nodiscard]] inline Result<RunReport> run_daemon_loop(ExecutorCore& core,
                                                       DaemonLoopOptions options) {
    // Before the lock: what can't be opened is told without having disturbed anybody.
    if (auto program = WorkerProgram::open(options.workers.program); !program)
        return Failure(program.error());
    Acquisition acquired = acquire_home(core);
    if (!acquired.lock) {
        RunReport report;
        report.locked = true;
        report.holder = describe(acquired.owner);
        return report;
    }
    RunRequest request{.options = std::move(options.run), .forever = true};
    request.host = [&options](const HostParts& parts) -> std::unique_ptr<AttemptHost> {
        auto host = WorkerHost::create(parts, options.workers).value();
        if (options.started) options.started(*host);
        return host;
    };
    RunLoop loop(core, std::move(request), std::move(*acquired.lock), acquired.owner);
    return loop.run();
}

}  // namespace periodic
