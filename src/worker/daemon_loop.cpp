#include "worker/daemon_loop.hpp"

#include <utility>

#include "run/acquire.hpp"
#include "run/run_loop.hpp"

namespace periodic {

Result<RunReport> run_daemon_loop(ExecutorCore& core, DaemonLoopOptions options) {
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
