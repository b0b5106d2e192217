#pragma once

/// @file
/// Jobs as rows, and what every room of the store writes.

#include <optional>
#include <string_view>

#include "periodic/job.hpp"
#include "store/sqlite/database.hpp"

namespace periodic::sqlite {

/// How far back a job waits for its entry's earlier unfinished jobs: for those whose id is this or
/// higher; 0: for none; kUndecided: it was planned ahead, and its overlap is decided at its time.
using Serial = std::int64_t;
inline constexpr Serial kWaitsForAll = 1;
inline constexpr Serial kUndecided = -1;

/// Where the lists look for a job: final ones by their state, the queued and running ones together,
/// so that a claim need not move it.
[[nodiscard]] constexpr std::int64_t shelf_of(JobState state) noexcept {
    return static_cast<std::int64_t>(state == JobState::Running ? JobState::Queued : state);
}

/// Of so many successive ids `job_span` knows when the first and last were created. A block is
/// written when it is full: `created` never changes.
inline constexpr std::int64_t kSpan = 1024;

/// A hash of all that can block a job: group, task, its limit, and the entry if it waits for that.
/// Jobs of one lane are blocked or free together, but for their time and serial.
[[nodiscard]] std::int64_t lane_of(const Job& job, Serial serial) noexcept;

/// Inserts a job with its details and answers its id. Fills in `available` of a queued job and
/// `finished` of a final one if they are missing.
JobId insert_job(Database& database, const Job& job, Serial serial);

/// Reads a row of the view whole_job.
[[nodiscard]] Job read_job(const Statement& row);
[[nodiscard]] std::optional<Job> load_job(Database& database, JobId id);

/// The same with the number of its last log line.
[[nodiscard]] std::optional<Job> load_logged_job(Database& database, JobId id);

/// Deletes a job and all that belongs to it; its occurrences stay.
void delete_job(Database& database, JobId id);

void insert_event(Database& database, JobId id, Time time, std::string_view event,
                  std::string_view by, std::string_view detail);

/// The same for a job that was just inserted, which has none.
void insert_first_event(Database& database, JobId id, Time time, std::string_view event,
                        std::string_view by, std::string_view detail);

/// Writes one line of a log; answers whether it was not there yet.
bool insert_line(Database& database, JobId id, std::int64_t seq, const LogLine& line);

/// Appends to a response.
void insert_response(Database& database, JobId id, std::string_view text);

/// Parameters and attributes as a text; empty for none.
[[nodiscard]] std::string values_text(const Values& values);

}  // namespace periodic::sqlite
