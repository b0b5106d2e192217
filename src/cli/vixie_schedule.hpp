#pragma once

/// @file
/// The schedules of the system's crontab, turned into ours.

#include <string>
#include <string_view>

#include "periodic/error.hpp"

namespace periodic::cli {

/// Turns the five fields, or the macro, of a line that cron reads into a schedule that has the same
/// occurrences here. Fields come out with one blank between them. Error: Invalid, where cron
/// refuses the line, or reads it as something that nobody can have meant; the hint says what to
/// write instead.
[[nodiscard]] Result<std::string> schedule_from_vixie(std::string_view when);

}  // namespace periodic::cli
