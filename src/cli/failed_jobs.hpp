#pragma once

/// @file
/// What cron's mail says of jobs that failed.

#include <string>
#include <vector>

#include "cli/session.hpp"
#include "periodic/jobs.hpp"

namespace periodic::cli {

/// "periodic: job 12 (backup) failed: exit: the program exited with 3", with its line end.
[[nodiscard]] std::string failed_job_line(const Job& job);

/// Prints each job's line and the last 20 lines of its log to standard error. Answers
/// 78 if the task of one is broken, else 1; 0 for none. Throws StorageError.
int report_failed_jobs(Session& session, const Jobs& jobs, const std::vector<JobId>& failed);

}  // namespace periodic::cli
