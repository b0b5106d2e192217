#include "run/planner.hpp"

#include <algorithm>
#include <unordered_map>
#include <utility>

#include "periodic/duration.hpp"

namespace periodic {
namespace {

using std::chrono::seconds;
using std::chrono::sys_seconds;

/// The occurrences of one entry in (after, until], without listing them.
class Span {
public:
    Span(const CrontabEntry& entry, sys_seconds after, sys_seconds until)
        : entry_(&entry), after_(after), until_(until) {}

    [[nodiscard]] std::int64_t count() const {
        return after_ < until_ ? static_cast<std::int64_t>(
                                     entry_->expression().count(after_, until_, entry_->zone()))
                               : 0;
    }
    [[nodiscard]] std::optional<sys_seconds> first() const {
        const auto first = entry_->expression().next(after_, entry_->zone());
        return first && *first <= until_ ? first : std::nullopt;
    }
    [[nodiscard]] std::optional<sys_seconds> last() const {
        const auto last = entry_->expression().previous(until_ + seconds(1), entry_->zone());
        return last && *last > after_ ? last : std::nullopt;
    }
    /// The newest `limit`, oldest first.
    [[nodiscard]] std::vector<sys_seconds> newest(int limit) const {
        std::vector<sys_seconds> found;
        for (auto at = last(); at && *at > after_ && std::cmp_less(found.size(), limit);
             at = entry_->expression().previous(*at, entry_->zone())) {
            found.push_back(*at);
        }
        std::reverse(found.begin(), found.end());
        return found;
    }
    [[nodiscard]] Span until(sys_seconds end) const {
        return {*entry_, after_, std::min(end, until_)};
    }
    [[nodiscard]] Span after(sys_seconds begin) const {
        return {*entry_, std::max(begin, after_), until_};
    }

private:
    const CrontabEntry* entry_;
    sys_seconds after_;
    sys_seconds until_;
};

Job occurrence_of(const CrontabEntry& entry, sys_seconds scheduled) {
    Job job;
    job.task = entry.task();
    job.group = entry.group();
    job.entry = entry.id();
    job.zone = entry.zone().name();
    job.scheduled = scheduled;
    job.available = scheduled;
    job.parameters = entry.parameters();
    return job;
}

/// One skipped job that stands for all of a span; none if the span is empty.
std::optional<Job> skipped(const CrontabEntry& entry, const Span& span, Reason reason,
                           std::string message) {
    const auto first = span.first();
    if (!first) return std::nullopt;
    Job job = occurrence_of(entry, *first);
    job.state = JobState::Skipped;
    job.reason = reason;
    job.last_scheduled = span.last();
    job.missed = span.count();
    job.message = std::move(message);
    return job;
}

void add_if(std::vector<Job>& jobs, std::optional<Job> job) {
    if (job) jobs.push_back(std::move(*job));
}

/// The due occurrences of one entry as jobs, as its task's catch-up policy says.
class CatchUp {
public:
    CatchUp(const CrontabEntry& entry, const Task& task, sys_seconds now)
        : entry_(entry), task_(task), now_(now) {}

    [[nodiscard]] std::vector<Job> jobs(const Span& due) const {
        const CatchUpPolicy& policy = task_.catch_up;
        std::vector<Job> jobs;
        Span wanted = due;
        if (policy.within) {
            const sys_seconds oldest = now_ - *policy.within;
            add_if(jobs, skipped(entry_, due.until(oldest - seconds(1)), Reason::Missed,
                                 "older than catchUp within " + format_duration(*policy.within)));
            wanted = due.after(oldest - seconds(1));
        }
        switch (policy.kind) {
            case CatchUpPolicy::Kind::Once:
                add_latest(jobs, wanted);
                break;
            case CatchUpPolicy::Kind::All:
                add_all(jobs, wanted);
                break;
            case CatchUpPolicy::Kind::None:
                add_fresh(jobs, wanted);
                break;
        }
        return jobs;
    }

private:
    void add_latest(std::vector<Job>& jobs, const Span& span) const {
        const auto last = span.last();
        if (!last) return;
        Job job = ready(*last);
        job.missed = span.count() - 1;
        jobs.push_back(std::move(job));
    }

