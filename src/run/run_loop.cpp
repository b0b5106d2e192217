#include "run/run_loop.hpp"

#include <algorithm>
#include <filesystem>
#include <system_error>
#include <utility>

#include "base/this_machine.hpp"
#include "periodic/duration.hpp"
#include "run/orphans.hpp"
#include "run/plan_due.hpp"
#include "run/process_files.hpp"

namespace periodic {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// What is said while an attempt runs reaches the store this often.
constexpr milliseconds kFlushEvery{100};
// How long results wait for a broken store before `run` gives up.
constexpr seconds kPatienceWithStore{60};
// How long after it was asked to end an attempt is reported: longer than any program's killAfter
// takes by default.
constexpr seconds kPatienceWithCommand{30};
// How often files in the state directory are looked after while jobs run.
constexpr seconds kLookAfterEvery{1};

std::string name_of(const LockOwner& owner) {
    return owner.kind + " pid " + std::to_string(owner.process.pid);
}

// When an attempt that begins now must end; nullopt: never, or its task can't run.
std::optional<Time> deadline_of(const Result<std::shared_ptr<const Task>>& task, Time now) {
    if (!task || (*task)->timeout.count() == 0) return std::nullopt;
    return now + (*task)->timeout;
}

void log_begin(Logger& logger, const Job& job) {
    const std::string text = "attempt " + std::to_string(job.attempt) + " of " +
                             std::to_string(job.max_attempts) + " begins";
    logger.log({.level = LogLevel::Info, .text = text, .task = job.task, .job = job.id});
}

void log_end(Logger& logger, const Settlement& settlement) {
    const Job& job = settlement.job;
    const bool bad = job.state == JobState::Failed || job.state == JobState::Stopped;
    std::string text = settlement.event.event;
    if (!settlement.event.detail.empty()) text += ": " + settlement.event.detail;
    logger.log({.level = bad ? LogLevel::Warning : LogLevel::Info,
                .text = text,
                .task = job.task,
                .job = job.id});
}

}  // namespace

RunLoop::RunLoop(ExecutorCore& core, RunRequest request, Lock lock, LockOwner owner)
    : core_(core),
      request_(std::move(request)),
      lock_(std::move(lock)),
      owner_(std::move(owner)),
      begun_(core.clock().now()),
      begun_steady_(core.clock().steady_now()),
      reserve_(core.home().in_state("reserve")),
      outbox_(core.store(), [this] { reserve_.give_up(); }) {
    wakes_.plan = request_.only == 0;
    pool_ = std::make_unique<AttemptPool>(
        core_.concurrency(),
        [this](const RunningAttempt& attempt) { return runner_->run(attempt); },
        [this] { core_.clock().notify(); });
    control_ = std::make_unique<ControlServer>(
        core_.home().state, [this](std::string_view line) { return on_request(line); });
}

RunLoop::~RunLoop() {
    // Only an exception leaves something running here; its results can't be kept.
    for (RunningAttempt& attempt : pool_->running()) {
        attempt.control->ask(Reason::Killed, "end of " + name_of(owner_));
    }
}

std::optional<std::string> RunLoop::on_request(std::string_view request) {
    {
        const std::lock_guard guard(wakes_mutex_);
        if (closing_) return std::nullopt;
        if (request == "wake") {
            wakes_.plan = true;
        } else if (request == "asks") {
            wakes_.asks = true;
        } else if (request != "who") {
            return std::nullopt;
        }
    }
    core_.clock().notify();
    return describe(owner_);
}

RunLoop::Wakes RunLoop::take_wakes() {
    const std::lock_guard guard(wakes_mutex_);
    return std::exchange(wakes_, Wakes{});
}

RunReport RunLoop::run() {
    OrphanRound orphans = settle_orphans(core_, owner_.generation, begun_, name_of(owner_));
    blocked_ = !orphans.blocked.empty();
    report_.lost = static_cast<std::int64_t>(orphans.settled.size());
    for (const Settlement& settlement : orphans.settled) {
        if (settlement.job.state == JobState::Failed) report_.failures.push_back(settlement.job.id);
    }
    while (const auto look = step()) core_.clock().wait_until(*look, request_.options.stop);
    return finish();
}

std::optional<Time> RunLoop::step() {
    const Time now = core_.clock().now();
    look_after_files(now);
    if (request_.options.stop.stop_requested()) stopping_ = true;
    const Wakes wakes = take_wakes();
    woken_ = woken_ || wakes.plan;
    if (wakes.plan || (next_plan_ && *next_plan_ <= now)) plan(now);
    if (wakes.asks) {
        for (const Ask& ask : core_.store().asks(owner_.generation)) {
            if (RunningAttempt* attempt = pool_->find(ask.id))
                attempt->control->ask(ask.what, ask.by);
        }
    }
    end_what_must(now);
    collect_results();
    collect_updates(now);
    commit(now);
    if (outbox_.broken_since() && now - *outbox_.broken_since() >= kPatienceWithStore) give_up();
    if (is_done(now)) return std::nullopt;
    return next_look(now);
}

