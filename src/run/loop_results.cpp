// What a run does with what its attempts say and how they end.

#include <algorithm>
#include <chrono>
#include <string>
#include <utility>

#include "run/log_end.hpp"
#include "run/run_loop.hpp"

namespace periodic {
namespace {

// What is said while an attempt runs reaches the store this often.
constexpr std::chrono::milliseconds kFlushEvery{100};

}  // namespace

void RunLoop::note_failure(JobId id) {
    if (!request_.forever) report_.failures.push_back(id);
}

// Those whose place a newer job of their entry takes.
void RunLoop::ask_to_stop(const std::vector<JobId>& replaced) {
    for (const JobId id : replaced) {
        if (RunningAttempt* attempt = host_->find(id))
            attempt->control->ask(Reason::Stopped, kReplacer);
    }
}

void RunLoop::collect_results() {
    for (EndedAttempt& ended : host_->take_ended()) outbox_.add(std::move(ended.settlement));
}

void RunLoop::collect_updates(Time now) {
    updates_due_.reset();
    const bool early = flushed_ && now >= *flushed_ && now - *flushed_ < kFlushEvery;
    if (early && outbox_.empty()) {
        if (!host_->running().empty()) updates_due_ = *flushed_ + kFlushEvery;
        return;
    }
    for (LiveUpdate& update : host_->take_updates()) {
        outbox_.add(std::move(update));
        flushed_ = now;
    }
}

// Begins to write what waits and to claim; answers how many jobs that claimed, nullopt if the store
// did not take it. What is durable is taken in.
std::optional<std::size_t> RunLoop::write(const std::vector<ClaimRequest>& claims, Time now,
                                          bool early) {
    // What jobs need to run is made before one is claimed.
    if (!claims.empty()) prepare();
    if (!outbox_.has_room()) land(now);
    // Where nothing runs nothing can be done meanwhile, and to wait here is quicker.
    const bool at_once = host_->running().empty();
    const auto claimed = outbox_.begin(claims, now, {.early = early, .at_once = at_once});
    take_in(now);
    return claimed;
}

// Starts what turns have claimed, and counts what they have settled, once they are durable.
void RunLoop::take_in(Time now) {
    for (const Outbox::Committed& turn : outbox_.take_kept(now)) {
        // First what a slot waits for; the rest is done while it runs.
        start(turn.result.claimed, now);
        report_.skipped += turn.result.skipped;
        ask_to_stop(turn.result.to_stop);
        for (const Settlement& settlement : turn.settlements) {
            const auto& late = turn.result.late;
            if (std::find(late.begin(), late.end(), settlement.job.id) == late.end())
                count(settlement);
        }
    }
    tell_of_store();
}

// For what must not miss jobs that are about to start.
void RunLoop::land(Time now) {
    outbox_.land();
    take_in(now);
}

void RunLoop::tell_of_store() {
    const bool results_wait = outbox_.broken_since().has_value();
    if (std::exchange(results_wait_, results_wait) == results_wait) return;
    if (!results_wait) return core_.logger().warning("the store takes results again");
    core_.logger().error(std::string("the store does not take results, nothing new is begun: ") +
                         outbox_.problem()->what());
}

void RunLoop::count(const Settlement& settlement) {
    const std::string& event = settlement.event.event;
    log_end(core_.logger(), settlement);
    if (event == "given back") return;
    pruning_.note_work(settlement.event.time);
    tell_settled(settlement);
    ++report_.ran;
    switch (settlement.job.state) {
        case JobState::Succeeded:
            ++report_.succeeded;
            break;
        case JobState::Aborted:
            ++report_.aborted;
            break;
        case JobState::Stopped:
            ++report_.stopped;
            break;
        case JobState::Failed:
            ++report_.failed;
            note_failure(settlement.job.id);
            break;
        default:
            ++(event == "retry"   ? report_.retried
               : event == "phase" ? report_.phased
                                  : report_.rescheduled);
    }
}

void RunLoop::tell_settled(const Settlement& settlement) {
    if (core_.observer() == nullptr) return;
    const auto task = core_.tasks().find(settlement.job.task);
    core_.observer()->settled(settlement, task ? task->get() : nullptr);
}

}  // namespace periodic
