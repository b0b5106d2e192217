#pragma once

/// @file
/// Lines of a job's log, for people.

#include <string>

#include "cli/terminal.hpp"
#include "periodic/job.hpp"
#include "periodic/time_zone.hpp"

namespace periodic::cli {

/// A line with its end: the local time, the level if it is more than info, the text. On a terminal
/// warnings and errors are coloured, and nothing can disturb it.
[[nodiscard]] std::string log_text(const LogLine& line, const TimeZone& zone,
                                   const Terminal& terminal);

/// The text of a line alone, with its end; on a terminal nothing can disturb that.
[[nodiscard]] std::string plain_text(const LogLine& line, const Terminal& terminal);

}  // namespace periodic::cli
