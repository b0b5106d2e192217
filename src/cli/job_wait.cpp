#include "cli/job_wait.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

namespace periodic::cli {
namespace {

using std::chrono::milliseconds;

// How often is looked whether an executor that has the job, or could have it, is still there.
constexpr milliseconds kLookAgain{1000};
// A clock that is set is noticed so late at most.
constexpr milliseconds kLongestSleep{60'000};

bool may_run(const Job& job, Time now) {
    return job.state == JobState::Queued && job.waiting_for != WaitingFor::Paused &&
           job.available.value_or(now) <= now;
}

milliseconds patience(const Job& job, Time now) {
    const bool waits = job.state == JobState::Queued && job.available && *job.available > now;
    return waits ? std::clamp(*job.available - now, milliseconds(1), kLongestSleep) : kLookAgain;
}

// Tries to do what the job needs next; if somebody else executes, that one is told.
Result<void> visit(Executor& executor, const Job& job, OtherFailures& others,
                   const std::stop_token& stop) {
    const auto report = job.state == JobState::Queued ? executor.run_job(job.id, stop)
                                                      : executor.run({.max_jobs = 0, .stop = stop});
    // Between the look and the visit it may have changed.
    const bool is_over = !report && (report.error().code == ErrorCode::Conflict ||
                                     report.error().code == ErrorCode::NotFound);
    if (!report && !is_over) return Failure(report.error());
    if (report) others.add(*report);
    return {};
}

}  // namespace

Result<std::optional<Job>> wait_until_final(Executor& executor, const Clock& clock, JobId id,
                                            OtherFailures& others, std::stop_token stop) {
    Jobs& jobs = executor.jobs();
    std::int64_t seen = 0;
    bool quiet = false;  // nothing has changed for a while: is the executor still there?
    while (true) {
        const auto job = jobs.find(id);
        if (!job || is_final(job->state) || stop.stop_requested()) return job;
        const Time now = clock.now();
        const bool is_left = job->state == JobState::Running && quiet;
        if (may_run(*job, now) || is_left) {
            if (auto visited = visit(executor, *job, others, stop); !visited)
                return Failure(visited.error());
            const auto after = jobs.find(id);
            if (after && after->claim != job->claim) continue;
        }
        const auto before =
            std::exchange(seen, jobs.wait_for_change(seen, patience(*job, now), stop));
        quiet = before == seen;
    }
}

}  // namespace periodic::cli
