#include "periodic/executor.hpp"

#include <utility>

#include "run/acquire.hpp"
#include "run/executor_core.hpp"
#include "run/pending.hpp"
#include "run/run_loop.hpp"

namespace periodic {
namespace {

Result<RunReport> run_with_lock(ExecutorCore& core, RunRequest request) {
    Acquisition acquired = acquire_home(core);
    if (!acquired.lock) {
        RunReport report;
        report.locked = true;
        report.holder = describe(acquired.owner);
        return report;
    }
    RunLoop loop(core, std::move(request), std::move(*acquired.lock), acquired.owner);
    return loop.run();
}

}  // namespace

Result<Executor> Executor::create(ExecutorOptions options) {
    auto core = ExecutorCore::open(std::move(options));
    if (!core) return Failure(core.error());
    return Executor(std::move(*core));
}

Executor::Executor(std::unique_ptr<ExecutorCore> core) noexcept : core_(std::move(core)) {}
Executor::Executor(Executor&&) noexcept = default;
Executor& Executor::operator=(Executor&&) noexcept = default;
Executor::~Executor() = default;

Result<RunReport> Executor::run(const RunOptions& options) {
    return run_with_lock(*core_, {.options = options});
}

Result<RunReport> Executor::run(std::stop_token stop, RunOptions options) {
    options.stop = std::move(stop);
    return run_with_lock(*core_, {.options = std::move(options), .forever = true});
}

Result<RunReport> Executor::run_job(JobId id, std::stop_token stop) {
    const auto job = core_->store().find(id, core_->clock().now());
    if (!job) return failure(ErrorCode::NotFound, "there is no job " + std::to_string(id));
    if (job->state != JobState::Queued) {
        return failure(ErrorCode::Conflict,
                       "job " + std::to_string(id) + " is " + std::string(to_string(job->state)),
                       "only a queued job can be run");
    }
    return run_with_lock(*core_, {.options = {.stop = std::move(stop)}, .only = id});
}

Result<std::vector<Pending>> Executor::pending() {
    return find_pending(*core_);
}

Jobs& Executor::jobs() noexcept {
    return core_->jobs();
}

}  // namespace periodic
