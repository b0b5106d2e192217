#pragma once

/// @file
/// What becomes of a job after an attempt, or after its executor's death. Pure.

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "periodic/clock.hpp"
#include "periodic/command.hpp"
#include "periodic/job.hpp"
#include "periodic/job_store.hpp"
#include "periodic/task.hpp"

namespace periodic {

/// Who asks a job to stop whose place the next occurrence of its entry takes.
inline constexpr const char* kReplacer = "replace";

/// How an attempt ended.
enum class AttemptResult : std::uint8_t { Succeeded, Failed, Aborted, Rescheduled, Stopped };

/// All that the end of an attempt says.
struct AttemptEnd {
    Job job{};  ///< as claimed, with what its commands changed: parameters, message, progress, ...
    AttemptResult result = AttemptResult::Failed;
    Reason reason = Reason::None;  ///< Exit, Timeout, Exception, Invalid; Stopped or Killed
    std::string error{};
    std::string error_detail{};
    std::string by{};       ///< who asked for the stop
    bool begun = false;     ///< a command was executed
    bool shutdown = false;  ///< stopped only because its executor ended
    std::optional<std::chrono::seconds> reschedule_after{};
    std::optional<std::string> next_phase{};
    bool delete_job = false;
    Time finished{};
};

/// The delay before retry number `retry` (from 1); `random` in [0, 1) chooses within the jitter.
[[nodiscard]] std::chrono::milliseconds retry_delay(const RetryPolicy& policy, int retry,
                                                    double random);

/// The job's next state: final, or queued for a retry, a reschedule or the next phase. `task` is
/// what ran; nullptr if it could not be read, which is no reason to try again. A job that was
/// stopped only because its executor ended goes back to the queue if it had begun nothing, or may
/// run twice.
[[nodiscard]] Settlement settle(const AttemptEnd& end, const Task* task, double random);

/// The next state of a job whose executor died: failed, or available again at once; the third
/// crash makes it failed. One that was asked to stop is stopped.
[[nodiscard]] Settlement settle_lost(const Job& job, Time now, std::string by);

}  // namespace periodic
