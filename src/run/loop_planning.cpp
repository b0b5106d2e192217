// What a run finds to do: what is due, and what dead executors left.

#include <algorithm>
#include <chrono>
#include <string>
#include <system_error>
#include <utility>

#include "run/log_end.hpp"
#include "run/orphans.hpp"
#include "run/plan_due.hpp"
#include "run/run_loop.hpp"

namespace periodic {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// A planning ahead keeps so far off the second before, when others start on their instant.
constexpr milliseconds kAfterInstant{300};
// How often what a dead executor left, and what did not end, is looked for again.
constexpr seconds kOrphansAgainEvery{10};
// Of one planning, at most.
constexpr int kMostRecalled = 10'000;

}  // namespace

// What was left of dead executors. What can't be settled is tried again by who lives long.
void RunLoop::settle_orphans(Time now, const OrphanOptions& options) {
    if (blocked_) blocked_ = now;  // where the store breaks now it is tried again later, too
    const OrphanRound orphans =
        periodic::settle_orphans(core_, owner_.generation, now, name_, options);
    blocked_.reset();
    if (!orphans.blocked.empty()) blocked_ = now;
    report_.lost += static_cast<std::int64_t>(orphans.settled.size());
    for (const Settlement& settlement : orphans.settled) {
        if (settlement.job.state == JobState::Failed) note_failure(settlement.job.id);
        tell_settled(settlement);
    }
}

// Their records can't be read while there are no descriptors.
void RunLoop::retry_orphans(Time now) {
    try {
        settle_orphans(now, {.patience = milliseconds(0), .runs_nothing = false});
    } catch (const std::system_error& error) {
        core_.logger().error(std::string("what a dead executor left is looked at later: ") +
                             error.what());
    }
}

std::optional<Time> RunLoop::orphans_due() const {
    if (!blocked_ || !request_.forever || stopping_) return std::nullopt;
    return *blocked_ + kOrphansAgainEvery;
}

void RunLoop::plan(Time now) {
    if (stopping_) return;
    planned_at_ = now;
    try {
        recall_failures();
        unsure_plan_ = now;
        PlanRound round = plan_due(core_, now, request_.ahead, "planner of " + name_);
        unsure_plan_.reset();
        if (!std::exchange(plan_trouble_, {}).empty())
            core_.logger().warning("the store takes what is planned again");
        report_.planned += round.result.inserted;
        report_.skipped += round.result.skipped;
        clock_was_set_ = clock_was_set_ || round.clock_was_ahead;
        heed_clock(now);
        for (const JobId failed : round.result.failed) note_unplannable(failed);
        ask_to_stop(round.result.to_stop);
        next_due_ = round.next_due;
        next_plan_ = next_due_;
        if (next_plan_ && request_.ahead > kAfterInstant)
            *next_plan_ -= request_.ahead - kAfterInstant;
        note_problems(std::move(round.problems));
        tell_unheard(now);
    } catch (const StorageError& error) {
        if (!request_.forever && host_->running().empty() && outbox_.empty()) throw;
        // Once: it may last.
        if (std::exchange(plan_trouble_, error.what()).empty())
            core_.logger().error("planning waits for the store: " + plan_trouble_);
        next_plan_ = now + seconds(1);
    }
}

// Those of a planning whose answer was lost: it may be in the store all the same.
void RunLoop::recall_failures() {
    if (!unsure_plan_) return;
    JobFilter filter;
    filter.states = {JobState::Failed};
    filter.created_after = *unsure_plan_ - milliseconds(1);
    filter.created_before = *unsure_plan_ + milliseconds(1);
    filter.limit = kMostRecalled;
    for (const Job& job : core_.store().page(filter, *unsure_plan_))
        if (job.reason == Reason::Invalid) note_unplannable(job.id);
    unsure_plan_.reset();
}

void RunLoop::note_unplannable(JobId id) {
    ++report_.ran;
    ++report_.failed;
    note_failure(id);
    unheard_.push_back(id);
}

// What the store does not show now is told after a later planning.
void RunLoop::tell_unheard(Time now) {
    for (; !unheard_.empty(); unheard_.pop_front()) {
        const auto job = core_.store().find(unheard_.front(), now);
        if (!job) continue;
        log_end(core_.logger(), *job);
        tell_settled({.job = *job});
    }
}

// One that lives long keeps no lists: its listener hears of what is broken, the store knows the
// jobs that failed.
void RunLoop::note_problems(std::vector<Problem> problems) {
    if (request_.listener != nullptr) {
        request_.listener->on_problems(problems);
        if (!std::exchange(ready_, true)) request_.listener->on_ready();
        return;
    }
    for (Problem& problem : problems) {
        if (std::find(report_.problems.begin(), report_.problems.end(), problem) ==
            report_.problems.end()) {
            report_.problems.push_back(std::move(problem));
        }
    }
}

}  // namespace periodic
