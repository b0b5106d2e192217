// Jobs: what people do with those that are there.

#include <algorithm>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "periodic/jobs.hpp"
#include "run/executor_core.hpp"
#include "run/job_edit.hpp"
#include "store/job_changes.hpp"

namespace periodic {
namespace {

// One transaction's worth: it holds the store for a few milliseconds.
constexpr int kBatch = 500;

std::string name_or_library(std::string_view by) {
    return by.empty() ? "library" : std::string(by);
}

Error not_found(JobId id) {
    Error error;
    error.code = ErrorCode::NotFound;
    error.message = no_such_job(id);
    return error;
}

// A change as the store is to make it. Error: what the job's task refuses.
Result<JobChange> prepare(ExecutorCore& core, JobAction action, const Job& job, const JobEdit& edit,
                          std::string_view by) {
    JobChange change{.id = job.id, .action = action, .by = name_or_library(by)};
    if (action != JobAction::Edit) return change;
    auto checked = check_edit(core, job, edit);
    if (!checked) return Failure(checked.error());
    change.edit = std::move(*checked);
    return change;
}

/// What changes have made worth telling the one who executes.
class News {
public:
    void add(const JobChanged& changed) {
        asked_ = asked_ || (changed.changed && changed.after == JobState::Running);
        queued_ = queued_ || (changed.changed && changed.after == JobState::Queued);
    }
    void tell(ExecutorCore& core) const {
        if (asked_) core.tell("asks");
        if (queued_) core.tell("look");
    }

private:
    bool asked_ = false;
    bool queued_ = false;
};

/// Changes all jobs that a filter matches, batch by batch.
class ManyChanges {
public:
    ManyChanges(ExecutorCore& core, JobAction action, const JobEdit& edit,
                const ChangeOptions& options)
        : core_(core), action_(action), edit_(edit), options_(options) {}

    // Jobs are met in order of id, and none that came after the beginning: so it ends, also when
    // those that were changed match still.
    JobsChanged run(JobFilter filter) {
        filter.before.reset();
        filter.after.reset();
        filter.limit = 1;
        filter.newest_first = true;
        const auto newest = core_.store().page(filter, core_.clock().now());
        if (!newest.empty()) {
            filter.below = newest.front().id + 1;
            filter.limit = kBatch;
            filter.newest_first = false;
            change_pages(std::move(filter));
        }
        return std::move(result_);
    }

private:
    void change_pages(JobFilter filter) {
        while (true) {
            const std::vector<Job> page = core_.store().page(filter, core_.clock().now());
            change_batch(page);
            if (std::cmp_less(page.size(), kBatch)) return;
            filter.after = page.back().id;
        }
    }

    void change_batch(const std::vector<Job>& jobs) {
        std::vector<JobChange> changes;
        std::vector<const Job*> prepared;
        for (const Job& job : jobs) {
            ++result_.matched;
            auto change = prepare(core_, action_, job, edit_, options_.by);
            if (!change) {
                refuse(job.id, job.state, change.error().message);
                continue;
            }
            changes.push_back(std::move(*change));
            prepared.push_back(&job);
        }
        if (changes.empty()) return;
        if (options_.dry_run) {
            for (std::size_t i = 0; i < changes.size(); ++i) foresee(changes[i], *prepared[i]);
            return;
        }
        News news;
        for (const JobChanged& changed : core_.store().change(changes, core_.clock().now())) {
            news.add(changed);
            if (changed.changed) {
                accept(changed.id);
            } else {
                refuse(changed.id, changed.before, changed.message);
            }
        }
        news.tell(core_);
    }

    void foresee(const JobChange& change, const Job& job) {
        if (auto allowed = changed_by(change, job, core_.clock().now()); allowed) {
            accept(job.id);
        } else {
            refuse(job.id, job.state, allowed.error().message);
        }
    }

    void accept(JobId id) {
        ++result_.changed;
        result_.ids.push_back(id);
    }

    void refuse(JobId id, std::optional<JobState> state, std::string message) {
        result_.refused.push_back({.id = id, .state = state, .message = std::move(message)});
    }

    ExecutorCore& core_;
    JobAction action_;
    const JobEdit& edit_;
    const ChangeOptions& options_;
    JobsChanged result_;
};

// Ids that a person named and that no job has.
void refuse_unknown(JobStore& store, const std::vector<JobId>& wanted, Time now,
                    JobsChanged& result) {
    std::set<JobId> unknown(wanted.begin(), wanted.end());
    for (const JobId id : result.ids) unknown.erase(id);
    for (const JobRefusal& refusal : result.refused) unknown.erase(refusal.id);
    for (const JobId id : unknown) {
        if (store.find(id, now)) continue;
        result.refused.push_back({.id = id, .message = no_such_job(id)});
    }
    std::sort(result.refused.begin(), result.refused.end(),
              [](const JobRefusal& a, const JobRefusal& b) { return a.id < b.id; });
}

}  // namespace

Result<Job> Jobs::change_one(JobAction action, JobId id, JobEdit edit, std::string_view by) {
    const Time now = core_->clock().now();
    const auto job = core_->store().find(id, now);
    if (!job) return Failure(not_found(id));
    auto change = prepare(*core_, action, *job, edit, by);
    if (!change) return Failure(change.error());
    const JobChanged changed = core_->store().change({std::move(*change)}, now).front();
    if (!changed.before) return Failure(not_found(id));
    if (!changed.changed) return failure(ErrorCode::Conflict, changed.message);
    News news;
    news.add(changed);
    news.tell(*core_);
    auto after = core_->store().find(id, core_->clock().now());
    // It was deleted, by this change or by its own command meanwhile: it is answered as it was.
    if (!after) return *job;
    return std::move(*after);
}

Result<Job> Jobs::start(JobId id, std::string_view by) {
    return change_one(JobAction::Start, id, {}, by);
}

Result<Job> Jobs::stop(JobId id, std::string_view by) {
    return change_one(JobAction::Stop, id, {}, by);
}

Result<Job> Jobs::kill(JobId id, std::string_view by) {
    return change_one(JobAction::Kill, id, {}, by);
}

Result<Job> Jobs::retry(JobId id, std::string_view by) {
    return change_one(JobAction::Retry, id, {}, by);
}

Result<Job> Jobs::edit(JobId id, JobEdit edit, std::string_view by) {
    return change_one(JobAction::Edit, id, std::move(edit), by);
}

Result<void> Jobs::remove(JobId id, std::string_view by) {
    auto removed = change_one(JobAction::Delete, id, {}, by);
    if (!removed) return Failure(removed.error());
    return {};
}

JobsChanged Jobs::change(JobAction action, const JobFilter& filter, const ChangeOptions& options,
                         const JobEdit& edit) {
    JobsChanged result = ManyChanges(*core_, action, edit, options).run(filter);
    refuse_unknown(core_->store(), filter.ids, core_->clock().now(), result);
    return result;
}

}  // namespace periodic
