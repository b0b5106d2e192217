// Jobs: deleting what has been kept for long enough.

#include <algorithm>
#include <tuple>
#include <utility>
#include <vector>

#include "periodic/jobs.hpp"
#include "run/executor_core.hpp"
#include "run/retention.hpp"

namespace periodic {
namespace {

constexpr int kPage = 10'000;
constexpr int kManyIds = 500;

struct Ended {
    Time finished{};
    JobId id = 0;
};

// The final jobs of a task, those that failed or the others; the newest first.
std::vector<Ended> history(JobStore& store, const std::string& task, bool failed, Time now) {
    JobFilter filter;
    filter.task = task;
    filter.states = {JobState::Failed};
    if (!failed) {
        filter.states = {JobState::Succeeded, JobState::Aborted, JobState::Stopped,
                         JobState::Skipped};
    }
    filter.limit = kPage;
    std::vector<Ended> ended;
    while (true) {
        const std::vector<Job> page = store.page(filter, now);
        for (const Job& job : page) ended.push_back({job.finished.value_or(job.created), job.id});
        if (std::cmp_less(page.size(), kPage)) break;
        filter.before = page.back().id;
    }
    std::sort(ended.begin(), ended.end(), [](const Ended& a, const Ended& b) {
        return std::tie(b.finished, b.id) < std::tie(a.finished, a.id);
    });
    return ended;
}

// The jobs that a pruning of a task would delete.
std::vector<JobId> beyond(JobStore& store, const std::string& task,
                          const RetentionPolicy& retention, Time now) {
    std::vector<JobId> ids;
    for (const bool failed : {false, true}) {
        const std::vector<Ended> ended = history(store, task, failed, now);
        for (std::size_t i = 0; i < ended.size(); ++i) {
            const bool too_many = retention.jobs > 0 && std::cmp_greater_equal(i, retention.jobs);
            const bool too_old =
                retention.age.count() > 0 && ended[i].finished <= now - retention.age;
            if (too_many || too_old) ids.push_back(ended[i].id);
        }
    }
    return ids;
}

void erase_living(JobStore& store, std::vector<JobId>& ids, Time now) {
    std::vector<JobId> gone;
    for (std::size_t first = 0; first < ids.size(); first += kManyIds) {
        JobFilter filter;
        filter.ids.assign(ids.begin() + static_cast<std::ptrdiff_t>(first),
                          ids.begin() + static_cast<std::ptrdiff_t>(
                                            std::min<std::size_t>(first + kManyIds, ids.size())));
        filter.limit = kManyIds;
        std::vector<JobId> living;
        for (const Job& job : store.page(filter, now)) living.push_back(job.id);
        std::sort(living.begin(), living.end());
        std::copy_if(
            filter.ids.begin(), filter.ids.end(), std::back_inserter(gone),
            [&living](JobId id) { return !std::binary_search(living.begin(), living.end(), id); });
    }
    ids = std::move(gone);
}

}  // namespace

JobsChanged Jobs::prune(bool all, const ChangeOptions& options) {
    JobStore& store = core_->store();
    Time now = core_->clock().now();
    JobsChanged result;
    for (const std::string& task : store.tasks_with_history()) {
        RetentionPolicy retention = retention_of(*core_, task);
        Time as_of = now;
        if (all) {
            // Every job is that old in a thousand years, also one that a wrong clock has ended.
            retention = {.age = std::chrono::seconds(1), .jobs = 0};
            as_of = now + std::chrono::hours(24) * 365'000;
        }
        std::vector<JobId> ids = beyond(store, task, retention, as_of);
        if (!options.dry_run && !ids.empty()) {
            const auto before = static_cast<std::int64_t>(result.ids.size());
            prune_task(store, task, retention, as_of, [&](std::int64_t pruned) {
                if (options.progress) options.progress(before + pruned);
            });
            erase_living(store, ids, now);
        }
        result.ids.insert(result.ids.end(), ids.begin(), ids.end());
    }
    std::sort(result.ids.begin(), result.ids.end());
    result.matched = result.changed = static_cast<std::int64_t>(result.ids.size());
    return result;
}

}  // namespace periodic
