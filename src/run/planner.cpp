#include "run/planner.hpp"

#include <algorithm>
#include <utility>

#include "periodic/duration.hpp"
#include "run/due_spans.hpp"
#include "run/mark_table.hpp"

namespace periodic {
namespace {

using std::chrono::seconds;
using std::chrono::sys_seconds;

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

/// Makes the job of a span's last occurrence stand for the others too.
void stand_for(Job& job, const DueSpans& span) {
    job.missed = span.count() - 1;
    if (job.missed > 0) job.last_scheduled = span.first();
}

/// One skipped job that stands for all of a span; none if the span is empty.
std::optional<Job> skipped(const CrontabEntry& entry, const DueSpans& span, Reason reason,
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

// Nothing, if it is none: the clock may stand before a watermark.
std::vector<Stretch> stretch(sys_seconds after, sys_seconds until) {
    return after < until ? std::vector<Stretch>{{after, until}} : std::vector<Stretch>{};
}

void add_if(std::vector<Job>& jobs, std::optional<Job> job) {
    if (job) jobs.push_back(std::move(*job));
}

/// The due occurrences of one entry as jobs, as its task's catch-up policy says.
class CatchUp {
public:
    CatchUp(const CrontabEntry& entry, const Task& task, sys_seconds now)
        : entry_(entry), task_(task), now_(now) {}

    [[nodiscard]] std::vector<Job> jobs(const DueSpans& due) const {
        const CatchUpPolicy& policy = task_.catch_up;
        std::vector<Job> jobs;
        DueSpans wanted = due;
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
    void add_latest(std::vector<Job>& jobs, const DueSpans& span) const {
        const auto last = span.last();
        if (!last) return;
        Job job = ready(*last);
        stand_for(job, span);
        jobs.push_back(std::move(job));
    }

    void add_all(std::vector<Job>& jobs, const DueSpans& span) const {
        const auto newest = span.newest(task_.catch_up.limit);
        if (newest.empty()) return;
        add_if(jobs, skipped(entry_, span.until(newest.front() - seconds(1)), Reason::Missed,
                             "over catchUp limit " + std::to_string(task_.catch_up.limit)));
        for (const sys_seconds scheduled : newest) jobs.push_back(ready(scheduled));
    }

    void add_fresh(std::vector<Job>& jobs, const DueSpans& span) const {
        const auto last = span.last();
        if (!last) return;
        const bool fresh = *last >= now_ - task_.catch_up.grace;
        const DueSpans old = fresh ? span.until(*last - seconds(1)) : span;
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
            visit_new(entry);
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
            const DueSpans due(entry, stretch(mark.watermark, input_.now));
            add_if(plan.jobs,
                   skipped(entry, due, Reason::Removed, "the entry was removed from the crontab"));
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

    // It never runs the past; what came due between its being written and this planning is not.
    void visit_new(const CrontabEntry& entry) {
        sys_seconds since = input_.horizon;
        if (input_.stands_since) since = input_.stands_since(entry).value_or(since);
        const auto due = entry.expression().next(since, entry.zone());
        std::vector<Job> jobs;
        if (due && *due <= input_.horizon) jobs = due_jobs(entry, {since, input_.horizon});
        begin(entry, {.id = entry.id(), .watermark = input_.horizon}, std::move(jobs));
        look_ahead(entry, input_.horizon);
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
        planning_.plans.push_back({.id = entry.id(),
                                   .seen = mark,
                                   .mark = moved,
                                   .jobs = due_jobs(entry, {mark.watermark, input_.horizon})});
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
        const Stretch instant{input_.start_time - seconds(1), input_.start_time};
        if (!divided(entry, instant).paused.empty()) {
            Job job = occurrence_of(entry, input_.start_time);
            job.state = JobState::Skipped;
            job.reason = Reason::Paused;
            return {std::move(job)};
        }
        Job job = occurrence_of(entry, input_.start_time);
        const auto task = usable_task(entry, job);
        if (!task) return {std::move(job)};
        job.overlap = (*task)->overlap;
        return {std::move(job)};
    }

    // Those in a pause are skipped, each run of them as one; the others are caught up with.
    [[nodiscard]] std::vector<Job> due_jobs(const CrontabEntry& entry, const Stretch& due) {
        const Divided parts = divided(entry, due);
        const DueSpans free(entry, parts.free);
        std::vector<Job> jobs;
        if (const auto last = free.last()) jobs = unpaused_jobs(entry, free, *last);
        for (const Stretch& paused : parts.paused) {
            add_if(jobs, skipped(entry, DueSpans(entry, {paused}), Reason::Paused, {}));
        }
        std::stable_sort(jobs.begin(), jobs.end(),
                         [](const Job& a, const Job& b) { return a.scheduled < b.scheduled; });
        return jobs;
    }

    [[nodiscard]] std::vector<Job> unpaused_jobs(const CrontabEntry& entry, const DueSpans& due,
                                                 sys_seconds last) {
        Job probe = occurrence_of(entry, last);
        const auto task = usable_task(entry, probe);
        if (task) return CatchUp(entry, **task, input_.now).jobs(due);
        stand_for(probe, due);
        return {std::move(probe)};
    }

    [[nodiscard]] Divided divided(const CrontabEntry& entry, const Stretch& due) const {
        std::string topic = Job().topic;
        const bool some_topic = std::any_of(
            input_.pauses.begin(), input_.pauses.end(),
            [](const Pause& pause) { return pause.scope.kind == PauseScope::Kind::Topic; });
        if (some_topic) {
            if (const auto task = input_.find_task(entry.task())) topic = (*task)->topic;
        }
        return divide(due, input_.pauses, entry.task(), entry.group(), topic);
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
    MarkTable marks(*input.marks);
    for (const CrontabEntry& entry : input.crontab->entries())
        planner.visit(entry, marks.take(entry.id()));
    if (input.crontab->complete())
        marks.for_each_left([&planner](const EntryMark& mark) { planner.visit_removed(mark); });
    return planner.take();
}

}  // namespace periodic
