#pragma once

/// @file
/// One attempt of a job here and now, by this process or by the executor that has the home.

#include <stop_token>
#include <string>

#include "cli/session.hpp"
#include "periodic/executor.hpp"

namespace periodic::cli {

/// What came of one attempt.
struct AttemptEndSeen {
    bool good = false;    ///< it succeeded, aborted, was rescheduled or goes on to a next phase
    bool seen = false;    ///< false: the wait was given up first
    std::string event{};  ///< the word of the event that ended it
};

/// Looks among a job's events for the one that ended the attempt with the claim after `claim`.
/// A job that is gone deleted itself, which is a success.
[[nodiscard]] AttemptEndSeen find_attempt_end(const Jobs& jobs, JobId id);

/// Runs a queued job, or waits for the executor that has the home to do so; its log is shown unless
/// the session is quiet. Answers how the attempt ended. Error: as Executor::run_job. Throws
/// StorageError.
[[nodiscard]] Result<AttemptEndSeen> run_attempt(Session& session, Executor& executor, JobId id,
                                                 std::stop_token stop);

}  // namespace periodic::cli