// Cleaners remove what they don't know: the lock, the socket. Both are made anew.
void RunLoop::look_after_files(Time now) {
    if (looked_after_ && now >= *looked_after_ && now - *looked_after_ < kLookAfterEvery) return;
    looked_after_ = now;
    owner_.heartbeat = now;
    if (lock_.heal()) lock_.write_owner(owner_);
    control_->heal();
}

void RunLoop::plan(Time now) {
    if (stopping_) return;
    try {
        PlanRound round = plan_due(core_, now, seconds(0), "planner of " + name_of(owner_));
        report_.planned += round.result.inserted;
        report_.skipped += round.result.skipped;
        for (const JobId failed : round.result.failed) {
            ++report_.ran;
            ++report_.failed;
            report_.failures.push_back(failed);
        }
        for (const JobId id : round.result.to_stop) {
            if (RunningAttempt* attempt = pool_->find(id))
                attempt->control->ask(Reason::Stopped, "replace");
        }
        for (Problem& problem : round.problems) {
            if (std::find(report_.problems.begin(), report_.problems.end(), problem) ==
                report_.problems.end()) {
                report_.problems.push_back(std::move(problem));
            }
        }
        next_plan_ = round.next_due;
    } catch (const StorageError& error) {
        if (pool_->running().empty() && outbox_.empty()) throw;
        core_.logger().error(std::string("planning waits for the store: ") + error.what());
        next_plan_ = now + seconds(1);
    }
}

// Those whose place a newer job of their entry takes.
void RunLoop::ask_to_stop(const std::vector<JobId>& replaced) {
    for (const JobId id : replaced) {
        if (RunningAttempt* attempt = pool_->find(id))
            attempt->control->ask(Reason::Stopped, "replace");
    }
}

// Deadlines, and the end of the whole run.
void RunLoop::end_what_must(Time now) {
    for (RunningAttempt& attempt : pool_->running()) {
        if (stopping_) attempt.control->ask_for_shutdown("end of " + name_of(owner_));
        const auto deadline = attempt.control->deadline();
        if (deadline && *deadline <= now) attempt.control->ask(Reason::Timeout, "deadline");
        report_overdue(attempt, now);
    }
}

// A program is killed in the end; a C++ command that looks at no stop token can't be. It keeps its
// group, and people hear of it.
void RunLoop::report_overdue(RunningAttempt& attempt, Time now) {
    if (!attempt.control->token().stop_requested()) {
        attempt.asked_at.reset();
        return;
    }
    if (!attempt.asked_at) attempt.asked_at = now;
    if (attempt.overdue || now - *attempt.asked_at < kPatienceWithCommand) return;
    attempt.overdue = true;
    const std::string text = "it goes on " + format_duration(kPatienceWithCommand) +
                             " after it was asked to end, and keeps its group until then";
    core_.logger().log(
        {.level = LogLevel::Error, .text = text, .task = attempt.job.task, .job = attempt.job.id});
    core_.store().add_event(
        attempt.job.id, {.time = now, .event = "overdue", .by = name_of(owner_), .detail = text});
}

void RunLoop::collect_results() {
    for (EndedAttempt& ended : pool_->take_ended()) {
        if (auto update = ended.attempt.live->take()) outbox_.add(std::move(*update));
        outbox_.add(std::move(ended.settlement));
    }
}

void RunLoop::collect_updates(Time now) {
    updates_wait_ = false;
    const bool early = flushed_ && now >= *flushed_ && now - *flushed_ < kFlushEvery;
    if (early && outbox_.empty()) {
        updates_wait_ = !pool_->running().empty();
        return;
    }
    for (RunningAttempt& attempt : pool_->running()) {
        if (auto update = attempt.live->take()) {
            outbox_.add(std::move(*update));
            flushed_ = now;
        }
    }
}

bool RunLoop::may_claim(Time now) const {
    const RunOptions& limits = request_.options;
    // A run for one job takes others only when it is woken for them.
    if (request_.only != 0 && only_started_ && !woken_) return false;
    if (stopping_ || pool_->free_slots() <= 0 || outbox_.broken_since()) return false;
    if (limits.budget && now - begun_ >= *limits.budget) return false;
    return !limits.max_jobs || started_ < *limits.max_jobs;
}

std::optional<ClaimRequest> RunLoop::claim_request(Time now) const {
    if (!may_claim(now)) return std::nullopt;
    ClaimRequest claim;
    claim.owner = owner_.generation;
    claim.worker = owner_.process.pid;
    claim.now = now;
    claim.limit = pool_->free_slots();
    if (request_.options.max_jobs) {
        claim.limit = static_cast<int>(
            std::min<std::int64_t>(claim.limit, *request_.options.max_jobs - started_));
    }
    if (request_.only != 0 && !only_started_) {
        claim.only = request_.only;
        claim.limit = 1;
    }
    return claim;
}

