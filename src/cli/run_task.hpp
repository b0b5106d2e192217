#pragma once

/// @file
/// A job here and now, by this process or by the executor that has the home.

#include <cstdint>
#include <optional>
#include <stop_token>
#include <string>

#include "cli/log_follower.hpp"
#include "cli/session.hpp"
#include "periodic/executor.hpp"

namespace periodic::cli {

/// What came of one attempt.
struct AttemptEndSeen {
    bool good = false;    ///< it succeeded, aborted, was rescheduled or goes on to a next phase
    bool seen = false;    ///< false: the wait was given up first
    std::string event{};  ///< the word of the event that ended it
    Time time{};          ///< when; not known of a job that had no attempt
};

/// How the first attempt with a claim after `claim` ended. A job that is gone deleted itself, which
/// is a success; one that came to its end without an attempt is judged by its state.
[[nodiscard]] AttemptEndSeen find_attempt_end(const Jobs& jobs, JobId id, std::int64_t claim);

/// Runs one attempt of a job, or waits for the executor that has the home to do so; its log is
/// shown unless the session is quiet. Error: as Executor::run_job. Throws StorageError.
[[nodiscard]] Result<AttemptEndSeen> run_attempt(Session& session, Executor& executor,
                                                 const Job& job, std::stop_token stop);

/// The same, and tells people or programs what came of it: in text the job's message or why it
/// failed, in JSON the job. Answers the exit code.
[[nodiscard]] Result<int> run_and_tell(Session& session, Executor& executor, const Job& job,
                                       const std::stop_token& stop);

/// What a job said of itself, for people: its result code and message, with a line end; empty if it
/// said nothing, or nothing but its error, which is told in any case.
[[nodiscard]] std::string message_text(const Job& job);

/// Prints a job as JSON; one that deleted itself is null. Error: of `Session::zone`.
[[nodiscard]] Result<void> print_job(Session& session, const std::optional<Job>& job);

}  // namespace periodic::cli
