#pragma once

/// @file
/// The jobs of a home, for subcommands that only look.

#include <memory>
#include <string_view>

#include "cli/session.hpp"
#include "periodic/error.hpp"
#include "periodic/job_store.hpp"

namespace periodic::cli {

/// Opens the home's store; one that was never made is an empty one, and is not made by looking.
/// Error: of `Session::home_of_jobs`. Throws StorageError.
[[nodiscard]] Result<std::unique_ptr<JobStore>> open_history(Session& session);
[[nodiscard]] Result<std::unique_ptr<JobStore>> open_history(const Home& home);

/// Reads a job's id. Error: Usage.
[[nodiscard]] Result<JobId> parse_job_id(std::string_view text);

/// The error for a job that does not exist.
[[nodiscard]] Failure no_such_job(JobId id);

}  // namespace periodic::cli
