#pragma once

/// @file
/// Carries out what people want with jobs.

#include <string_view>
#include <vector>

#include "periodic/job_store.hpp"
#include "store/sqlite/row.hpp"

namespace periodic::sqlite {

/// Adds a job, within the caller's transaction, and answers it; with a key that an unfinished job
/// has, answers that one. Throws std::invalid_argument for a state that no job begins in.
Job add_job(Database& database, const Job& job, std::string_view by);

[[nodiscard]] JobChanged change_job(Database& database, const JobChange& change, Time now);

/// Appends to the log and response of a job that does not run; false if there is no such job.
[[nodiscard]] bool append_to_job(Database& database, JobId id, const std::vector<LogLine>& lines,
                                 std::string_view response);

/// As JobStore::set_clock_back.
std::int64_t set_clock_back(Database& database, Time now, Time after, std::string_view by);

}  // namespace periodic::sqlite
