#pragma once

/// @file
/// The order in which a task's commands run, and what their outcomes add up to.

#include <chrono>
#include <string>
#include <vector>

#include "periodic/task.hpp"
#include "run/attempt_control.hpp"
#include "run/job_context.hpp"
#include "run/settle.hpp"

namespace periodic {

/// How long the commands that clean up after a timeout or a stop have in all.
inline constexpr std::chrono::seconds kCleanupTime{60};

/// Executes commands one after the other. After a failure those for `failure` and `always` still
/// run, `always` also after abort and reschedule; after a timeout or a stop they get a minute in
/// all; after a kill nothing runs.
class Attempt {
public:
    Attempt(JobContext& context, AttemptControl& control) : context_(context), control_(control) {}

    /// Runs the commands and answers how it ended.
    [[nodiscard]] AttemptEnd run(const std::vector<TaskCommand>& commands);

private:
    [[nodiscard]] bool shall_run(const TaskCommand& command);
    void execute(const TaskCommand& command);
    Outcome execute_guarded(const TaskCommand& command);
    void take_outcome(const TaskCommand& command, Outcome outcome);
    void note_interruption();
    void fail(Reason reason, std::string error);

    JobContext& context_;
    AttemptControl& control_;
    AttemptEnd end_{.result = AttemptResult::Succeeded};
    std::string thrown_;
};

}  // namespace periodic
