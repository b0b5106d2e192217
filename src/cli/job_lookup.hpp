#pragma once

/// @file
/// Which job a word on the command line means.

#include <optional>
#include <string>

#include "cli/session.hpp"
#include "periodic/job_store.hpp"

namespace periodic::cli {

/// The job of an id, or a task's latest. Without a word: inside a task's program its own job, else
/// the latest of all. Error: Usage, NotFound, of `Session::home_of_jobs`. Throws StorageError.
[[nodiscard]] Result<Job> find_job(Session& session, JobStore& store,
                                   const std::optional<std::string>& word);

}  // namespace periodic::cli
