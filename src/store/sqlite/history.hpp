#pragma once

/// @file
/// What is kept of the past: generations, the history of tasks, and its pruning.

#include <string_view>
#include <utility>
#include <vector>

#include "periodic/job_store.hpp"
#include "store/sqlite/row.hpp"

namespace periodic::sqlite {

[[nodiscard]] std::int64_t insert_generation(Database& database, const Generation& owner);
void close_generation(Database& database, std::int64_t id, Time at, std::string_view reason);
/// The one with this id, or the latest for id 0.
[[nodiscard]] std::optional<Generation> read_generation(Database& database, std::int64_t id);

[[nodiscard]] std::vector<std::string> read_tasks_with_history(Database& database);
[[nodiscard]] std::vector<std::pair<std::string, JobState>> read_last_states(Database& database);

/// Forgets when jobs were created that are older than all that are left.
void forget_spans(Database& database);

/// The ids to delete next for a retention, at most `limit`.
[[nodiscard]] std::vector<JobId> find_prunable(Database& database, std::string_view task,
                                               const RetentionPolicy& retention, Time now,
                                               int limit);

}  // namespace periodic::sqlite
