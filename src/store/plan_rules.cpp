#include "store/plan_rules.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "periodic/duration.hpp"
#include "store/transitions.hpp"

namespace periodic {

void check_plans(const std::vector<EntryPlan>& plans) {
    for (const EntryPlan& plan : plans) {
        for (const Job& job : plan.jobs) {
            const bool state_fits = may_begin(job.state) && job.state != JobState::Idle;
            if (job.scheduled && job.entry == plan.id && state_fits) continue;
            throw std::invalid_argument("a planned job of entry " + std::to_string(plan.id) +
                                        " is " + std::string(to_string(job.state)) +
                                        " or lacks its entry or its scheduled time");
        }
    }
}

void check_beginning(const Job& job) {
    if (may_begin(job.state)) return;
    throw std::invalid_argument("a job can't begin as " + std::string(to_string(job.state)));
}

Job newborn(Job job, JobId id) {
    job.id = id;
    job.claim = 0;
    job.owner = 0;
    job.worker = 0;
    job.pid = 0;
    job.asked = Reason::None;
    job.started.reset();
    job.log_bytes = 0;
    job.log_seq = 0;
    job.response_bytes = 0;
    job.waiting_for = WaitingFor::None;
    if (job.state == JobState::Queued && !job.available) job.available = job.created;
    if (is_final(job.state) && !job.finished) job.finished = job.created;
    return job;
}

std::int64_t occurrences_of(const Job& job) noexcept {
    return job.state == JobState::Skipped ? std::max<std::int64_t>(job.missed, 1) : job.missed + 1;
}

void become_skipped(Job& job, Reason reason, Time now) {
    const std::int64_t count = occurrences_of(job);
    job.missed = count > 1 ? count : 0;
    if (count == 1) job.last_scheduled.reset();
    if (count > 1 && !job.last_scheduled) job.last_scheduled = job.scheduled;
    if (count > 1 && job.last_scheduled < job.scheduled)
        std::swap(job.last_scheduled, job.scheduled);
    job.state = JobState::Skipped;
    job.reason = reason;
    job.finished = now;
}

void count_in(Job& skipped, const Job& other, Time now) {
    skipped.missed = std::max<std::int64_t>(skipped.missed, 1) + occurrences_of(other);
    skipped.last_scheduled =
        std::max({skipped.last_scheduled, other.last_scheduled, other.scheduled});
    skipped.finished = now;
}

std::string note_of_refused(const Job& job) {
    const std::int64_t others = occurrences_of(job) - 1;
    if (others <= 0) return {};
    const auto epoch = [](std::chrono::sys_seconds at) {
        return " @" + std::to_string(at.time_since_epoch().count());
    };
    const auto until = std::max(job.last_scheduled, job.scheduled).value();
    return std::to_string(others) + " more that were due up to" + epoch(until) +
           " have no job: the one of" + epoch(*job.scheduled) +
           ", which would have counted them, was planned before";
}

std::optional<MovedTime> available_again(const Availability& job, Time now, Time after) {
    if (job.available <= after || job.since <= after) return std::nullopt;
    const auto delay = std::max(job.available - job.since, Time::duration::zero());
    return MovedTime{.available = now + delay,
                     .detail = "the clock was set back: available in " +
                               format_duration(std::chrono::ceil<std::chrono::seconds>(delay))};
}

std::string_view birth_event(JobState state) noexcept {
    return is_final(state) ? to_string(state) : "created";
}

std::string executor_name(std::int64_t generation, std::int64_t pid) {
    return "executor " + std::to_string(generation) + " pid " + std::to_string(pid);
}

std::string_view new_response(const LiveUpdate& update, std::int64_t bytes) noexcept {
    const std::string_view response = update.response;
    const std::int64_t known = update.response_at ? bytes - *update.response_at : 0;
    const auto size = static_cast<std::int64_t>(response.size());
    return response.substr(static_cast<std::size_t>(std::clamp<std::int64_t>(known, 0, size)));
}

std::string late_result(const Job& job) {
    std::string text = "claim " + std::to_string(job.claim) + " was lost; it would have become ";
    text += to_string(job.state);
    if (job.reason != Reason::None) text.append(" (").append(to_string(job.reason)).append(")");
    return text;
}

}  // namespace periodic
