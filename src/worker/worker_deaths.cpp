// What becomes of the jobs of a worker that died, and of one that hangs.

#include <algorithm>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <system_error>
#include <utility>

#include <sys/wait.h>

#include "base/process_ending.hpp"
#include "base/process_record.hpp"
#include "base/process_table.hpp"
#include "run/orphans.hpp"
#include "run/process_files.hpp"
#include "run/settle.hpp"
#include "worker/worker_host_parts.hpp"

namespace periodic {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

// A command that goes on so long after its program would have been killed hangs.
constexpr seconds kPatienceWithCommand{5};
constexpr seconds kPatienceWithKill{2};
// What a dead worker left has so long to go after SIGKILL, before it is looked for again later.
constexpr milliseconds kPatienceWithLeft{500};

std::string end_text(const siginfo_t& info) {
    if (info.si_code == CLD_EXITED) return "exit code " + std::to_string(info.si_status);
    const char* const text = ::sigdescr_np(info.si_status);
    return "signal " + std::to_string(info.si_status) +
           (text == nullptr ? "" : std::string(" (") + text + ")");
}

void replace_all(std::string& text, std::string_view what, std::string_view with) {
    for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + with.size()))
        text.replace(at, what.size(), with);
}

}  // namespace

// A program is killed by its worker; a command that goes on is ended with its worker.
void WorkerHost::end_hung(Time now) {
    for (const RunningAttempt& attempt : running_) {
        if (!attempt.asked_at || !attempt.control->token().stop_requested()) continue;
        const auto place = where_.find(attempt.job.id);
        const auto found = place == where_.end() ? workers_.end() : workers_.find(place->second);
        if (found == workers_.end() || found->second->hung) continue;
        Worker& worker = *found->second;
        const seconds patience = attempt.control->asked() == Reason::Killed
                                     ? kPatienceWithKill
                                     : attempt.kill_after + kPatienceWithCommand;
        if (now - *attempt.asked_at < patience) continue;
        const std::string text = "its command goes on after its end: the worker pid " +
                                 std::to_string(worker.process.identity.pid) + " is killed";
        parts_.core.logger().log({.level = LogLevel::Error,
                                  .text = text,
                                  .task = attempt.job.task,
                                  .job = attempt.job.id});
        worker.hung = true;
        kill(worker);
    }
}

// Only the seconds count in which this process itself was awake: both may have been stopped.
void WorkerHost::end_silent() {
    const auto now = parts_.core.clock().steady_now();
    if (listened_ && now - *listened_ < kLookAgainEvery) return;
    listened_ = now;
    for (const auto& [key, worker] : workers_) {
        worker->silent = is_to_begin(*worker) ? worker->silent + 1 : 0;
        if (worker->hung || worker->silent <= options_.begin_within.count()) continue;
        parts_.core.logger().error("the worker pid " +
                                   std::to_string(worker->process.identity.pid) +
                                   " does not begin what it was told to: it is killed");
        worker->hung = true;
        kill(*worker);
    }
}

// One that is too large is replaced when it is done; one that grows on is ended, before it takes
// the memory of all others. Idle ones don't grow: only those that run something are looked at.
void WorkerHost::weigh(Time now) {
    if (weighed_ && now >= *weighed_ && now - *weighed_ < kWeighEvery) return;
    weighed_ = now;
    for (const auto& [key, worker] : workers_) {
        if (worker->jobs.empty() || !worker->excess.empty()) continue;
        worker->memory = resident_bytes_of(worker->process.identity.pid);
        const std::uint64_t most = worker->pool->options.max_memory;
        if (worker->memory / 2 <= static_cast<std::int64_t>(most)) continue;
        worker->excess = "it took " + std::to_string(worker->memory >> 20U) +
                         " MiB of memory, more than twice its maxMemory";
        kill(*worker);
    }
}

void WorkerHost::died(Worker& worker, Time now) {
    siginfo_t info{};
    (void)::waitid(P_PIDFD, static_cast<id_t>(worker.process.handle.get()), &info,
                   WEXITED | WNOHANG);
    worker.end = worker.excess.empty() ? end_text(info) : worker.excess;
    worker.crowded = worker.jobs.size() > 1;
    std::erase_if(waits_, [&](const auto& one) { return one.first.first == worker.number; });
    if (worker.number == trial_) refuse_candidate(worker.end);
    const bool expected = worker.draining && worker.jobs.empty();
    if (!expected && !ending_) {
        const std::string text =
            worker.end + ", pid " + std::to_string(worker.process.identity.pid);
        // One that died of a job could live; how often that may happen is the job's matter.
        if (worker.ended == 0 && worker.jobs.empty() && now - worker.since < kLongEnough) {
            note_failure(*worker.pool, now, text);
        } else {
            parts_.core.logger().error("a worker of " + worker.pool->options.topic + " died (" +
                                       text + ")");
        }
    }
    auto node = workers_.extract(worker.number);
    left_.push_back(std::move(node.mapped()));
    settle_left(now);
}

