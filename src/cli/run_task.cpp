#include "cli/run_task.hpp"

#include <chrono>
#include <memory>
#include <utility>

#include "cli/exit_codes.hpp"
#include "cli/failed_jobs.hpp"
#include "cli/history.hpp"
#include "cli/job_document.hpp"

namespace periodic::cli {
namespace {

// How often the executor that has the job is looked after: if it died, its work is to be settled.
constexpr std::chrono::seconds kVisitEvery{1};

bool is_good_end(std::string_view event) {
    return event == "succeeded" || event == "aborted" || event == "reschedule" || event == "phase";
}

bool is_bad_end(std::string_view event) {
    return event == "failed" || event == "stopped" || event == "killed" || event == "retry";
}

// The event that ended an attempt; empty for one that another executor takes up again.
std::string end_event(const std::vector<JobEvent>& events, const JobAttempt& attempt) {
    std::string word;
    for (const auto& event : events) {
        const bool is_end = is_good_end(event.event) || is_bad_end(event.event);
        if (is_end && event.time == attempt.ended) word = event.event;
    }
    return word;
}

// Waits until the executor that has the home has ended an attempt of the job; if that executor is
// gone, settles what it left behind, and takes the job over.
Result<AttemptEndSeen> wait_for_other(Executor& executor, const Job& begun,
                                      const std::stop_token& stop) {
    const JobId id = begun.id;
    std::int64_t seen = 0;
    while (true) {
        const auto end = find_attempt_end(executor.jobs(), id, begun.claim);
        if (end.seen || stop.stop_requested()) return end;
        const auto before = seen;
        seen = executor.jobs().wait_for_change(seen, kVisitEvery, stop);
        if (seen != before) continue;
        const auto job = executor.jobs().find(id);
        if (!job || is_final(job->state)) continue;
        const auto visit = job->state == JobState::Queued ? executor.run_job(id, stop)
                                                          : executor.run({.max_jobs = 0});
        // Between the look and the visit the other may have begun it.
        if (!visit && visit.error().code != ErrorCode::Conflict) return Failure(visit.error());
    }
}

// Why nothing is known of an attempt's end.
std::string unseen_end_line(JobId id, const std::optional<Job>& job, bool given_up) {
    const std::string name = "periodic: job " + std::to_string(id);
    if (given_up || !job) return name + " is no longer waited for\n";
    return printable(name + " was not run: " + remark(*job)) + '\n';
}

}  // namespace

AttemptEndSeen find_attempt_end(const Jobs& jobs, JobId id, std::int64_t claim) {
    const auto job = jobs.find(id);
    if (!job) return {.good = true, .seen = true, .event = "deleted"};
    if (job->claim > claim) {
        const auto events = jobs.events(id);
        for (const auto& attempt : jobs.attempts(id)) {
            if (attempt.claim <= claim) continue;
            const std::string event = end_event(events, attempt);
            if (!event.empty()) return {.good = is_good_end(event), .seen = true, .event = event};
        }
    } else if (job->state == JobState::Succeeded && job->phase == "terminated") {
        return {};  // it has ended before, and runs once more nevertheless
    }
    if (!is_final(job->state)) return {};
    const bool good = job->state == JobState::Succeeded || job->state == JobState::Aborted;
    return {.good = good, .seen = true, .event = std::string(to_string(job->state))};
}

Result<AttemptEndSeen> run_attempt(Session& session, Executor& executor, const Job& job,
                                   std::stop_token stop) {
    const bool shows_log = !session.quiet() && !session.json();
    auto follower =
        shows_log ? std::make_unique<LogFollower>(session, executor.jobs(), job) : nullptr;
    const auto report = executor.run_job(job.id, stop);
    if (!report) {
        // Another executor may have begun it meanwhile; what can't be run at all is an error.
        const auto now = executor.jobs().find(job.id);
        const bool begun = now && now->claim > job.claim;
        if (report.error().code != ErrorCode::Conflict || !begun) return Failure(report.error());
    }
    auto end = report && !report->locked
                   ? Result<AttemptEndSeen>(find_attempt_end(executor.jobs(), job.id, job.claim))
                   : wait_for_other(executor, job, stop);
    if (follower) follower->finish();
    return end;
}

Result<int> run_and_tell(Session& session, Executor& executor, const Job& job,
                         const std::stop_token& stop) {
    const auto end = run_attempt(session, executor, job, stop);
    if (!end) return Failure(end.error());
    const auto ended = executor.jobs().find(job.id);
    if (session.json()) {
        if (auto printed = print_job(session, ended); !printed) return Failure(printed.error());
    } else if (ended && end->seen && !session.quiet()) {
        session.print(message_text(*ended));
        (void)session.flush();
    }
    if (!end->seen) {
        session.complain(unseen_end_line(job.id, ended, stop.stop_requested()));
        return kFailed;
    }
    if (end->good) return kFine;
    if (ended) session.complain(failed_job_line(*ended));
    return kFailed;
}

std::string message_text(const Job& job) {
    if (job.result_code.empty() && job.message.empty()) return {};
    std::string text = job.result_code;
    if (!job.message.empty()) text += (text.empty() ? "" : ": ") + job.message;
    return printable(text) + '\n';
}

Result<void> print_job(Session& session, const std::optional<Job>& job) {
    const auto zone = session.zone();
    if (!zone) return Failure(zone.error());
    Zones zones(*zone);
    JsonWriter json;
    if (job) {
        write_job(json, *job, zones);
    } else {
        json.null();
    }
    session.print(json.document());
    return {};
}

}  // namespace periodic::cli
