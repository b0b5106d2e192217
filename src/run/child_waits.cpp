#include "run/child_waits.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace periodic {
namespace {

std::string name(const Job& job) {
    return "job " + std::to_string(job.id);
}

}  // namespace

Result<ChildWaits::Wait> ChildWaits::begin(const Job& parent, const Job& child, Time now) {
    {
        const std::lock_guard guard(mutex_);
        if (chain_above(parent.id) + 1 > kLongestChain) {
            return failure(ErrorCode::Conflict,
                           std::to_string(kLongestChain) + " jobs wait for each other already",
                           "queue the task without waiting for it");
        }
        Verdicts verdicts;
        if (const std::string never = never_free(child, parent, now, verdicts); !never.empty()) {
            return failure(ErrorCode::Conflict,
                           name(parent) + " would wait for ever for " + name(child) + ": " + never,
                           "queue it without waiting, in another group, or raise the concurrency");
        }
        waits_.insert_or_assign(parent.id, Pair{.parent = parent, .child = child.id});
    }
    changed_();
    return Wait(*this, parent.id);
}

void ChildWaits::end(JobId parent) {
    const std::lock_guard guard(mutex_);
    waits_.erase(parent);
}

std::size_t ChildWaits::count() const {
    const std::lock_guard guard(mutex_);
    return waits_.size();
}

std::vector<JobId> ChildWaits::awaited() const {
    const std::lock_guard guard(mutex_);
    std::vector<JobId> ids;
    ids.reserve(waits_.size());
    for (const auto& [parent, pair] : waits_) ids.push_back(pair.child);
    return ids;
}

// How many wait for a job, for the one that waits for it, and so on.
std::size_t ChildWaits::chain_above(JobId job) const {
    std::size_t length = 0;
    while (length <= kLongestChain) {
        const auto above = std::find_if(waits_.begin(), waits_.end(),
                                        [job](const auto& one) { return one.second.child == job; });
        if (above == waits_.end()) break;
        job = above->first;
        ++length;
    }
    return length;
}

// What the child can never have if the parent waits for it; empty if it can run or does.
std::string ChildWaits::never_free(const Job& child, const Job& parent, Time now,
                                   Verdicts& verdicts) const {
    if (child.id == parent.id) return "it is the job itself";
    if (is_final(child.state)) return {};
    // Met again on the way it stands for nothing; afterwards it stands for what was found.
    const auto [verdict, is_new] = verdicts.try_emplace(child.id);
    if (is_new) verdict->second = why_never(child, parent, now, verdicts);
    return verdict->second;
}

std::string ChildWaits::why_never(const Job& child, const Job& parent, Time now,
                                  Verdicts& verdicts) const {
    if (child.state == JobState::Running) {
        return never_ends(child, parent, now, verdicts) ? "it waits for this one" : "";
    }
    if (!child.group.empty()) {
        JobFilter filter;
        filter.group = child.group;
        filter.states = {JobState::Running};
        for (const Job& holder : store_.page(filter, now)) {
            if (never_ends(holder, parent, now, verdicts))
                return "the group " + child.group + " is taken by " + name(holder);
        }
    }
    if (child.concurrency == 0) return {};
    JobFilter filter;
    filter.task = child.task;
    filter.states = {JobState::Running};
    filter.limit = 10'000;
    std::vector<Job> holders = store_.page(filter, now);
    std::erase_if(holders, [&child](const Job& job) {
        return !child.concurrency_value.empty() && job.concurrency_value != child.concurrency_value;
    });
    // One of them that ends is enough.
    const auto lasting = std::count_if(holders.begin(), holders.end(), [&](const Job& holder) {
        return never_ends(holder, parent, now, verdicts);
    });
    if (lasting < child.concurrency) return {};
    return "the concurrency of its task is used up by those that wait for it";
}

// Whether a running job can't end before the parent does.
bool ChildWaits::never_ends(const Job& holder, const Job& parent, Time now,
                            Verdicts& verdicts) const {
    if (holder.id == parent.id) return true;
    const auto waits = waits_.find(holder.id);
    if (waits == waits_.end()) return false;
    const auto next = store_.find(waits->second.child, now);
    return next && !never_free(*next, parent, now, verdicts).empty();
}

}  // namespace periodic
