#include "run/settle.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include "periodic/duration.hpp"

namespace periodic {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr int kMostCrashes = 3;
// A phase that follows itself does so after this at least, so that it never spins.
constexpr seconds kSamePhaseInterval{60};

void finish(Settlement& settlement, JobState state, std::string event, std::string detail) {
    settlement.job.state = state;
    settlement.event.event = std::move(event);
    settlement.event.detail = std::move(detail);
}

// Back into the queue: what the attempt left behind for people (times of failure, message) stays.
void requeue(Settlement& settlement, Time available, std::string event, std::string detail) {
    Job& job = settlement.job;
    job.available = available;
    job.finished = std::nullopt;
    job.reason = Reason::None;
    finish(settlement, JobState::Queued, std::move(event), std::move(detail));
}

std::string in_time(milliseconds delay) {
    return "again in " + format_duration(std::chrono::ceil<seconds>(delay));
}

void settle_failure(Settlement& settlement, const AttemptEnd& end, const Task* task,
                    double random) {
    Job& job = settlement.job;
    if (!job.first_failed) job.first_failed = end.finished;
    job.last_failed = end.finished;
    if (task == nullptr || end.reason == Reason::Invalid || job.attempt >= job.max_attempts) {
        finish(settlement, JobState::Failed, "failed", end.error);
        return;
    }
    const milliseconds delay = retry_delay(task->retries, job.attempt, random);
    ++job.attempt;
    requeue(settlement, end.finished + delay, "retry",
            "attempt " + std::to_string(job.attempt) + " of " + std::to_string(job.max_attempts) +
                ", " + in_time(delay) + ": " + end.error);
}

void settle_reschedule(Settlement& settlement, const AttemptEnd& end, const Task* task) {
    const seconds delay =
        end.reschedule_after.value_or(task != nullptr ? task->reschedule_time : seconds(300));
    requeue(settlement, end.finished + delay, "reschedule", in_time(delay));
}

void settle_success(Settlement& settlement, const AttemptEnd& end) {
    Job& job = settlement.job;
    const std::string next = end.next_phase.value_or(job.phase.value_or(""));
    if (!job.phase || next == "terminated") {
        if (job.phase) job.phase = next;
        job.progress = 100;
        finish(settlement, JobState::Succeeded, "succeeded", job.message);
        return;
    }
    const bool same = next == *job.phase;
    seconds interval(job.interval_seconds.value_or(0));
    if (same) interval = std::max(interval, kSamePhaseInterval);
    job.phase = next;
    job.attempt = 1;
    requeue(settlement, end.finished + interval, "phase", next + ' ' + in_time(interval));
}

void settle_stop(Settlement& settlement, const AttemptEnd& end) {
    Job& job = settlement.job;
    settlement.event.by = end.by;
    if (!end.shutdown || (end.begun && job.on_lost != OnLost::Retry)) {
        if (end.by == kReplacer && end.reason == Reason::Stopped) job.reason = Reason::Overlap;
        finish(settlement, JobState::Stopped, end.reason == Reason::Killed ? "killed" : "stopped",
               end.error);
        return;
    }
    const Time available = end.begun ? end.finished : job.available.value_or(end.finished);
    if (!end.begun) job.started = std::nullopt;
    job.error.clear();
    requeue(settlement, available, end.begun ? "stopped" : "given back",
            end.begun ? "tried again: its executor ended" : "its executor ended before it began");
}

}  // namespace

milliseconds retry_delay(const RetryPolicy& policy, int retry, double random) {
    const auto longest = static_cast<double>(policy.max_delay.count()) * 1000;
    double delay = static_cast<double>(policy.delay.count()) * 1000;
    switch (policy.backoff) {
        case Backoff::Constant:
            break;
        case Backoff::Linear:
            delay *= retry;
            break;
        case Backoff::Exponential:
            delay *= std::exp2(std::min(retry - 1, 60));
            break;
    }
    delay = std::min(delay, longest);
    delay *= 1 + policy.jitter * (2 * random - 1);
    return milliseconds(static_cast<std::int64_t>(std::llround(delay)));
}

Settlement settle(const AttemptEnd& end, const Task* task, double random) {
    Settlement settlement;
    settlement.job = end.job;
    Job& job = settlement.job;
    job.finished = end.finished;
    job.reason = end.reason;
    job.error = end.error;
    job.error_detail = end.error_detail;
    settlement.event.time = end.finished;
    settlement.event.by = "attempt";
    settlement.delete_job = end.delete_job && end.result == AttemptResult::Succeeded;
    switch (end.result) {
        case AttemptResult::Succeeded:
            settle_success(settlement, end);
            break;
        case AttemptResult::Failed:
            settle_failure(settlement, end, task, random);
            break;
        case AttemptResult::Aborted:
            finish(settlement, JobState::Aborted, "aborted", end.error);
            break;
        case AttemptResult::Rescheduled:
            settle_reschedule(settlement, end, task);
            break;
        case AttemptResult::Stopped:
            settle_stop(settlement, end);
            break;
    }
    return settlement;
}

Settlement settle_lost(const Job& job, Time now, std::string by) {
    Settlement settlement;
    settlement.job = job;
    Job& lost = settlement.job;
    lost.finished = now;
    settlement.event.time = now;
    settlement.event.by = std::move(by);
    ++lost.crashes;
    if (job.asked != Reason::None) {
        lost.reason = job.asked;
        finish(settlement, JobState::Stopped, "stopped",
               "its executor died while it was being stopped");
        return settlement;
    }
    const std::string crash = "crash " + std::to_string(lost.crashes);
    if (job.on_lost == OnLost::Retry && lost.crashes < kMostCrashes) {
        requeue(settlement, now, "lost",
                crash + " of " + std::to_string(kMostCrashes) + ", tried again: its executor died");
        return settlement;
    }
    lost.reason = Reason::Lost;
    lost.error = "its executor died";
    if (!lost.first_failed) lost.first_failed = now;
    lost.last_failed = now;
    finish(settlement, JobState::Failed, "lost", crash + ": its executor died");
    return settlement;
}

}  // namespace periodic
