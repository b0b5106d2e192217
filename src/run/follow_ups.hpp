#pragma once

/// @file
/// The tasks that a task queues when one of its jobs has ended.

#include <string>
#include <vector>

#include "periodic/job_store.hpp"
#include "periodic/task.hpp"
#include "run/executor_core.hpp"

namespace periodic {

/// Adds to the end of a job what its task wants to follow: `onSuccess` when it succeeded,
/// `onFailure` when it failed for good. Answers what could not be added, for people; it is an event
/// of the job and in the log, too. Throws nothing of the store: an event that it does not take is
/// logged alone.
std::vector<std::string> add_follow_ups(ExecutorCore& core, const Task& task,
                                        Settlement& settlement);

}  // namespace periodic
