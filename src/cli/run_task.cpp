#include "cli/run_task.hpp"

#include <chrono>
#include <condition_variable>
#include <memory>
#include <mutex>
#include <utility>

#include "cli/log_follower.hpp"

namespace periodic::cli {
namespace {

constexpr std::chrono::milliseconds kLookAgain{100};
// How often the executor that has the job is looked after: if it died, its work is to be settled.
constexpr int kLooksBetweenVisits = 10;

bool is_good_end(std::string_view event) {
    return event == "succeeded" || event == "aborted" || event == "reschedule" || event == "phase";
}

bool is_bad_end(std::string_view event) {
    return event == "failed" || event == "stopped" || event == "killed" || event == "retry";
}

// Sleeps a little; false if a stop was requested.
bool pause(const std::stop_token& stop) {
    std::mutex mutex;
    std::condition_variable_any waiting;
    std::unique_lock lock(mutex);
    return !waiting.wait_for(lock, stop, kLookAgain, [&] { return stop.stop_requested(); }) &&
           !stop.stop_requested();
}

// Waits until the executor that has the home has ended an attempt of the job; if that executor is
// gone, settles what it left behind, and takes the job over.
Result<AttemptEndSeen> wait_for_other(Executor& executor, JobId id, const std::stop_token& stop) {
    for (int looks = 1;; ++looks) {
        if (const auto end = find_attempt_end(executor.jobs(), id); end.seen) return end;
        if (!pause(stop)) return AttemptEndSeen{};
        if (looks % kLooksBetweenVisits != 0) continue;
        const auto job = executor.jobs().find(id);
        if (!job || is_final(job->state)) continue;
        const auto visit = job->state == JobState::Queued ? executor.run_job(id, stop)
                                                          : executor.run({.max_jobs = 0});
        // Between the look and the visit the other may have begun it.
        if (!visit && visit.error().code != ErrorCode::Conflict) return Failure(visit.error());
    }
}

}  // namespace

AttemptEndSeen find_attempt_end(const Jobs& jobs, JobId id) {
    const auto job = jobs.find(id);
    if (!job) return {.good = true, .seen = true, .event = "deleted"};
    for (const auto& event : jobs.events(id)) {
        if (is_good_end(event.event)) return {.good = true, .seen = true, .event = event.event};
        if (is_bad_end(event.event)) return {.good = false, .seen = true, .event = event.event};
    }
    if (!is_final(job->state)) return {};
    const bool good = job->state == JobState::Succeeded || job->state == JobState::Aborted;
    return {.good = good, .seen = true, .event = std::string(to_string(job->state))};
}

Result<AttemptEndSeen> run_attempt(Session& session, Executor& executor, JobId id,
                                   std::stop_token stop) {
    const bool shows_log = !session.quiet() && !session.json();
    auto follower =
        shows_log ? std::make_unique<LogFollower>(session, executor.jobs(), id) : nullptr;
    const auto report = executor.run_job(id, stop);
    if (!report && report.error().code != ErrorCode::Conflict) return Failure(report.error());
    auto end = report && !report->locked
                   ? Result<AttemptEndSeen>(find_attempt_end(executor.jobs(), id))
                   : wait_for_other(executor, id, stop);
    if (follower) follower->finish();
    return end;
}

}  // namespace periodic::cli
