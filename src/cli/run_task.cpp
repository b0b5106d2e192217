#include "cli/run_task.hpp"

#include <chrono>
#include <memory>
#include <utility>

#include "cli/exit_codes.hpp"
#include "cli/failed_jobs.hpp"
#include "cli/history.hpp"
#include "cli/job_document.hpp"
#include "cli/other_failures.hpp"
#include "periodic/duration.hpp"

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
Result<AttemptEndSeen> wait_for_other(Executor& executor, const Job& begun, OtherFailures& others,
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
        if (visit) others.add(*visit);
    }
}

std::string name_of(const Job& job) {
    return "periodic: job " + std::to_string(job.id) + " (" + job.task + ')';
}

// What becomes of a job that is no longer waited for.
std::string fate(const Job& job) {
    if (job.state == JobState::Queued) {
        return "it is still queued, and is run by the executor that has the home, or the next one";
    }
    if (job.state == JobState::Running) return "it goes on in the executor that has the home";
    return std::string(to_string(job.state));
}

// Why nothing is known of an attempt's end.
std::string unseen_end_line(const Job& job, bool given_up) {
    return printable(name_of(job) + (given_up ? " is no longer waited for: " + fate(job)
                                              : " was not run: " + remark(job))) +
           '\n';
}

// "in 5m", counted from the end of the attempt; empty for at once.
std::string again_in(const Job& job, const AttemptEndSeen& end) {
    const auto delay =
        std::chrono::ceil<std::chrono::seconds>(job.available.value_or(end.time) - end.time);
    return delay.count() > 0 ? " in " + format_duration(delay) : std::string();
}

// How a job goes on whose attempt ended well, but not the job; empty for one that has ended.
std::string sequel_line(const Job& job, const AttemptEndSeen& end) {
    if (job.state != JobState::Queued) return {};
    const std::string what = end.event == "phase"
                                 ? " goes on with phase '" + job.phase.value_or("") + '\''
                                 : std::string(" is tried again");
    return printable(name_of(job) + what + again_in(job, end)) + '\n';
}

// Why an attempt is no success, and whether there is another one.
std::string bad_end_line(const Job& job, const AttemptEndSeen& end) {
    if (job.state != JobState::Queued) return failed_job_line(job);
    if (end.event == "stopped") {
        return printable(name_of(job) + " was stopped, and is queued again") + '\n';
    }
    const std::string line =
        name_of(job) + " failed and is tried again" + again_in(job, end) + ": " + job.error;
    return printable(line) + '\n';
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
            if (event.empty()) continue;
            return {
                .good = is_good_end(event), .seen = true, .event = event, .time = attempt.ended};
        }
    } else if (job->state == JobState::Succeeded && job->phase == "terminated") {
        return {};  // it has ended before, and runs once more nevertheless
    }
    if (!is_final(job->state)) return {};
    const bool good = job->state == JobState::Succeeded || job->state == JobState::Aborted;
    return {.good = good, .seen = true, .event = std::string(to_string(job->state))};
}

Result<AttemptEndSeen> run_attempt(Session& session, Executor& executor, const Job& found,
                                   std::stop_token stop) {
    Job job = found;
    if (job.state == JobState::Running) --job.claim;  // its attempt is the one that is waited for
    const bool shows_log = !session.quiet() && !session.json();
    auto follower =
        shows_log ? std::make_unique<LogFollower>(session, executor.jobs(), job) : nullptr;
    OtherFailures others(job.id);
    const auto report = executor.run_job(job.id, stop);
    if (report) others.add(*report);
    if (!report) {
        // Another executor may have begun it meanwhile; what can't be run at all is an error.
        const auto now = executor.jobs().find(job.id);
        const bool begun = now && now->claim > job.claim;
        if (report.error().code != ErrorCode::Conflict || !begun) return Failure(report.error());
    }
    auto end = report && !report->locked
                   ? Result<AttemptEndSeen>(find_attempt_end(executor.jobs(), job.id, job.claim))
                   : wait_for_other(executor, job, others, stop);
    if (follower) follower->finish();
    others.report(session, executor.jobs());
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
        if (ended) session.complain(unseen_end_line(*ended, stop.stop_requested()));
        return kFailed;
    }
    if (end->good) {
        const bool tells = ended && !session.json() && !session.quiet();
        if (tells) session.complain(sequel_line(*ended, *end));
        return kFine;
    }
    if (ended) session.complain(bad_end_line(*ended, *end));
    return kFailed;
}

std::string message_text(const Job& job) {
    std::string text = job.result_code;
    const bool tells_more = !job.message.empty() && job.message != job.error;
    if (tells_more) text += (text.empty() ? "" : ": ") + job.message;
    if (text.empty()) return {};
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
