#pragma once

/// @file
/// What schedules lose where the clocks of their zone skip an hour.

#include <chrono>
#include <string>
#include <vector>

#include "cli/occurrences.hpp"
#include "periodic/time_zone.hpp"

namespace periodic::cli {

/// One shift forward of a zone's clocks.
struct ClockGap {
    std::chrono::sys_seconds at{};  ///< the first instant after it
    std::chrono::seconds before{};  ///< the offset from UTC before it
    std::chrono::seconds after{};   ///< and from there on
};

/// The gaps between two instants, in order.
[[nodiscard]] std::vector<ClockGap> find_gaps(const TimeZone& zone, std::chrono::sys_seconds from,
                                              std::chrono::sys_seconds until);

/// Which of a schedule's times fell into a gap of its zone and have no occurrence, and why; empty
/// if there are none, or if it makes up for them.
[[nodiscard]] std::string explain_skipped(const Schedule& schedule, const ClockGap& gap);

}  // namespace periodic::cli
