#pragma once

/// @file
/// Which state a job may go to from which: the only place that knows.

#include <optional>
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

/// The state that a person's action leaves a job in; none if it deletes it. A running job that is
/// stopped or killed is running still: it is asked to end. Error: Conflict, naming the job, its
/// state and what is possible in that.
[[nodiscard]] Result<std::optional<JobState>> state_after(JobAction action, JobId id,
                                                          JobState state);

/// Nothing, or a Conflict that names the job and both states.
[[nodiscard]] Result<void> check_transition(JobId id, JobState from, JobState to);

}  // namespace periodic
