#pragma once

/// @file
/// Runs one attempt of a job: reads its task, makes its commands, executes them, and says what
/// becomes of the job.

#include <cstdint>
#include <memory>
#include <optional>

#include "periodic/clock.hpp"
#include "periodic/job.hpp"
#include "periodic/job_store.hpp"
#include "periodic/task.hpp"
#include "run/attempt_control.hpp"
#include "run/executor_core.hpp"
#include "run/live_buffer.hpp"

namespace periodic {

class ProcessRecord;

/// How long the commands that clean up after a timeout or a stop have in all.
inline constexpr std::chrono::seconds kCleanupTime{60};

/// Runs attempts. May be used from several threads at once.
class JobRunner {
public:
    /// `records` is where started programs are put on record; both must outlive this.
    JobRunner(ExecutorCore& core, ProcessRecord& records) : core_(core), records_(records) {}

    /// Runs one attempt to its end. Exceptions of commands are failures; std::bad_alloc and the like
    /// outside of commands are failures too, so that a claimed job always gets a result.
    [[nodiscard]] Settlement run(const Job& job, AttemptControl& control, LiveBuffer& live);

    /// When an attempt of a job that begins now must end; nullopt: never, or its task is broken.
    [[nodiscard]] std::optional<Time> deadline_of(const Job& job, Time now) const;

private:
    ExecutorCore& core_;
    ProcessRecord& records_;
};

}  // namespace periodic
