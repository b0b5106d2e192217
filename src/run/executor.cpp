#include "periodic/executor.hpp"

#include <chrono>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "run/acquire.hpp"
#include "run/control.hpp"
#include "run/executor_core.hpp"
#include "run/job_edit.hpp"
#include "run/observation.hpp"
#include "run/pending.hpp"
#include "run/run_loop.hpp"
#include "run/step_choice.hpp"
#include "store/job_changes.hpp"

namespace periodic {
namespace {

// How long one that holds the home and takes no requests is taken for one that is about to end.
constexpr std::chrono::seconds kPatienceWithHolder{5};

RunReport locked_by(const LockOwner& owner) {
    RunReport report;
    report.locked = true;
    report.holder = describe(owner);
    return report;
}

RunReport run_with_lock(ExecutorCore& core, RunRequest request) {
    Acquisition acquired = acquire_home(core);
    if (!acquired.lock) return locked_by(acquired.owner);
    const Observation observation(core);  // ends after the lock is given back
    request.hurry = core.hurry();
    RunLoop loop(core, std::move(request), std::move(*acquired.lock), acquired.owner);
    return loop.run();
}

std::string number(JobId id) {
    return "job " + std::to_string(id);
}

// Brings a job into the queue that is to run now, if its state allows that.
Result<void> queue_to_run(ExecutorCore& core, const Job& job) {
    JobChange change{.id = job.id, .by = "run"};
    if (job.state == JobState::Queued) return {};
    if (job.state == JobState::Idle) {
        change.action = JobAction::Start;
    } else if (job.state == JobState::Succeeded && has_last_phase(core, job)) {
        change.action = JobAction::Retry;
        change.edit.phase = kLastPhase;
    } else {
        return failure(
            ErrorCode::Conflict, number(job.id) + " is " + std::string(to_string(job.state)),
            is_final(job.state) ? "retry it, to have it run again from its beginning" : "");
    }
    const JobChanged changed = core.store().change({change}, core.clock().now()).front();
    if (changed.changed) return {};
    return failure(ErrorCode::Conflict, changed.message);
}

// Why a job was not run that was to run: what holds it back.
Result<void> check_it_ran(ExecutorCore& core, JobId id) {
    const auto job = core.store().find(id, core.clock().now());
    if (!job || job->state != JobState::Queued) return {};
    return failure(ErrorCode::Conflict, number(id) + " can't run now: it waits for its " +
                                            std::string(to_string(job->waiting_for)));
}

JobsChanged listed(std::vector<JobId> ids) {
    const auto count = static_cast<std::int64_t>(ids.size());
    return {.matched = count, .changed = count, .ids = std::move(ids)};
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
    if (!job) return failure(ErrorCode::NotFound, no_such_job(id));
    if (auto queued = queue_to_run(*core_, *job); !queued) return Failure(queued.error());
    const auto limit = core_->clock().steady_now() + kPatienceWithHolder;
    while (true) {
        RunReport report = run_with_lock(*core_, {.options = {.stop = stop}, .only = id});
        if (!report.locked) {
            if (report.ran > 0 || stop.stop_requested()) return report;
            if (auto ran = check_it_ran(*core_, id); !ran) return Failure(ran.error());
            return report;
        }
        // A holder that does not take it is about to end.
        const bool taken = ask_holder(core_->home().state, "run " + std::to_string(id),
                                      std::chrono::milliseconds(1000))
                               .has_value();
        if (taken || core_->clock().steady_now() >= limit) return report;
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    }
}

Result<StepReport> Executor::step(const StepOptions& options) {
    StepReport report;
    StepChoice choice(*core_, options);
    if (options.dry_run) {
        std::vector<JobId> ids;
        while (std::cmp_less(ids.size(), options.jobs)) {
            const auto job = choice.next(core_->clock().now());
            if (!job) break;
            ids.push_back(job->id);
        }
        report.jobs = listed(std::move(ids));
        return report;
    }
    report.report = run_with_lock(
        *core_, {.options = {.max_jobs = options.jobs, .stop = options.stop}, .step = &choice});
    report.jobs = listed(choice.begun());
    return report;
}

Result<std::vector<Pending>> Executor::pending() {
    return find_pending(*core_);
}

Jobs& Executor::jobs() noexcept {
    return core_->jobs();
}

}  // namespace periodic
