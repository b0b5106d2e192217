#include "run/attempt.hpp"

#include <chrono>
#include <exception>
#include <utility>

namespace periodic {
namespace {

// Commands are told the deadline in whole milliseconds, and timers round, too.
constexpr std::chrono::milliseconds kRounding{2};

}  // namespace

AttemptEnd Attempt::run(const std::vector<TaskCommand>& commands) {
    for (const TaskCommand& command : commands) {
        note_interruption();
        if (shall_run(command)) execute(command);
    }
    note_interruption();
    if (end_.result == AttemptResult::Stopped) {
        end_.by = control_.by();
        end_.shutdown = control_.is_shutdown();
    }
    return std::move(end_);
}

bool Attempt::shall_run(const TaskCommand& command) {
    const auto when = command.when;
    const bool interrupted =
        end_.reason == Reason::Timeout || end_.result == AttemptResult::Stopped;
    bool wanted = false;
    switch (end_.result) {
        case AttemptResult::Succeeded:
            wanted = when != TaskCommand::When::Failure;
            break;
        case AttemptResult::Failed:
            wanted = when != TaskCommand::When::Success;
            break;
        case AttemptResult::Aborted:
        case AttemptResult::Rescheduled:
        case AttemptResult::Stopped:
            wanted = when == TaskCommand::When::Always;
            break;
    }
    if (!wanted || !interrupted) return wanted;
    return control_.begin_cleanup(context_.clock().now() + kCleanupTime);
}

void Attempt::execute(const TaskCommand& command) {
    end_.begun = true;
    if (end_.result != AttemptResult::Succeeded) context_.keep_exit_code();
    context_.begin_command(command.type);
    thrown_.clear();
    const Outcome outcome = execute_guarded(command);
    // A command that heeds the deadline may notice it before its executor does.
    if (outcome == Outcome::Fail) control_.ask_when_due(context_.clock(), kRounding);
    note_interruption();
    take_outcome(command, outcome);
}

// A host's command may throw anything: the attempt fails with what it says, and nothing else.
Outcome Attempt::execute_guarded(const TaskCommand& command) {
    try {
        auto made = command.create(command.config);
        if (!made) {
            thrown_ = made.error().message;
            return Outcome::Fail;
        }
        return (*made)->execute(context_);
    } catch (const std::exception& exception) {
        thrown_ = exception.what();
    } catch (...) {
        thrown_ = "an exception that is no std::exception";
    }
    if (thrown_.empty()) thrown_ = "an exception without a text";
    return Outcome::Fail;
}

void Attempt::take_outcome(const TaskCommand& command, Outcome outcome) {
    const bool was_good = end_.result == AttemptResult::Succeeded;
    switch (outcome) {
        case Outcome::Success:
            return;
        case Outcome::Fail:
            break;
        case Outcome::Abort:
            if (was_good) end_.result = AttemptResult::Aborted;
            return;
        case Outcome::Reschedule:
            if (was_good) end_.result = AttemptResult::Rescheduled;
            return;
    }
    std::string error = thrown_.empty() ? context_.failure_text() : thrown_;
    if (error.empty()) error = command.type + " failed";
    if (!thrown_.empty()) context_.log(LogLevel::Error, command.type + ": " + thrown_);
    if (command.continue_on_failure) {
        const bool logged = !thrown_.empty() || context_.has_logged(error);
        context_.log(LogLevel::Warning, (logged ? command.type + " failed" : error) +
                                            " (goes on: onFailure=\"continue\")");
        return;
    }
    if (was_good) {
        fail(!thrown_.empty()            ? Reason::Exception
             : context_.failed_by_exit() ? Reason::Exit
                                         : Reason::None,
             std::move(error));
    }
}

// A deadline, a stop or a kill that came meanwhile decides how the attempt ends, whatever its
// commands say; a stronger one replaces a weaker one.
void Attempt::note_interruption() {
    switch (control_.asked()) {
        case Reason::Timeout:
            if (end_.reason != Reason::Timeout && end_.result != AttemptResult::Stopped) {
                fail(Reason::Timeout, "it was not done at its deadline");
                context_.log(LogLevel::Error, end_.error);
            }
            break;
        case Reason::Stopped:
        case Reason::Killed:
            if (end_.result != AttemptResult::Stopped || end_.reason != control_.asked()) {
                end_.result = AttemptResult::Stopped;
                end_.reason = control_.asked();
                end_.error =
                    (end_.reason == Reason::Killed ? "killed by " : "stopped by ") + control_.by();
                context_.log(LogLevel::Warning, end_.error);
            }
            break;
        default:
            break;
    }
}

void Attempt::fail(Reason reason, std::string error) {
    end_.result = AttemptResult::Failed;
    end_.reason = reason;
    end_.error = std::move(error);
}

}  // namespace periodic