void WorkerHost::settle_left(Time now) {
    left_tried_ = now;
    std::error_code ignored;
    for (const auto& worker : left_) {
        // At the end nobody takes results any more: what is left then is the next start's.
        const auto jobs = ending_ ? std::vector<JobId>() : worker->jobs;
        for (const JobId id : jobs) {
            RunningAttempt* const attempt = find(id);
            if (attempt == nullptr || try_settle_lost_job(*worker, *attempt, now))
                std::erase(worker->jobs, id);
        }
        if (worker->jobs.empty()) {
            std::filesystem::remove(worker_process_file(parts_.core.home(), parts_.owner.generation,
                                                        worker->process.identity.pid),
                                    ignored);
        }
    }
    std::erase_if(left_, [](const auto& worker) { return worker->jobs.empty(); });
    reap_strays();
}

// What can't be read for want of descriptors is read when there are some.
bool WorkerHost::try_settle_lost_job(Worker& worker, RunningAttempt& attempt, Time now) {
    try {
        return settle_lost_job(worker, attempt, now);
    } catch (const std::system_error& error) {
        const std::string text = std::string("it is not settled yet: ") + error.what();
        parts_.core.logger().log({.level = LogLevel::Error,
                                  .text = text,
                                  .task = attempt.job.task,
                                  .job = attempt.job.id});
        return false;
    }
}

bool WorkerHost::settle_lost_job(Worker& worker, RunningAttempt& attempt, Time now) {
    const Job& job = attempt.job;
    if (!worker.begun.contains(job.id)) {
        if (worker.exclusive) alone_.insert(job.id);  // as it was to be
        put_end(attempt, give_back(job, now));
        return true;
    }
    const auto leaders =
        leaders_of(read_process_record(worker_process_file(
                       parts_.core.home(), parts_.owner.generation, worker.process.identity.pid)),
                   job.id, job.claim);
    const JobMark mark{.home = parts_.core.home().directory, .job = std::to_string(job.id)};
    const EndingResult ending = end_left(
        leaders, mark,
        {.kill_at_once = true, .patience = worker.tried ? milliseconds(0) : kPatienceWithLeft});
    worker.tried = true;
    if (!ending.remaining.empty()) {
        note_blocked(parts_.core, job, ending, now, "daemon");
        return false;
    }
    Settlement settlement = attempt.control->asked() != Reason::None
                                ? end_asked(attempt, now)
                                : end_crashed(worker, attempt, now);
    follow_up(parts_.core, settlement);
    count_end(worker.pool->numbers, settlement);
    put_end(attempt, std::move(settlement));
    return true;
}

// It was to end, and its worker died of that or before it did: it ends as what was asked.
Settlement WorkerHost::end_asked(const RunningAttempt& attempt, Time now) const {
    AttemptEnd end;
    end.job = attempt.job;
    end.reason = attempt.control->asked();
    end.begun = true;
    end.finished = now;
    if (end.reason == Reason::Timeout) {
        end.error = "it was not done at its deadline, and went on";
    } else {
        end.result = AttemptResult::Stopped;
        end.by = attempt.control->by();
        end.shutdown = attempt.control->is_shutdown();
        end.error = (end.reason == Reason::Killed ? "killed by " : "stopped by ") + end.by;
    }
    const auto task = parts_.core.tasks().find(attempt.job.task);
    return settle(end, task ? task->get() : nullptr, 0.5);
}

// Nobody asked for its end. Of several in one worker it is not known whose fault that was: none
// is counted, and those that may run twice run alone.
Settlement WorkerHost::end_crashed(const Worker& worker, const RunningAttempt& attempt, Time now) {
    Job job = attempt.job;
    const bool counts = !worker.crowded && !worker.hung;
    if (!counts && job.on_lost == OnLost::Retry) --job.crashes;
    Settlement settlement = settle_lost(job, now, name_);
    const std::string death = "its worker died (" + worker.end + ")";
    replace_all(settlement.event.detail, "its executor died", death);
    replace_all(settlement.job.error, "its executor died", death);
    if (!counts && job.on_lost == OnLost::Retry) {
        settlement.event.detail =
            death + ", for another job's sake: tried again, and not counted as a crash";
        if (!worker.hung) {
            settlement.event.detail =
                death + " with several jobs: tried again alone, and not counted as a crash";
            alone_.insert(job.id);
        }
    }
    return settlement;
}

// One that a person has stopped or deleted meanwhile is not waited for.
void WorkerHost::drop_alone(Time now) {
    if (alone_.empty() || (alone_checked_ && now - *alone_checked_ < kLookAgainEvery)) return;
    alone_checked_ = now;
    try {
        std::erase_if(alone_, [&](JobId id) {
            const auto job = parts_.core.store().find(id, now);
            return !job || is_final(job->state);
        });
    } catch (const StorageError& error) {
        parts_.core.logger().error(error.what());
    }
}

// What workers and others left to this process, once it has ended. Only workers and what it adopts
// are this thread's children: nobody is robbed of an exit code.
void WorkerHost::reap_strays() {
    if (!options_.adopts_strays) return;
    for (const std::int64_t pid : adopted_children()) {
        if (worker_of(pid) != nullptr) continue;
        const auto process = read_process(pid);
        if (process && process->state == 'Z')
            (void)::waitpid(static_cast<pid_t>(pid), nullptr, WNOHANG);
    }
}

}  // namespace periodic