    void add_all(std::vector<Job>& jobs, const Span& span) const {
        const auto newest = span.newest(task_.catch_up.limit);
        if (newest.empty()) return;
        add_if(jobs, skipped(entry_, span.until(newest.front() - seconds(1)), Reason::Missed,
                             "over catchUp limit " + std::to_string(task_.catch_up.limit)));
        for (const sys_seconds scheduled : newest) jobs.push_back(ready(scheduled));
    }

    void add_fresh(std::vector<Job>& jobs, const Span& span) const {
        const auto last = span.last();
        if (!last) return;
        const bool fresh = *last >= now_ - task_.catch_up.grace;
        const Span old = fresh ? span.until(*last - seconds(1)) : span;
        add_if(jobs, skipped(entry_, old, Reason::Missed,
                             "catchUp none, grace " + format_duration(task_.catch_up.grace)));
        if (fresh) jobs.push_back(ready(*last));
    }

    [[nodiscard]] Job ready(sys_seconds scheduled) const {
        Job job = occurrence_of(entry_, scheduled);
        apply_task(job, task_);
        job.overlap = task_.overlap;
        return job;
    }

    const CrontabEntry& entry_;
    const Task& task_;
    sys_seconds now_;
};

/// Plans entries one after the other, and collects what is to be written.
class Planner {
public:
    explicit Planner(const PlanningInput& input) : input_(input) {}

    void visit(const CrontabEntry& entry, const EntryMark* mark) {
        if (entry.expression().is_reboot()) {
            visit_reboot(entry, mark);
        } else if (mark == nullptr) {
            begin(entry, {.id = entry.id(), .watermark = input_.horizon});
            look_ahead(entry, input_.horizon);
        } else {
            visit_known(entry, *mark);
        }
    }

    /// An entry that is gone from the crontab: what was due before is put on record.
    void visit_removed(const EntryMark& mark) {
        EntryPlan plan{.id = mark.id, .seen = mark};
        Crontab one;
        one.add(input_.find_definition(mark.id), "removed entry", TimeZone::utc());
        if (!one.entries().empty() && !one.entries().front().expression().is_reboot()) {
            const CrontabEntry& entry = one.entries().front();
            add_if(plan.jobs, skipped(entry, Span(entry, mark.watermark, input_.now),
                                      Reason::Removed, "the entry was removed from the crontab"));
            for (Job& job : plan.jobs) job.entry = mark.id;
        }
        planning_.plans.push_back(std::move(plan));
    }

    [[nodiscard]] Planning take() {
        std::sort(planning_.plans.begin(), planning_.plans.end(),
                  [](const EntryPlan& a, const EntryPlan& b) { return a.id < b.id; });
        return std::move(planning_);
    }

private:
    void begin(const CrontabEntry& entry, EntryMark mark, std::vector<Job> jobs = {}) {
        planning_.plans.push_back({.id = entry.id(),
                                   .definition = entry.definition(),
                                   .mark = mark,
                                   .jobs = std::move(jobs)});
    }

    void visit_known(const CrontabEntry& entry, const EntryMark& mark) {
        if (mark.watermark > input_.horizon && mark.watermark - input_.now >= kPatienceWithClock) {
            set_back(entry, mark);
            return;
        }
        const auto due = entry.expression().next(mark.watermark, entry.zone());
        if (!due) return;
        if (*due > input_.horizon) {
            remember(*due);
            return;
        }
        EntryMark moved = mark;
        moved.watermark = input_.horizon;
        planning_.plans.push_back(
            {.id = entry.id(),
             .seen = mark,
             .mark = moved,
             .jobs = due_jobs(entry, Span(entry, mark.watermark, input_.horizon))});
        look_ahead(entry, input_.horizon);
    }

    // The clock was far ahead when this entry was planned: it goes on from now.
    void set_back(const CrontabEntry& entry, const EntryMark& mark) {
        EntryMark moved = mark;
        moved.watermark = input_.horizon;
        const auto ahead = std::chrono::duration_cast<seconds>(mark.watermark - input_.now);
        planning_.plans.push_back({.id = entry.id(),
                                   .seen = mark,
                                   .mark = moved,
                                   .note = "the clock was set back by " + format_duration(ahead) +
                                           ": planning goes on from now"});
        look_ahead(entry, input_.horizon);
    }

