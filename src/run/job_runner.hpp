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
#include "run/program_runner.hpp"
#include "run/running_attempt.hpp"
#include "run/workplace.hpp"

namespace periodic {

/// Runs attempts. May be used from several threads at once.
class JobRunner {
public:
    /// `records` is where started programs are put on record; both must outlive this.
    JobRunner(Workplace& place, ProcessRecord& records)
        : place_(place), programs_(place.launcher(), records) {}

    /// Runs one attempt to its end. Exceptions of commands are failures; std::bad_alloc and the
    /// like outside of commands are failures too, so that a claimed job always gets a result.
    [[nodiscard]] Settlement run(const RunningAttempt& attempt);

private:
    Workplace& place_;
    ProgramRunner programs_;
};

}  // namespace periodic
