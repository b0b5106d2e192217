#include <algorithm>
#include <set>
#include <tuple>
#include <utility>

#include "store/memory_store.hpp"
#include "store/pause_rules.hpp"

namespace periodic {
namespace {

bool is_wanted(const std::string& wanted, const std::string& value) {
    return wanted.empty() || wanted == value;
}

template <class T>
bool is_one_of(const std::vector<T>& wanted, T value) {
    return wanted.empty() || std::find(wanted.begin(), wanted.end(), value) != wanted.end();
}

bool matches(const JobFilter& filter, const Job& job) {
    return is_one_of(filter.ids, job.id) && is_one_of(filter.states, job.state) &&
           is_wanted(filter.task, job.task) && is_wanted(filter.group, job.group) &&
           is_wanted(filter.topic, job.topic) && is_wanted(filter.key, job.key) &&
           (filter.phase.empty() || filter.phase == job.phase) &&
           std::find(filter.not_ids.begin(), filter.not_ids.end(), job.id) ==
               filter.not_ids.end() &&
           (!filter.above || job.id > *filter.above) && (!filter.below || job.id < *filter.below) &&
           (!filter.created_before || job.created < *filter.created_before) &&
           (!filter.created_after || job.created > *filter.created_after);
}

bool ended_before(const Job& a, const Job& b) {
    return std::tuple(*a.finished, a.id) < std::tuple(*b.finished, b.id);
}

}  // namespace

std::vector<Ask> MemoryStore::asks(std::int64_t owner) {
    const std::lock_guard lock(mutex_);
    std::vector<Ask> asks;
    for (const auto& [id, record] : jobs_) {
        const Job& job = record.job;
        if (job.state != JobState::Running || job.asked == Reason::None || job.owner != owner)
            continue;
        asks.push_back({id, job.claim, job.asked, record.asked_by});
    }
    return asks;
}

std::vector<Job> MemoryStore::running_of(std::int64_t owner) {
    const std::lock_guard lock(mutex_);
    std::vector<Job> jobs;
    for (const auto& [id, record] : jobs_) {
        if (record.job.state == JobState::Running && record.job.owner == owner) {
            jobs.push_back(record.job);
        }
    }
    return jobs;
}

std::vector<Job> MemoryStore::running_of_others(std::int64_t generation) {
    const std::lock_guard lock(mutex_);
    std::vector<Job> jobs;
    for (const auto& [id, record] : jobs_) {
        if (record.job.state == JobState::Running && record.job.owner != generation) {
            jobs.push_back(record.job);
        }
    }
    return jobs;
}

std::optional<Time> MemoryStore::next_available(Time now) {
    const std::lock_guard lock(mutex_);
    std::optional<Time> earliest;
    for (const auto& [id, record] : jobs_) {
        const Job& job = record.job;
        if (job.state != JobState::Queued || *job.available <= now) continue;
        earliest = std::min(earliest.value_or(*job.available), *job.available);
    }
    for (const Pause& pause : pauses_) {
        if (!pause.until || !pause.holds(now)) continue;
        const Paused paused({pause}, now);
        const bool holds_one = std::any_of(jobs_.begin(), jobs_.end(), [&](const auto& job) {
            return job.second.job.state == JobState::Queued && paused.holds(job.second.job);
        });
        if (holds_one) earliest = std::min(earliest.value_or(*pause.until), *pause.until);
    }
    return earliest;
}

QueueCounts MemoryStore::counts(Time now) {
    const std::lock_guard lock(mutex_);
    QueueCounts counts;
    for (const auto& [id, record] : jobs_) {
        if (record.job.state == JobState::Running) ++counts.running;
        if (record.job.state != JobState::Queued) continue;
        ++(*record.job.available <= now ? counts.ready : counts.waiting);
    }
    return counts;
}

std::vector<std::pair<std::string, std::int64_t>> MemoryStore::ready_topics(Time now) {
    const std::lock_guard lock(mutex_);
    std::map<std::string, std::int64_t> topics;
    for (const auto& [id, record] : jobs_) {
        const Job& job = record.job;
        if (job.state == JobState::Queued && *job.available <= now) ++topics[job.topic];
    }
    return {topics.begin(), topics.end()};
}

void MemoryStore::add_event(JobId id, const JobEvent& event) {
    const Change locked(*this);
    if (const auto found = jobs_.find(id); found != jobs_.end())
        found->second.events.push_back(event);
}

Job MemoryStore::as_of(const Record& record, Time now) const {
    Job job = record.job;
    if (job.state != JobState::Queued) return job;
    if (*job.available > now) {
        job.waiting_for = WaitingFor::Time;
    } else if (Paused(pauses_, now).holds(job)) {
        job.waiting_for = WaitingFor::Paused;
    } else if (group_busy(job)) {
        job.waiting_for = WaitingFor::Group;
    } else if (at_limit(job) || waits_for_entry(record)) {
        job.waiting_for = WaitingFor::Concurrency;
    } else {
        job.waiting_for = WaitingFor::Slot;
    }
    return job;
}

std::optional<Job> MemoryStore::find(JobId id, Time now) {
    const std::lock_guard lock(mutex_);
    const auto found = jobs_.find(id);
    return found == jobs_.end() ? std::nullopt : std::optional(as_of(found->second, now));
}

std::vector<Job> MemoryStore::page(const JobFilter& filter, Time now) {
    const std::lock_guard lock(mutex_);
    std::vector<Job> jobs;
    for (const auto& [id, record] : jobs_) {
        const bool on_page =
            (!filter.before || id < *filter.before) && (!filter.after || id > *filter.after);
        if (on_page && matches(filter, record.job)) jobs.push_back(as_of(record, now));
    }
    if (filter.newest_first) std::reverse(jobs.begin(), jobs.end());
    const auto limit = static_cast<std::size_t>(std::clamp(filter.limit, 1, 10'000));
    if (jobs.size() > limit) jobs.resize(limit);
    return jobs;
}

std::int64_t MemoryStore::count(const JobFilter& filter) {
    const std::lock_guard lock(mutex_);
    return std::count_if(jobs_.begin(), jobs_.end(),
                         [&filter](const auto& job) { return matches(filter, job.second.job); });
}

JobChildren MemoryStore::children(JobId id, int limit) {
    const std::lock_guard lock(mutex_);
    std::vector<JobId> all;
    for (const auto& [child, record] : jobs_)
        if (id != 0 && record.job.parent == id) all.push_back(child);
    const auto shown = std::min<std::ptrdiff_t>(limit, std::ssize(all));
    return {.count = std::ssize(all), .newest = {all.rbegin(), all.rbegin() + shown}};
}

std::vector<JobAttempt> MemoryStore::attempts(JobId id) {
    const std::lock_guard lock(mutex_);
    const auto found = jobs_.find(id);
    return found == jobs_.end() ? std::vector<JobAttempt>() : found->second.attempts;
}

std::vector<JobEvent> MemoryStore::events(JobId id) {
    const std::lock_guard lock(mutex_);
    const auto found = jobs_.find(id);
    return found == jobs_.end() ? std::vector<JobEvent>() : found->second.events;
}

std::vector<LogLine> MemoryStore::log(JobId id, std::int64_t after, int limit) {
    const std::lock_guard lock(mutex_);
    std::vector<LogLine> lines;
    const auto found = jobs_.find(id);
    if (found == jobs_.end()) return lines;
    for (const LogLine& line : found->second.lines) {
        if (line.seq > after && static_cast<int>(lines.size()) < limit) lines.push_back(line);
    }
    return lines;
}

std::vector<LogLine> MemoryStore::log_tail(JobId id, int count) {
    const std::lock_guard lock(mutex_);
    const auto found = jobs_.find(id);
    if (found == jobs_.end()) return {};
    const auto& lines = found->second.lines;
    const auto wanted = std::min(lines.size(), static_cast<std::size_t>(std::max(count, 0)));
    return {lines.end() - static_cast<std::ptrdiff_t>(wanted), lines.end()};
}

std::string MemoryStore::response(JobId id) {
    const std::lock_guard lock(mutex_);
    const auto found = jobs_.find(id);
    return found == jobs_.end() ? std::string() : found->second.response;
}

std::vector<std::pair<std::string, JobState>> MemoryStore::last_states() {
    const std::lock_guard lock(mutex_);
    std::map<std::string, const Job*> latest;
    for (const auto& [id, record] : jobs_) {
        const Job& job = record.job;
        if (!is_final(job.state)) continue;
        const Job*& best = latest[job.task];
        if (best == nullptr || ended_before(*best, job)) best = &job;
    }
    std::map<std::string, JobState> states;
    for (const auto& [task, job] : latest) states[task] = job->state;
    for (const auto& [id, record] : jobs_) {
        if (record.job.state == JobState::Running) states[record.job.task] = JobState::Running;
    }
    return {states.begin(), states.end()};
}

std::int64_t MemoryStore::prune(std::string_view task, const RetentionPolicy& retention, Time now,
                                int limit) {
    const Change locked(*this);
    std::int64_t deleted = 0;
    for (const bool failed : {false, true}) {
        std::vector<Job> history;  // newest first
        for (const auto& [id, record] : jobs_) {
            const Job& job = record.job;
            const bool counts = job.task == task && is_final(job.state) &&
                                (job.state == JobState::Failed) == failed;
            if (counts) history.push_back(job);
        }
        std::sort(history.begin(), history.end(),
                  [](const Job& a, const Job& b) { return ended_before(b, a); });
        for (std::size_t i = history.size(); i-- > 0 && deleted < limit;) {
            const bool too_many =
                retention.jobs > 0 && i >= static_cast<std::size_t>(retention.jobs);
            const bool too_old =
                retention.age.count() > 0 && *history[i].finished <= now - retention.age;
            if (!too_many && !too_old) break;
            jobs_.erase(history[i].id);
            ++deleted;
        }
    }
    return deleted;
}

std::vector<std::string> MemoryStore::tasks_with_history() {
    const std::lock_guard lock(mutex_);
    std::set<std::string> tasks;
    for (const auto& [id, record] : jobs_) {
        if (is_final(record.job.state)) tasks.insert(record.job.task);
    }
    return {tasks.begin(), tasks.end()};
}

}  // namespace periodic

std::unique_ptr<periodic::JobStore> periodic::make_memory_store() {
    return std::make_unique<MemoryStore>();
}
