#pragma once

/// @file
/// Runs one attempt of a job: makes its task's commands, executes them, and says what becomes of
/// the job.

#include <cstdint>
#include <memory>
#include <optional>

#include "periodic/clock.hpp"
#include "periodic/job.hpp"
#include "periodic/job_store.hpp"
#include "periodic/task.hpp"
#include "run/attempt_pool.hpp"
#include "run/child_waits.hpp"
#include "run/executor_core.hpp"
#include "run/program_runner.hpp"

namespace periodic {

/// Runs attempts. May be used from several threads at once.
class JobRunner {
public:
    /// `records` is where started programs are put on record, `waits` where jobs are that wait for
    /// others; all must outlive this.
    JobRunner(ExecutorCore& core, ProcessRecord& records, ChildWaits& waits)
        : core_(core), programs_(core.launcher(), records), waits_(waits) {}

    /// Runs one attempt to its end. Exceptions of commands are failures; std::bad_alloc and the
    /// like outside of commands are failures too, so that a claimed job always gets a result.
    [[nodiscard]] Settlement run(const RunningAttempt& attempt);

private:
    ExecutorCore& core_;
    ProgramRunner programs_;
    ChildWaits& waits_;
};

}  // namespace periodic