void RunLoop::commit(Time now) {
    claimed_all_ = false;
    claim_tried_ = false;
    auto claim = claim_request(now);
    // Before the first claim a look is enough, so that a run with nothing to do writes nothing; and
    // what jobs need to run is made before one is claimed.
    if (claim && !runner_) {
        if (core_.store().counts(now).ready > 0 || claim->only != 0) {
            make_runner();
        } else {
            claim.reset();
            claimed_all_ = true;
            claim_tried_ = true;
        }
    }
    auto committed = outbox_.commit(claim, now);
    if (!committed) {
        const auto& problem = outbox_.problem();
        if (problem && outbox_.broken_since() == now) {
            core_.logger().error(
                std::string("the store does not take results, nothing new is begun: ") +
                problem->what());
        }
        return;
    }
    for (const Settlement& settlement : committed->settlements) {
        const auto& late = committed->result.late;
        if (std::find(late.begin(), late.end(), settlement.job.id) == late.end()) count(settlement);
    }
    claim_tried_ |= claim.has_value();
    report_.skipped += committed->result.skipped;
    ask_to_stop(committed->result.to_stop);
    claimed_all_ |= claim.has_value() && committed->result.claimed.empty();
    start(std::move(committed->result.claimed), now);
}

void RunLoop::count(const Settlement& settlement) {
    const std::string& event = settlement.event.event;
    log_end(core_.logger(), settlement);
    if (event == "given back") return;
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
            report_.failures.push_back(settlement.job.id);
            break;
        default:
            ++(event == "retry"   ? report_.retried
               : event == "phase" ? report_.phased
                                  : report_.rescheduled);
    }
}

void RunLoop::make_runner() {
    reserve_.restore();
    if (!blocked_) remove_process_files(core_.home(), owner_.generation);
    records_ = std::make_unique<ProcessRecord>(process_file(core_.home(), owner_.generation));
    runner_ = std::make_unique<JobRunner>(core_, *records_);
}

void RunLoop::start(std::vector<Job> claimed, Time now) {
    for (Job& job : claimed) {
        only_started_ = only_started_ || job.id == request_.only;
        ++started_;
        RunningAttempt attempt;
        attempt.task = core_.tasks().find(job.task);
        attempt.control = std::make_shared<AttemptControl>(deadline_of(attempt.task, now));
        attempt.live =
            std::make_shared<LiveBuffer>(job.id, job.claim, [this] { core_.clock().notify(); });
        log_begin(core_.logger(), job);
        attempt.job = std::move(job);
        pool_->start(std::move(attempt));
    }
}

bool RunLoop::is_done(Time now) {
    if (!pool_->running().empty() || !outbox_.empty()) return false;
    if (!stopping_) {
        if (request_.forever || (next_plan_ && *next_plan_ <= now)) return false;
        if (may_claim(now) && !claimed_all_) return false;
    }
    // From here on whoever wants to wake this run is sent away, and tries for the lock.
    const std::lock_guard guard(wakes_mutex_);
    if (wakes_.plan && !stopping_) return false;
    closing_ = true;
    return true;
}

Time RunLoop::next_look(Time now) {
    Time look = now + std::chrono::hours(24);
    const auto earlier = [&look](std::optional<Time> time) {
        if (time) look = std::min(look, *time);
    };
    if (updates_wait_) earlier(*flushed_ + kFlushEvery);
    if (outbox_.broken_since()) earlier(outbox_.retry_at());
    for (const RunningAttempt& attempt : pool_->running()) earlier(attempt.control->deadline());
    if (!pool_->running().empty()) earlier(now + kLookAfterEvery);
    // The store has just recovered: what waited for that is claimed now.
    if (may_claim(now) && !claim_tried_) look = now;
    if (!stopping_ && !outbox_.broken_since()) {
        earlier(next_plan_);
        if (pool_->free_slots() > 0) earlier(core_.store().next_available(now));
    }
    // A deadline that has been asked for already lies in the past: then the look-after is next.
    return std::max(look, now + milliseconds(1));
}

// The exception ends this run and kills what still runs: its results could not be kept either.
void RunLoop::give_up() {
    std::vector<JobId> unsettled = outbox_.unsettled();
    for (const RunningAttempt& attempt : pool_->running()) unsettled.push_back(attempt.job.id);
    std::string list;
    for (const JobId id : unsettled) list += ' ' + std::to_string(id);
    const StorageError problem = *outbox_.problem();
    throw StorageError(problem.kind(), std::string(problem.what()) +
                                           "; not in the store are the results of the jobs" +
                                           (list.empty() ? " (none)" : list) +
                                           "; the next start settles them");
}

RunReport RunLoop::finish() {
    std::error_code ignored;
    control_.reset();
    const Time now = core_.clock().now();
    if (report_.planned + report_.ran > 0) prune_history(core_, now);
    report_.left = core_.store().counts(now).ready;
    core_.store().end_generation(owner_.generation, now, stopping_ ? "stopped" : "done");
    if (records_) std::filesystem::remove(records_->path(), ignored);
    report_.seconds =
        std::chrono::duration<double>(core_.clock().steady_now() - begun_steady_).count();
    return std::move(report_);
}

}  // namespace periodic
