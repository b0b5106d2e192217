#pragma once

/// @file
/// Which state a job may go to from which: the only place that knows.

#include <string>

#include "periodic/error.hpp"
#include "periodic/job.hpp"

namespace periodic {

/// Whether a job may be made in this state.
[[nodiscard]] bool may_begin(JobState state) noexcept;

/// Whether a job may go from one state to another. Deleting is not a state: may_delete().
[[nodiscard]] bool may_go(JobState from, JobState to) noexcept;

/// Whether a job may be deleted; a running one only by its own command, as its end.
[[nodiscard]] bool may_delete(JobState state) noexcept;

/// Nothing, or a Conflict that names the job and both states.
[[nodiscard]] Result<void> check_transition(JobId id, JobState from, JobState to);

}  // namespace periodic
