#pragma once

/// @file
/// A job of a task before it is in the store: for those who add one, and for follow-ups.

#include <string_view>

#include "periodic/clock.hpp"
#include "periodic/error.hpp"
#include "periodic/job.hpp"
#include "periodic/jobs.hpp"
#include "periodic/value.hpp"
#include "task/task_directory.hpp"

namespace periodic {

/// Makes a job of a task, its parameters checked and what its task says of jobs filled in. Error:
/// as Jobs::add.
[[nodiscard]] Result<Job> new_job(TaskDirectory& tasks, Time now, std::string_view task,
                                  Values parameters, const JobOptions& options);

/// The same for a task that was found.
[[nodiscard]] Result<Job> new_job(const Task& task, Time now, Values parameters,
                                  const JobOptions& options);

/// Whether a job may have this priority. Error: Usage.
[[nodiscard]] Result<void> check_priority(int priority);

/// Whether attributes have names that may be. Error: Usage.
[[nodiscard]] Result<void> check_attributes(const Values& attributes);

/// Whether a text names a task, a group or a topic; `what` is the word for it. Error: Usage.
[[nodiscard]] Result<void> check_name(std::string_view name, std::string_view what);

}  // namespace periodic
