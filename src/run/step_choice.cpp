#include "run/step_choice.hpp"

#include <algorithm>
#include <utility>

#include "store/pause_rules.hpp"

namespace periodic {
namespace {

constexpr int kPage = 1000;

// Whether it could run now. One that is idle waits only for somebody to start it.
bool is_due(const Job& job, const Paused& paused, Time now) {
    if (job.available && *job.available > now) return false;
    if (job.state == JobState::Idle) return !paused.holds(job);
    return job.waiting_for == WaitingFor::None || job.waiting_for == WaitingFor::Slot;
}

}  // namespace

std::optional<Job> StepChoice::next(Time now) {
    std::optional<Job> found;
    if (options_.rules.empty()) {
        found =
            best({}, options_.latest ? Order::PriorityThenNewest : Order::PriorityThenOldest, now);
    }
    for (const StepRule& rule : options_.rules) {
        found = best(rule.phase, rule.newest ? Order::Newest : Order::Oldest, now);
        if (found) break;
    }
    if (found) chosen_.insert(found->id);
    return found;
}

std::optional<Job> StepChoice::best(const std::string& phase, Order order, Time now) const {
    const Paused paused(core_.store().pauses(now), now);
    const bool newest = order == Order::Newest || order == Order::PriorityThenNewest;
    const bool by_priority =
        order == Order::PriorityThenOldest || order == Order::PriorityThenNewest;
    JobFilter filter;
    filter.phase = phase;
    filter.states = {JobState::Idle, JobState::Queued};
    filter.limit = kPage;
    filter.newest_first = newest;
    std::optional<Job> found;
    while (true) {
        std::vector<Job> page = core_.store().page(filter, now);
        const bool last = std::cmp_less(page.size(), kPage);
        if (!last) (newest ? filter.before : filter.after) = page.back().id;
        for (Job& job : page) {
            if (chosen_.contains(job.id) || !is_due(job, paused, now)) continue;
            // Pages come in the order that decides between equal priorities.
            if (!found || job.priority > found->priority) found = std::move(job);
            if (!by_priority) return found;
        }
        if (last) return found;
    }
}

}  // namespace periodic
