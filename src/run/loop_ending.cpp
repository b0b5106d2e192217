// How a run ends what it runs, and itself.

#include <algorithm>
#include <utility>

#include "periodic/duration.hpp"
#include "run/observation.hpp"
#include "run/retention.hpp"
#include "run/run_loop.hpp"
#include "run/workplace.hpp"

namespace periodic {
namespace {

using std::chrono::seconds;

// How long after it was asked to end an attempt is reported: longer than any program's killAfter
// takes by default.
constexpr seconds kPatienceWithCommand{30};
// How long after SIGKILL, or what stands for it, a run that is to stop still waits for an attempt:
// longer than it takes to end a worker and all that it left.
constexpr seconds kPatienceWithKill{10};
// How long results wait for a broken store before `run` gives up.
constexpr seconds kPatienceWithStore{60};

}  // namespace

// From a stop on nothing begins; what runs has its time to end by itself, then killAfter to obey.
// Whoever hurries ends the one, or else the other.
void RunLoop::note_stop(Time now) {
    if (!request_.options.stop.stop_requested() && !lost_home_) return;
    if (!std::exchange(stopping_, true)) end_at_ = now + request_.stop_within;
    if (hurried_ || !request_.hurry.stop_requested()) return;
    hurried_ = true;
    kills_ = *end_at_ <= now;
    end_at_ = std::min(*end_at_, now);
}

// Deadlines, and the end of the whole run.
void RunLoop::end_what_must(Time now) {
    for (RunningAttempt& attempt : host_->running()) {
        if (end_at_ && *end_at_ <= now) {
            attempt.control->ask_for_shutdown("end of " + name_,
                                              kills_ ? Reason::Killed : Reason::Stopped);
        }
        attempt.control->ask_when_due(core_.clock());
        note_asked(attempt, now);
        report_overdue(attempt, now);
    }
}

void RunLoop::note_asked(RunningAttempt& attempt, Time now) const {
    if (!attempt.control->token().stop_requested()) return attempt.asked_at.reset();
    const bool was_killed = attempt.killed;
    attempt.killed = attempt.control->asked() == Reason::Killed;
    // A clock that was set back gives no more time.
    if (!attempt.asked_at || attempt.killed != was_killed || now < *attempt.asked_at)
        attempt.asked_at = now;
}

// A program is killed in the end; a C++ command that looks at no stop token can't be. It keeps its
// group, and people hear of it.
void RunLoop::report_overdue(RunningAttempt& attempt, Time now) {
    if (!attempt.asked_at || attempt.overdue || now - *attempt.asked_at < kPatienceWithCommand)
        return;
    attempt.overdue = true;
    const std::string text = "it goes on " + format_duration(kPatienceWithCommand) +
                             " after it was asked to end, and keeps its group until then";
    core_.logger().log(
        {.level = LogLevel::Error, .text = text, .task = attempt.job.task, .job = attempt.job.id});
    note_event(core_, attempt.job.id,
               {.time = now, .event = "overdue", .by = name_, .detail = text});
}

// Nothing runs, or, where the run is to stop, only what was killed and is there all the same. On a
// thread of a process that goes on, that is waited for: it uses what belongs to this run.
bool RunLoop::is_at_rest(Time now) const {
    const auto& running = host_->running();
    if (running.empty()) return true;
    if (!stopping_ || (host_->is_here() && !core_.exit())) return false;
    return std::all_of(running.begin(), running.end(), [now](const RunningAttempt& attempt) {
        const seconds grace = attempt.killed ? seconds(0) : attempt.kill_after;
        return attempt.asked_at && now - *attempt.asked_at >= grace + kPatienceWithKill;
    });
}

bool RunLoop::is_done(Time now) {
    if (!is_at_rest(now) || !outbox_.empty()) return false;
    // The turn that the store refused may have claimed something all the same.
    if (outbox_.broken_since()) return false;
    if (!stopping_ && !yielding_) {
        if (!plan_trouble_.empty()) return false;  // it is tried once more, with nothing beside it
        if (request_.forever || (next_plan_ && *next_plan_ <= now)) return false;
        if (may_claim(now) && !claimed_all_) return false;
    }
    // From here on whoever wants to wake this run is sent away, and tries for the lock.
    return requests_.close(!stopping_ && !yielding_);
}

void RunLoop::give_up_in_the_end(Time now) {
    if (request_.forever && !stopping_) return;
    if (outbox_.broken_since() && now - *outbox_.broken_since() >= kPatienceWithStore) give_up();
}

// The exception ends this run and kills what still runs: its results could not be kept either.
void RunLoop::give_up() {
    std::vector<JobId> unsettled = outbox_.unsettled();
    for (const RunningAttempt& attempt : host_->running()) unsettled.push_back(attempt.job.id);
    std::string list;
    for (const JobId id : unsettled) list += ' ' + std::to_string(id);
    const StorageError problem = *outbox_.problem();
    throw StorageError(problem.kind(), std::string(problem.what()) +
                                           "; not in the store are the results of the jobs" +
                                           (list.empty() ? " (none)" : list) +
                                           "; the next start settles them");
}

RunReport RunLoop::finish() {
    control_.reset();
    const Time now = core_.clock().now();
    if (!request_.forever && report_.planned + report_.ran > 0)
        prune_history(core_, believed_time(core_, now, lived()));
    report_.left = core_.store().counts(now).ready;
    std::string reason = stopping_ ? "stopped" : "done";
    if (request_.listener != nullptr) reason = request_.listener->end_reason();
    reason += note_unended(now);
    core_.store().end_generation(owner_.generation, now, reason);
    over_ = true;
    if (!report_.unended.empty() && host_->is_here()) end_process();
    host_->finish();
    report_.seconds =
        std::chrono::duration<double>(core_.clock().steady_now() - begun_steady_).count();
    return std::move(report_);
}

// Puts on record what it goes without; answers what that adds to the reason of its end.
std::string RunLoop::note_unended(Time now) {
    std::string list;
    report_.unended.clear();  // an end that the store did not take is tried once more
    const std::string text = "it does not end, and is left running: the next start settles it";
    for (const RunningAttempt& attempt : host_->running()) {
        const Job& job = attempt.job;
        core_.logger().log(
            {.level = LogLevel::Error, .text = text, .task = job.task, .job = job.id});
        note_event(core_, job.id, {.time = now, .event = "left", .by = name_, .detail = text});
        report_.unended.push_back(job);
        list += list.empty() ? kLeftRunning : ", ";
        list += std::to_string(job.id) + " (" + job.task + ')';
    }
    return list;
}

// An exception has ended it. The process may live on, and others may have the home; or it ends with
// what does not end in it, as after a stop.
void RunLoop::break_off(const std::string& problem) {
    over_ = true;
    kill_what_runs();
    control_.reset();
    const bool exits = host_->is_here() && !host_->running().empty() && core_.exit();
    std::string reason = "broken off";
    if (exits) {
        reason += note_unended(core_.clock().now());
    } else {
        note_waited_for();
        host_.reset();  // when nothing runs any more
    }
    report_.broken_by = problem;
    if (request_.options.broken_off) request_.options.broken_off(report_);
    try {
        core_.store().end_generation(owner_.generation, core_.clock().now(), reason);
    } catch (const std::exception& error) {
        core_.logger().error("the home stays taken until this process ends: " +
                             std::string(error.what()));
    }
    if (exits) end_process();
}

// Its results can't be kept. What a kill ends in this process has its time for that; workers are
// ended by their host.
void RunLoop::kill_what_runs() {
    for (RunningAttempt& attempt : host_->running()) {
        attempt.control->ask(Reason::Killed, "end of " + name_);
    }
    if (!host_->is_here()) return;
    const auto until = core_.clock().steady_now() + kPatienceWithKill;
    while (!host_->running().empty() && core_.clock().steady_now() < until) {
        core_.clock().wait_until(core_.clock().now() + seconds(1), {});
        (void)host_->take_ended();
    }
}

void RunLoop::note_waited_for() {
    if (!host_->is_here()) return;
    for (const RunningAttempt& attempt : host_->running()) {
        const Job& job = attempt.job;
        core_.logger().log({.level = LogLevel::Error,
                            .text = "it was killed and goes on: all waits until it ends",
                            .task = job.task,
                            .job = job.id});
    }
}

// Whoever is told of jobs has heard all first.
void RunLoop::end_process() {
    end_observation(core_.observer());
    core_.exit()(report_);
}

}  // namespace periodic
