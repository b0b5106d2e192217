#pragma once

/// @file
/// The tasks that a task queues when one of its jobs has ended.

#include <string>
#include <vector>

#include "periodic/job_store.hpp"
#include "periodic/task.hpp"
#include "task/task_directory.hpp"

namespace periodic {

/// Adds to the end of a job what its task wants to follow: `onSuccess` when it succeeded,
/// `onFailure` when it failed for good. Answers what could not be added, for people.
[[nodiscard]] std::vector<std::string> add_follow_ups(TaskDirectory& tasks, const Task& task,
                                                      Settlement& settlement);

/// The event that says so.
[[nodiscard]] JobEvent follow_up_refused(const Settlement& settlement, std::string text);

}  // namespace periodic
