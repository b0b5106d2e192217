#pragma once

/// @file
/// An attempt while it runs, and when it has ended.

#include <chrono>
#include <memory>
#include <optional>

#include "periodic/clock.hpp"
#include "periodic/error.hpp"
#include "periodic/job.hpp"
#include "periodic/job_store.hpp"
#include "periodic/task.hpp"
#include "run/attempt_control.hpp"
#include "run/live_record.hpp"

namespace periodic {

/// One attempt that runs, as the executor sees it.
struct RunningAttempt {
    Job job{};
    /// Its task as the file says now, or why it can't run; set where it runs. Shared with the
    /// thread that runs it.
    Result<std::shared_ptr<const Task>> task{};
    std::shared_ptr<AttemptControl> control{};  // shared with the thread that runs it
    std::shared_ptr<LiveRecord> live{};         // likewise; set where it runs
    std::optional<Time> asked_at{};             ///< since when it has been asked to end and has not
    bool killed = false;                        ///< since then it is a kill
    std::chrono::seconds kill_after{};          ///< its task's; known once it has begun
    bool overdue = false;                       ///< that was reported
};

/// An attempt that has ended, and what becomes of its job.
struct EndedAttempt {
    RunningAttempt attempt{};
    Settlement settlement{};
};

}  // namespace periodic
