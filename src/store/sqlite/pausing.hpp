#pragma once

/// @file
/// Pauses as rows.

#include <optional>
#include <string_view>
#include <vector>

#include "periodic/job_store.hpp"
#include "store/pause_rules.hpp"
#include "store/sqlite/database.hpp"

namespace periodic::sqlite {

void begin_pause(Database& database, const Pause& pause);
[[nodiscard]] bool end_pause(Database& database, const PauseScope& scope, Time now,
                             std::string_view by);
[[nodiscard]] std::vector<Pause> read_pauses(Database& database, Time since);
/// What is paused now.
[[nodiscard]] Paused read_paused(Database& database, Time now);
/// When the first pause ends by itself that holds a queued job now.
[[nodiscard]] std::optional<Time> read_next_resume(Database& database, Time now);

}  // namespace periodic::sqlite
