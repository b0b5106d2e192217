#pragma once

/// @file
/// What people may change in a job: checked against its task before the store is asked.

#include "periodic/error.hpp"
#include "periodic/job.hpp"
#include "periodic/job_store.hpp"
#include "run/executor_core.hpp"

namespace periodic {

/// The edit as the store is to make it: the parameters that it names have passed the task's
/// declarations together with those that stay, and have their types. Error: Usage for what is
/// refused; NotFound or Invalid if the task that decides upon it does not load.
[[nodiscard]] Result<JobEdit> check_edit(ExecutorCore& core, const Job& job, JobEdit edit);

/// Whether a job has gone through its phases, and its task has commands for the last one all the
/// same.
[[nodiscard]] bool has_last_phase(ExecutorCore& core, const Job& job);

}  // namespace periodic
