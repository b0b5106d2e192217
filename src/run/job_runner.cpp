#include "run/job_runner.hpp"

#include <random>
#include <utility>

#include <unistd.h>

#include "run/attempt.hpp"
#include "run/follow_ups.hpp"
#include "run/job_context.hpp"
#include "run/settle.hpp"

namespace periodic {
namespace {

// Spreads retries; each thread has its own source, so that none waits for another.
double random_fraction() {
    thread_local std::minstd_rand source{std::random_device{}()};
    return std::generate_canonical<double, 24>(source);
}

AttemptEnd could_not_start(const Job& job, const Error& error) {
    AttemptEnd end;
    end.job = job;
    end.result = AttemptResult::Failed;
    end.reason = Reason::Invalid;
    end.error = error.message;
    end.error_detail = to_string(error);
    return end;
}

// The phase that serves a job: its own, or `*`; nullptr if there is none.
const TaskPhase* serving_phase(const Task& task, const Job& job) {
    const TaskPhase* any = nullptr;
    for (const TaskPhase& phase : task.phases) {
        if (phase.name == job.phase.value_or("registered")) return &phase;
        if (phase.name == "*") any = &phase;
    }
    return any;
}

Result<const std::vector<TaskCommand>*> commands_of(const Task& task, const Job& job) {
    if (task.phases.empty()) return &task.commands;
    if (const TaskPhase* phase = serving_phase(task, job)) return &phase->commands;
    const std::string wanted = job.phase.value_or("registered");
    return failure(ErrorCode::Invalid, "the task has nothing for the phase " + wanted,
                   "add <phase name=\"" + wanted + "\"> or <phase name=\"*\">");
}

// The task's user, if that is another than this process runs as.
Result<std::optional<ProcessUser>> user_of(const Task& task) {
    if (task.user.empty()) return std::nullopt;
    auto user = find_user(task.user);
    if (!user) return Failure(user.error());
    if (user->uid == ::geteuid()) return std::nullopt;
    if (::geteuid() != 0) {
        return failure(ErrorCode::Invalid, "only root may run a task as " + task.user,
                       "run Periodic as root or as " + task.user + ", or leave <user> out");
    }
    return std::move(*user);
}

}  // namespace

Settlement JobRunner::run(const RunningAttempt& attempt) {
    const Job& job = attempt.job;
    const Task* task = attempt.task ? attempt.task->get() : nullptr;
    AttemptEnd end;
    if (task == nullptr) {
        end = could_not_start(job, attempt.task.error());
    } else if (const auto commands = commands_of(*task, job); !commands) {
        end = could_not_start(job, commands.error());
    } else if (auto user = user_of(*task); !user) {
        end = could_not_start(job, user.error());
    } else {
        JobContext context(place_, programs_, attempt, std::move(*user));
        end = Attempt(context, *attempt.control).run(**commands);
        context.complete(end);
        if (const TaskPhase* phase = serving_phase(*task, job);
            phase != nullptr && !end.next_phase) {
            end.next_phase = phase->next;
        }
    }
    end.finished = place_.clock().now();
    Settlement settlement = settle(end, task, random_fraction());
    if (task != nullptr) {
        for (const std::string& refused : add_follow_ups(place_.tasks(), *task, settlement)) {
            attempt.live->log(end.finished, LogLevel::Error, refused);
            place_.logger().log(
                {.level = LogLevel::Error, .text = refused, .task = job.task, .job = job.id});
            place_.add_event(job.id, follow_up_refused(settlement, refused));
        }
    }
    attempt.live->end(end.finished);
    return settlement;
}

}  // namespace periodic