    void visit_reboot(const CrontabEntry& entry, const EntryMark* mark) {
        if (mark != nullptr && mark->start == input_.start) return;
        const EntryMark moved{.id = entry.id(), .watermark = input_.now, .start = input_.start};
        const bool fresh = input_.now - input_.start_time <= kFreshStart;
        std::vector<Job> jobs;
        if (mark != nullptr || fresh) jobs = reboot_jobs(entry);
        if (mark == nullptr) {
            begin(entry, moved, std::move(jobs));
        } else {
            planning_.plans.push_back(
                {.id = entry.id(), .seen = *mark, .mark = moved, .jobs = std::move(jobs)});
        }
    }

    [[nodiscard]] std::vector<Job> reboot_jobs(const CrontabEntry& entry) {
        Job job = occurrence_of(entry, input_.start_time);
        const auto task = usable_task(entry, job);
        if (!task) return {std::move(job)};
        job.overlap = (*task)->overlap;
        return {std::move(job)};
    }

    [[nodiscard]] std::vector<Job> due_jobs(const CrontabEntry& entry, const Span& due) {
        Job probe = occurrence_of(entry, due.last().value_or(input_.now));
        const auto task = usable_task(entry, probe);
        if (task) return CatchUp(entry, **task, input_.now).jobs(due);
        probe.missed = due.count() - 1;
        return {std::move(probe)};
    }

    // The entry's task, applied to the job; if it can't run, the job has failed and says why.
    Result<const Task*> usable_task(const CrontabEntry& entry, Job& job) {
        auto task = input_.find_task(entry.task());
        std::optional<Error> error;
        if (!task) {
            error = task.error();
        } else if (auto parameters = (*task)->check_parameters(job.parameters); !parameters) {
            error = parameters.error();
            error->code = ErrorCode::Invalid;
            error->file = input_.crontab->files()[entry.file()];
            error->line = entry.line();
        }
        if (!error) {
            apply_task(job, **task);
            return task;
        }
        job.state = JobState::Failed;
        job.reason = Reason::Invalid;
        job.error = error->message;
        job.error_detail = to_string(*error);
        planning_.errors.push_back(*error);
        return Failure(std::move(*error));
    }

    void look_ahead(const CrontabEntry& entry, sys_seconds after) {
        if (const auto next = entry.expression().next(after, entry.zone())) remember(*next);
    }

    void remember(sys_seconds due) {
        if (!planning_.next_due || due < *planning_.next_due) planning_.next_due = due;
    }

    const PlanningInput& input_;
    Planning planning_;
};

}  // namespace

void apply_task(Job& job, const Task& task) {
    job.topic = task.topic;
    job.priority = task.priority;
    job.max_attempts = 1 + task.retries.max;
    job.on_lost = task.on_lost;
    job.concurrency = task.concurrency;
    if (auto checked = task.check_parameters(job.parameters)) job.parameters = std::move(*checked);
    if (!task.concurrency_key.empty()) {
        const auto value = job.parameters.find(task.concurrency_key);
        job.concurrency_value =
            task.concurrency_key + '=' + (value == job.parameters.end() ? "" : value->second.text);
    }
    if (!task.phases.empty() && !job.phase) job.phase = "registered";
}

Planning plan_entries(const PlanningInput& input) {
    Planner planner(input);
    std::unordered_map<std::int64_t, const EntryMark*> marks;
    marks.reserve(input.marks->size());
    for (const EntryMark& mark : *input.marks) marks.emplace(mark.id, &mark);
    for (const CrontabEntry& entry : input.crontab->entries()) {
        const auto found = marks.find(entry.id());
        planner.visit(entry,
                      found == marks.end() ? nullptr : std::exchange(found->second, nullptr));
    }
    if (input.crontab->complete()) {
        for (const EntryMark& mark : *input.marks) {
            if (marks.at(mark.id) != nullptr) planner.visit_removed(mark);
        }
    }
    return planner.take();
}

}  // namespace periodic
