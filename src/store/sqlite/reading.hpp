#pragma once

/// @file
/// Reads jobs and what belongs to them.

#include <string>
#include <vector>

#include "periodic/job_store.hpp"
#include "store/sqlite/row.hpp"

namespace periodic::sqlite {

[[nodiscard]] std::optional<Job> find_job(Database& database, JobId id, Time now);
[[nodiscard]] std::vector<Job> read_page(Database& database, const JobFilter& filter, Time now);
[[nodiscard]] std::int64_t count_jobs(Database& database, const JobFilter& filter);
[[nodiscard]] JobChildren read_children(Database& database, JobId id, int limit);
[[nodiscard]] std::vector<JobEvent> read_events(Database& database, JobId id);
[[nodiscard]] std::vector<JobEvent> read_entry_events(Database& database, std::int64_t entry);
[[nodiscard]] std::vector<JobAttempt> read_attempts(Database& database, JobId id);
[[nodiscard]] std::vector<LogLine> read_log(Database& database, JobId id, std::int64_t after,
                                            int limit);
[[nodiscard]] std::vector<LogLine> read_log_tail(Database& database, JobId id, int count);
[[nodiscard]] std::string read_response(Database& database, JobId id);
[[nodiscard]] std::vector<Job> read_running_of(Database& database, std::int64_t owner);
[[nodiscard]] std::vector<Job> read_running_of_others(Database& database, std::int64_t generation);
[[nodiscard]] std::vector<Ask> read_asks(Database& database, std::int64_t owner);
[[nodiscard]] std::vector<std::pair<std::string, std::int64_t>> count_ready_topics(
    Database& database, Time now);
[[nodiscard]] QueueCounts count_queue(Database& database, Time now);
[[nodiscard]] std::optional<Time> read_next_available(Database& database, Time now);

}  // namespace periodic::sqlite
