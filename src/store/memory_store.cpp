#include "store/memory_store.hpp"

#include <algorithm>
#include <limits>
#include <stdexcept>
#include <tuple>

#include "store/job_changes.hpp"
#include "store/pause_rules.hpp"
#include "store/plan_rules.hpp"
#include "store/transitions.hpp"

namespace periodic {
namespace {

bool is_unfinished(const Job& job) noexcept {
    return !is_final(job.state);
}

template <class T>
bool is_one_of(const std::vector<T>& wanted, T value) {
    return wanted.empty() || std::find(wanted.begin(), wanted.end(), value) != wanted.end();
}

bool is_wanted(const std::string& wanted, const std::string& value) {
    return wanted.empty() || wanted == value;
}

}  // namespace

std::int64_t MemoryStore::begin_generation(const Generation& owner) {
    const Change locked(*this);
    generations_.push_back(owner);
    const std::int64_t id = generations_.back().id = ++last_generation_;
    if (std::cmp_greater(generations_.size(), kGenerationsKept)) {
        generations_.erase(generations_.begin());
    }
    return id;
}

void MemoryStore::end_generation(std::int64_t id, Time at, std::string_view reason) {
    const Change locked(*this);
    for (Generation& generation : generations_) {
        if (generation.id != id) continue;
        generation.ended = at;
        generation.end_reason = reason;
    }
}

std::optional<Generation> MemoryStore::last_generation() {
    const std::lock_guard lock(mutex_);
    return generations_.empty() ? std::nullopt : std::optional(generations_.back());
}

std::optional<Generation> MemoryStore::find_generation(std::int64_t id) {
    const std::lock_guard lock(mutex_);
    for (const Generation& generation : generations_) {
        if (generation.id == id) return generation;
    }
    return std::nullopt;
}

std::vector<EntryMark> MemoryStore::entry_marks() {
    const std::lock_guard lock(mutex_);
    std::vector<EntryMark> marks;
    for (const auto& [id, entry] : entries_) marks.push_back(entry.mark);
    return marks;
}

std::string MemoryStore::entry_definition(std::int64_t id) {
    const std::lock_guard lock(mutex_);
    const auto found = entries_.find(id);
    return found == entries_.end() ? std::string() : found->second.definition;
}

std::vector<JobEvent> MemoryStore::entry_events(std::int64_t id) {
    const std::lock_guard lock(mutex_);
    const auto found = entry_events_.find(id);
    return found == entry_events_.end() ? std::vector<JobEvent>() : found->second;
}

PlanResult MemoryStore::plan(const std::vector<EntryPlan>& plans, Time now, std::string_view by) {
    check_plans(plans);
    const Change locked(*this);
    const JobEvent event{.time = now, .by = std::string(by)};
    PlanResult result;
    std::vector<bool> accepted;
    accepted.reserve(plans.size());
    for (const EntryPlan& plan : plans) accepted.push_back(move_mark(plan));
    for (std::size_t i = 0; i < plans.size(); ++i) {
        if (!accepted[i]) {
            ++result.stale;
            for (const Job& job : plans[i].jobs)
                static_cast<void>(refuse_known(job, result, event));
            continue;
        }
        JobId first_of_plan = 0;
        for (const Job& job : plans[i].jobs) {
            if (!refuse_known(job, result, event)) {
                plan_job(job, first_of_plan, result, event);
            } else {
                note(plans[i].id, note_of_refused(job), event);
            }
        }
        note(plans[i].id, plans[i].note, event);
    }
    return result;
}

void MemoryStore::note(std::int64_t entry, const std::string& text, const JobEvent& event) {
    if (!text.empty()) entry_events_[entry].push_back({event.time, "note", event.by, text});
}

bool MemoryStore::move_mark(const EntryPlan& plan) {
    const auto found = entries_.find(plan.id);
    const std::optional<EntryMark> stored =
        found == entries_.end() ? std::nullopt : std::optional(found->second.mark);
    if (stored != plan.seen) return false;
    if (!plan.mark) {
        entries_.erase(plan.id);
    } else if (stored) {
        found->second.mark = *plan.mark;
    } else {
        entries_[plan.id] = {*plan.mark, plan.definition};
    }
    return true;
}

bool MemoryStore::refuse_known(const Job& job, PlanResult& result, const JobEvent& event) {
    const auto known = occurrences_.find({job.entry, *job.scheduled});
    if (known == occurrences_.end()) return false;
    ++result.refused;
    if (const auto met = jobs_.find(known->second); met != jobs_.end()) {
        met->second.events.push_back(
            {event.time, "refused", event.by, std::string(kRefusedOccurrence)});
    }
    return true;
}

void MemoryStore::plan_job(const Job& job, JobId& first_of_plan, PlanResult& result,
                           const JobEvent& event) {
    JobId& occupied = occurrences_[{job.entry, *job.scheduled}];
    const bool ahead = job.state == JobState::Queued && job.overlap != Overlap::Allow &&
                       job.available.value_or(job.created) > event.time;
    Overlapped overlapped;
    if (job.state == JobState::Queued && !ahead) {
        const JobId before = first_of_plan != 0 ? first_of_plan : std::numeric_limits<JobId>::max();
        overlapped = decide(job, before, result.to_stop, result.skipped, event);
    }
    if (job.state == JobState::Skipped || overlapped.skip) {
        occupied = 0;  // not its own predecessor
        occupied = insert_skipped(job, overlapped.skip ? Reason::Overlap : job.reason, event);
        result.skipped += occurrences_of(job);
        return;
    }
    Record& record = insert(job);
    occupied = record.job.id;
    record.undecided = ahead;
    if (job.state == JobState::Queued) {
        record.waits_from = ahead || overlapped.wait ? 1 : first_of_plan;
        if (first_of_plan == 0) first_of_plan = record.job.id;
    } else {
        result.failed.push_back(record.job.id);
    }
    ++result.inserted;
    record.events.push_back({event.time, std::string(birth_event(job.state)), event.by, job.error});
}

MemoryStore::Overlapped MemoryStore::decide(const Job& job, JobId before,
                                            std::vector<JobId>& to_stop, std::int64_t& skipped,
                                            const JobEvent& event) {
    if (job.overlap == Overlap::Allow) return {};
    std::vector<Record*> earlier;
    for (auto& [id, record] : jobs_) {
        if (id < before && record.job.entry == job.entry && is_unfinished(record.job))
            earlier.push_back(&record);
    }
    if (earlier.empty()) return {};
    if (job.overlap == Overlap::Skip) return {.skip = true};
    if (job.overlap == Overlap::Wait) return {.wait = true};
    for (Record* record : earlier) {
        Job& old = record->job;
        if (old.state == JobState::Running) {
            if (old.asked != Reason::None) continue;
            old.asked = Reason::Stopped;
            record->asked_by = "replace";
            record->events.push_back({event.time, "asked", event.by, std::string(kAskedByReplace)});
            to_stop.push_back(old.id);
            continue;
        }
        if (old.state == JobState::Idle) {
            old.state = JobState::Stopped;
            old.reason = Reason::Overlap;
            old.finished = event.time;
        } else {
            skipped += occurrences_of(old);
            become_skipped(old, Reason::Overlap, event.time);
        }
        record->events.push_back(
            {event.time, std::string(to_string(old.state)), event.by, std::string(kReplaced)});
    }
    return {.wait = true};
}

Job* MemoryStore::skip_to_share(std::int64_t entry, Reason reason, JobId but) {
    auto latest = occurrences_.upper_bound({entry, std::chrono::sys_seconds::max()});
    do {
        if (latest == occurrences_.begin() || (--latest)->first.first != entry) return nullptr;
    } while (latest->second == but || latest->second == 0);
    const auto found = jobs_.find(latest->second);
    if (found == jobs_.end()) return nullptr;
    Job& job = found->second.job;
    return job.state == JobState::Skipped && job.reason == reason ? &job : nullptr;
}

JobId MemoryStore::insert_skipped(Job job, Reason reason, const JobEvent& event) {
    if (Job* shared = skip_to_share(job.entry, reason, 0); shared != nullptr) {
        count_in(*shared, job, event.time);
        return shared->id;
    }
    become_skipped(job, reason, event.time);
    Record& record = insert(std::move(job));
    record.events.push_back({event.time, "skipped", event.by, std::string(to_string(reason))});
    return record.job.id;
}

void MemoryStore::decide_due(TurnResult& result, const JobEvent& event, bool early) {
    std::vector<JobId> due;
    for (const auto& [id, record] : jobs_) {
        const Job& job = record.job;
        if (record.undecided && job.state == JobState::Queued && *job.available <= event.time)
            due.push_back(id);
    }
    for (const JobId id : due) {
        Record& record = jobs_.at(id);
        const bool is_held = std::any_of(jobs_.begin(), jobs_.find(id), [&](const auto& one) {
            const Job& other = one.second.job;
            return other.entry == record.job.entry && is_unfinished(other);
        });
        if (early && is_held) continue;
        const Overlapped overlapped = decide(record.job, id, result.to_stop, result.skipped, event);
        record.undecided = false;
        record.waits_from = overlapped.wait ? 1 : 0;
        if (!overlapped.skip) continue;
        result.skipped += occurrences_of(record.job);
        if (Job* shared = skip_to_share(record.job.entry, Reason::Overlap, id); shared != nullptr) {
            count_in(*shared, record.job, event.time);
            occurrences_[{record.job.entry, *record.job.scheduled}] = shared->id;
            jobs_.erase(id);
            continue;
        }
        become_skipped(record.job, Reason::Overlap, event.time);
        record.events.push_back({event.time, "skipped", event.by, "overlap"});
    }
}

MemoryStore::Record& MemoryStore::insert(Job job) {
    const JobId id = ++last_id_;
    Record& record = jobs_[id];
    record.job = newborn(std::move(job), id);
    return record;
}

Job MemoryStore::add(const Job& job, std::string_view by) {
    check_beginning(job);
    const Change locked(*this);
    return insert_unless_known(job, by).job;
}

std::vector<JobId> MemoryStore::add_all(const std::vector<Job>& jobs, std::string_view by) {
    for (const Job& job : jobs) check_beginning(job);
    const Change locked(*this);
    std::vector<JobId> ids;
    ids.reserve(jobs.size());
    for (const Job& job : jobs) ids.push_back(insert_unless_known(job, by).job.id);
    return ids;
}

MemoryStore::Record& MemoryStore::insert_unless_known(const Job& job, std::string_view by) {
    for (auto& [id, record] : jobs_) {
        const bool same = !job.key.empty() && record.job.key == job.key;
        if (!same || !is_unfinished(record.job) || !is_unfinished(job)) continue;
        record.events.push_back(
            {job.created, "refused", std::string(by), std::string(kRefusedKey)});
        return record;
    }
    Record& record = insert(job);
    record.events.push_back(
        {job.created, std::string(birth_event(job.state)), std::string(by), job.error});
    return record;
}

TurnResult MemoryStore::turn(const Turn& turn) {
    for (const Settlement& settlement : turn.settlements) {
        const auto allowed =
            check_transition(settlement.job.id, JobState::Running, settlement.job.state);
        if (!allowed) throw std::invalid_argument(allowed.error().message);
        for (const Job& job : settlement.follow_ups) check_beginning(job);
    }
    const Change locked(*this);
    TurnResult result;
    for (const LiveUpdate& update : turn.updates) write(update);
    for (const Settlement& settlement : turn.settlements) {
        if (!settle(settlement)) result.late.push_back(settlement.job.id);
    }
    if (!turn.claims.empty()) {
        const ClaimRequest& first = turn.claims.front();
        decide_due(result, {.time = first.now, .by = executor_name(first.owner, first.worker)},
                   turn.early);
    }
    for (const ClaimRequest& request : turn.claims) {
        for (Job& job : claim(request)) result.claimed.push_back(std::move(job));
    }
    return result;
}

MemoryStore::Record* MemoryStore::running(JobId id, std::int64_t claim) {
    const auto found = jobs_.find(id);
    if (found == jobs_.end()) return nullptr;
    const Job& job = found->second.job;
    return job.state == JobState::Running && job.claim == claim ? &found->second : nullptr;
}

void MemoryStore::write(const LiveUpdate& update) {
    Record* record = running(update.id, update.claim);
    if (record == nullptr) return;
    Job& job = record->job;
    for (const LogLine& line : update.lines) {
        const bool known =
            std::any_of(record->lines.begin(), record->lines.end(),
                        [&line](const LogLine& other) { return other.seq == line.seq; });
        if (known) continue;
        record->lines.push_back(line);
        job.log_bytes += static_cast<std::int64_t>(line.text.size());
    }
    std::sort(record->lines.begin(), record->lines.end(),
              [](const LogLine& a, const LogLine& b) { return a.seq < b.seq; });
    const std::string_view response = new_response(update, job.response_bytes);
    record->response += response;
    job.response_bytes += static_cast<std::int64_t>(response.size());
    job.progress = update.progress.value_or(job.progress);
    job.message = update.message.value_or(job.message);
    job.comment = update.comment.value_or(job.comment);
    job.result_code = update.result_code.value_or(job.result_code);
    job.attributes = update.attributes.value_or(job.attributes);
    job.pid = update.pid.value_or(job.pid);
}

bool MemoryStore::settle(const Settlement& ending) {
    Record* record = running(ending.job.id, ending.job.claim);
    const Settlement settlement =
        record == nullptr ? ending : heeding(ending, record->job.asked, record->asked_by);
    const Job& end = settlement.job;
    const JobEvent& event = settlement.event;
    if (record == nullptr) {
        if (const auto late = jobs_.find(end.id); late != jobs_.end()) {
            late->second.events.push_back({event.time, "late result", event.by, late_result(end)});
        }
        return false;
    }
    for (const Job& job : settlement.follow_ups) insert_unless_known(job, event.by);
    if (settlement.delete_job) {
        jobs_.erase(end.id);
        return true;
    }
    const Job old = record->job;
    record->attempts.push_back({old.claim, old.attempt, old.phase, old.owner, old.worker, end.pid,
                                old.started, event.time, end.state, end.reason, end.exit_code,
                                end.error});
    Job& job = record->job;
    job = end;
    // What a settlement does not write stays as it was.
    std::tie(job.task, job.group, job.topic, job.key) =
        std::tie(old.task, old.group, old.topic, old.key);
    std::tie(job.entry, job.zone, job.scheduled, job.last_scheduled, job.created, job.parent) =
        std::tie(old.entry, old.zone, old.scheduled, old.last_scheduled, old.created, old.parent);
    std::tie(job.overlap, job.on_lost, job.concurrency, job.concurrency_value) =
        std::tie(old.overlap, old.on_lost, old.concurrency, old.concurrency_value);
    std::tie(job.worker, job.log_bytes, job.response_bytes) =
        std::tie(old.worker, old.log_bytes, old.response_bytes);
    job.owner = 0;
    job.asked = Reason::None;
    job.waiting_for = WaitingFor::None;
    job.log_seq = 0;
    record->asked_by.clear();
    if (is_final(job.state)) {
        job.finished = job.finished.value_or(event.time);
    } else {
        job.finished.reset();
        job.available = job.available.value_or(event.time);
    }
    std::erase_if(record->lines, [&](const LogLine& line) {
        const bool cut = line.seq > settlement.cut_after && line.seq < settlement.cut_before;
        if (cut) job.log_bytes -= static_cast<std::int64_t>(line.text.size());
        return cut;
    });
    record->events.push_back(event);
    return true;
}

bool MemoryStore::group_busy(const Job& job) const {
    if (job.group.empty()) return false;
    return std::any_of(jobs_.begin(), jobs_.end(), [&job](const auto& other) {
        return other.second.job.state == JobState::Running && other.second.job.group == job.group;
    });
}

bool MemoryStore::at_limit(const Job& job) const {
    if (job.concurrency == 0) return false;
    return job.concurrency <= std::count_if(jobs_.begin(), jobs_.end(), [&job](const auto& other) {
               const Job& candidate = other.second.job;
               return candidate.state == JobState::Running && candidate.task == job.task &&
                      is_wanted(job.concurrency_value, candidate.concurrency_value);
           });
}

bool MemoryStore::waits_for_entry(const Record& record) const {
    if (record.waits_from == 0) return false;
    return std::any_of(jobs_.begin(), jobs_.end(), [&record](const auto& other) {
        const Job& job = other.second.job;
        return job.entry == record.job.entry && is_unfinished(job) && job.id >= record.waits_from &&
               job.id < record.job.id;
    });
}

bool MemoryStore::is_blocked(const Record& record) const {
    return group_busy(record.job) || at_limit(record.job) || waits_for_entry(record);
}

std::vector<Job> MemoryStore::claim(const ClaimRequest& request) {
    const Paused paused(pauses_, request.now);
    std::vector<Record*> queued;
    for (auto& [id, record] : jobs_) {
        const Job& job = record.job;
        if (job.state != JobState::Queued) continue;
        const bool wanted =
            request.only != 0
                ? id == request.only
                : is_one_of(request.topics, job.topic) &&
                      (request.not_topics.empty() || !is_one_of(request.not_topics, job.topic)) &&
                      is_one_of(request.among, id) && *job.available <= request.now &&
                      !paused.holds(job);
        if (wanted) queued.push_back(&record);
    }
    std::sort(queued.begin(), queued.end(), [](const Record* a, const Record* b) {
        return std::tuple(-a->job.priority, *a->job.available, a->job.id) <
               std::tuple(-b->job.priority, *b->job.available, b->job.id);
    });
    const std::size_t limit =
        request.only != 0 ? 1 : static_cast<std::size_t>(std::max(request.limit, 0));
    std::vector<Job> claimed;
    for (Record* record : queued) {
        if (claimed.size() == limit) break;
        Job& job = record->job;
        if (is_blocked(*record)) continue;
        job.state = JobState::Running;
        ++job.claim;
        job.owner = request.owner;
        job.worker = claimed.size() < request.workers.size() ? request.workers[claimed.size()]
                                                             : request.worker;
        job.started = request.now;
        job.pid = 0;
        job.exit_code.reset();
        record->events.push_back(
            {request.now, "claimed", executor_name(request.owner, job.worker), ""});
        claimed.push_back(job);
        if (!record->lines.empty()) claimed.back().log_seq = record->lines.back().seq;
    }
    return claimed;
}

}  // namespace periodic
