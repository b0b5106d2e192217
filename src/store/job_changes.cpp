#include "store/job_changes.hpp"

#include <algorithm>
#include <utility>

#include "store/transitions.hpp"

namespace periodic {
namespace {

constexpr std::size_t kLongestShown = 60;  // bytes of a value in an event

std::string shown(std::string_view text) {
    if (text.size() > kLongestShown) return '(' + std::to_string(text.size()) + " bytes)";
    return '"' + std::string(text) + '"';
}

std::string shown(std::int64_t number) {
    return std::to_string(number);
}

// As `--at` takes it.
std::string shown(Time time) {
    const auto count = time.time_since_epoch().count();
    const std::string part = std::to_string(1000 + count % 1000).substr(1);
    return '@' + std::to_string(count / 1000) + (part == "000" ? "" : '.' + part);
}

template <class T>
std::string shown(const std::optional<T>& value) {
    return value ? shown(*value) : "none";
}

// Sets a value and notes what that changed.
template <class T, class U>
void set(T& value, const U& now, std::string_view name, std::string& detail) {
    if (value == T(now)) return;
    if (!detail.empty()) detail += ", ";
    detail.append(name).append(" ").append(shown(value)).append(" -> ").append(shown(T(now)));
    value = T(now);
}

void set_values(Values& values, const Values& changed, const std::string& name,
                std::string& detail) {
    for (const auto& [key, value] : changed) {
        const auto found = values.find(key);
        if (found != values.end() && found->second == value) continue;
        std::optional<std::string> text;
        if (found != values.end()) text = found->second.text;
        if (text == value.text) text.reset();  // of another kind: said as if it were new
        std::string what = name;
        what.append(1, ' ').append(key);
        set(text, value.text, what, detail);
        values[key] = value;
    }
}

Result<std::string> edited(Job& job, const JobEdit& edit) {
    std::string detail;
    if (edit.phase) {
        if (!job.phase) {
            return failure(ErrorCode::Conflict, "job " + std::to_string(job.id) + " has no phases");
        }
        if (*edit.phase != *job.phase) job.attempt = 1;  // of the new phase
        set(job.phase, *edit.phase, "phase", detail);
    }
    if (edit.comment) set(job.comment, *edit.comment, "comment", detail);
    if (edit.interval) set(job.interval_seconds, edit.interval->count(), "interval", detail);
    if (edit.priority) set(job.priority, *edit.priority, "priority", detail);
    if (edit.available) set(job.available, *edit.available, "available", detail);
    set_values(job.parameters, edit.parameters, "parameter", detail);
    set_values(job.attributes, edit.attributes, "attribute", detail);
    return detail;
}

void start(ChangedJob& changed, Time now) {
    if (!changed.job.available) changed.job.available = now;
    changed.event = "queued";
}

// Stops a job that does not run; one that runs is asked.
void end(ChangedJob& changed, Reason reason, Time now) {
    Job& job = changed.job;
    const std::string what = reason == Reason::Killed ? "kill" : "stop";
    if (job.state == JobState::Running) {
        if (job.asked == Reason::Killed || job.asked == reason) return;
        job.asked = reason;
        changed.event = what + " asked";
        return;
    }
    job.reason = reason;
    job.finished = now;
    changed.event = reason == Reason::Killed ? "killed" : "stopped";
}

Result<void> edit(ChangedJob& changed, const JobEdit& edit) {
    Job& job = changed.job;
    if (edit.available && is_final(job.state)) {
        return failure(ErrorCode::Conflict, "job " + std::to_string(job.id) + " is " +
                                                std::string(to_string(job.state)) +
                                                " and has no time to set: retry it at one");
    }
    auto detail = edited(job, edit);
    if (!detail) return Failure(std::move(detail.error()));
    changed.detail = *std::move(detail);
    if (!changed.detail.empty()) changed.event = "edited";
    return {};
}

Result<void> retry(ChangedJob& changed, JobEdit edit, Time now) {
    Job& job = changed.job;
    if (job.phase == kLastPhase) job.phase = kFirstPhase;
    job.attempt = 1;
    job.crashes = 0;
    job.reason = Reason::None;
    job.asked = Reason::None;
    job.owner = 0;
    job.available = edit.available.value_or(now);
    job.finished.reset();
    edit.available.reset();
    auto detail = edited(job, edit);
    if (!detail) return Failure(std::move(detail.error()));
    changed.event = "retried";
    changed.detail = *std::move(detail);
    return {};
}

Result<void> act(ChangedJob& changed, const JobChange& change, Time now) {
    switch (change.action) {
        case JobAction::Start:
            start(changed, now);
            break;
        case JobAction::Stop:
            end(changed, Reason::Stopped, now);
            break;
        case JobAction::Kill:
            end(changed, Reason::Killed, now);
            break;
        case JobAction::Retry:
            return retry(changed, change.edit, now);
        case JobAction::Edit:
            return edit(changed, change.edit);
        case JobAction::Delete:
            changed.deleted = true;
            break;
    }
    return {};
}

}  // namespace

Result<ChangedJob> changed_by(const JobChange& change, Job job, Time now) {
    const auto after = state_after(change.action, job.id, job.state);
    if (!after) return Failure(after.error());
    ChangedJob changed;
    changed.job = std::move(job);
    // A skipped job counts itself in `missed`, any other does not.
    const bool was_skipped = changed.job.state == JobState::Skipped;
    if (auto acted = act(changed, change, now); !acted) return Failure(std::move(acted.error()));
    if (was_skipped && change.action == JobAction::Retry && changed.job.missed > 0) {
        --changed.job.missed;
    }
    if (*after) changed.job.state = **after;
    return changed;
}

Settlement heeding(Settlement settlement, Reason asked, const std::string& by) {
    Job& job = settlement.job;
    const bool goes_on = job.state == JobState::Queued && !settlement.delete_job;
    if (asked == Reason::None || !goes_on) return settlement;
    const bool killed = asked == Reason::Killed;
    job.state = JobState::Stopped;
    job.reason = asked;
    job.finished = settlement.event.time;
    job.error = (killed ? "killed by " : "stopped by ") + by;
    settlement.event.detail = job.error + ", when its attempt had ended: " + settlement.event.event;
    settlement.event.event = killed ? "killed" : "stopped";
    settlement.event.by = by;
    return settlement;
}

std::string no_such_job(JobId id) {
    return "there is no job " + std::to_string(id);
}

std::string key_is_taken(const Job& job, JobId other) {
    return "job " + std::to_string(job.id) + " can't be retried: its key \"" + job.key +
           "\" is that of job " + std::to_string(other) + ", which is unfinished";
}

JobChanged refused(const Job& job, std::string message) {
    return {job.id, false, job.state, job.state, std::move(message)};
}

}  // namespace periodic
