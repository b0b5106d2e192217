#include <algorithm>
#include <utility>

#include "store/job_changes.hpp"
#include "store/memory_store.hpp"
#include "store/pause_rules.hpp"
#include "store/plan_rules.hpp"

namespace periodic {

std::vector<JobChanged> MemoryStore::change(const std::vector<JobChange>& changes, Time now) {
    const Change locked(*this);
    std::vector<JobChanged> done;
    done.reserve(changes.size());
    for (const JobChange& change : changes) done.push_back(change_one(change, now));
    return done;
}

JobChanged MemoryStore::change_one(const JobChange& change, Time now) {
    const auto found = jobs_.find(change.id);
    if (found == jobs_.end()) return {.id = change.id, .message = no_such_job(change.id)};
    Record& record = found->second;
    const JobState before = record.job.state;
    auto changed = changed_by(change, record.job, now);
    if (!changed) return refused(record.job, changed.error().message);
    if (changed->deleted) {
        jobs_.erase(found);
        return {.id = change.id, .changed = true, .before = before};
    }
    if (change.action == JobAction::Retry && !record.job.key.empty()) {
        for (const auto& [id, other] : jobs_) {
            if (other.job.key != record.job.key || is_final(other.job.state)) continue;
            return refused(record.job, key_is_taken(record.job, id));
        }
    }
    if (change.action == JobAction::Retry) {
        record.waits_from = 0;
        record.undecided = false;
        record.asked_by.clear();
    }
    if (record.job.asked != changed->job.asked) record.asked_by = change.by;
    record.job = std::move(changed->job);
    if (!changed->event.empty()) {
        record.events.push_back({now, changed->event, change.by, changed->detail});
    }
    return {.id = change.id, .changed = true, .before = before, .after = record.job.state};
}

bool MemoryStore::append(JobId id, const std::vector<LogLine>& lines, std::string_view response) {
    const Change locked(*this);
    const auto found = jobs_.find(id);
    if (found == jobs_.end() || found->second.job.state == JobState::Running) return false;
    Record& record = found->second;
    for (LogLine line : lines) {
        line.seq = record.lines.empty() ? 1 : record.lines.back().seq + 1;
        record.job.log_bytes += static_cast<std::int64_t>(line.text.size());
        record.lines.push_back(std::move(line));
    }
    record.response += response;
    record.job.response_bytes += static_cast<std::int64_t>(response.size());
    return true;
}

std::int64_t MemoryStore::set_clock_back(Time now, Time after, std::string_view by) {
    const Change locked(*this);
    std::int64_t count = 0;
    for (auto& [id, record] : jobs_) {
        Job& job = record.job;
        if (job.state != JobState::Queued || record.events.empty()) continue;
        const auto again = available_again(
            {.available = *job.available, .since = record.events.back().time}, now, after);
        if (!again) continue;
        job.available = again->available;
        record.events.push_back({now, std::string(kClockEvent), std::string(by), again->detail});
        ++count;
    }
    return count;
}

void MemoryStore::pause(const Pause& pause) {
    const Change locked(*this);
    std::erase_if(pauses_, [&pause](const Pause& old) {
        return !holds_from(old, pause.since - kPausesKept);
    });
    for (Pause& old : pauses_) {
        if (old.scope == pause.scope && old.holds(pause.since)) old.ended = pause.since;
    }
    pauses_.push_back(pause);
}

bool MemoryStore::resume(const PauseScope& scope, Time now, std::string_view /*by*/) {
    const Change locked(*this);
    bool resumed = false;
    for (Pause& pause : pauses_) {
        if (pause.scope != scope || !pause.holds(now)) continue;
        pause.ended = now;
        resumed = true;
    }
    return resumed;
}

std::vector<Pause> MemoryStore::pauses(Time since) {
    const std::lock_guard lock(mutex_);
    std::vector<Pause> found;
    for (const Pause& pause : pauses_) {
        if (holds_from(pause, since)) found.push_back(pause);
    }
    std::stable_sort(found.begin(), found.end(),
                     [](const Pause& a, const Pause& b) { return a.since < b.since; });
    return found;
}

std::int64_t MemoryStore::version() {
    const std::lock_guard lock(mutex_);
    return version_;
}

std::int64_t MemoryStore::wait_for_change(std::int64_t seen, std::chrono::milliseconds patience,
                                          std::stop_token stop) {
    std::unique_lock lock(mutex_);
    const auto longest =
        std::min<std::chrono::milliseconds>(patience, std::chrono::hours(24 * 365));
    changed_.wait_for(lock, std::move(stop), longest, [this, seen] { return version_ != seen; });
    return version_;
}

}  // namespace periodic
