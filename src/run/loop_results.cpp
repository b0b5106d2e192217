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

// Writes what waits, and starts what it claims. False if the store did not take it.
bool RunLoop::write(const std::vector<ClaimRequest>& claims, Time now, bool early) {
    // What jobs need to run is made before one is claimed.
    if (!claims.empty()) prepare();
    const bool was_broken = outbox_.broken_since().has_value();
    auto committed = outbox_.commit(claims, now, early);
    if (!committed) {
        const auto& problem = outbox_.problem();
        if (problem && outbox_.broken_since() == now) {
            core_.logger().error(
                std::string("the store does not take results, nothing new is begun: ") +
                problem->what());
        }
        return false;
    }
    if (was_broken) core_.logger().warning("the store takes results again");
    // First what a slot waits for; the rest is done while it runs.
    start(committed->result.claimed, now);
    report_.skipped += committed->result.skipped;
    ask_to_stop(committed->result.to_stop);
    for (const Settlement& settlement : committed->settlements) {
        const auto& late = committed->result.late;
        if (std::find(late.begin(), late.end(), settlement.job.id) == late.end()) count(settlement);
    }
    return true;
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
