#pragma once

/// @file
/// Texts on their way into a job's log and response: what fits there.

#include <cstddef>
#include <functional>
#include <string_view>

namespace periodic {

/// The longest line of a log, in bytes; longer ones are cut into several.
inline constexpr std::size_t kLongestLogLine = std::size_t{64} << 10U;

/// A response is read whole, by people and programs.
inline constexpr std::size_t kLongestResponse = std::size_t{16} << 20U;

/// Calls `take` with each line of any bytes, as valid UTF-8 without a line end, none longer than
/// kLongestLogLine. A line end at the very end begins no line.
void for_each_log_line(std::string_view text,
                       const std::function<void(std::string_view line)>& take);

}  // namespace periodic
