#pragma once

/// @file
/// The occurrences of many schedules, merged in order of time.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "periodic/cron_expression.hpp"
#include "periodic/time_zone.hpp"

namespace periodic::cli {

/// One schedule to be walked; the views must outlive it.
struct Schedule {
    CronExpression expression;
    TimeZone zone;
    std::string_view when{};
    std::string_view task{};  ///< empty: none, an expression of the command line
    std::string_view group{};
    std::string_view arguments{};  ///< its parameters, as written
};

/// One instant of one schedule.
struct Occurrence {
    std::chrono::sys_seconds time{};
    std::size_t schedule = 0;  ///< index into the schedules
};

enum class Direction : std::uint8_t { Forward, Backward };

/// The first `count` occurrences of all schedules strictly after `from` (before it, the newest
/// first, when walking backward); at one instant in the order of the schedules.
[[nodiscard]] std::vector<Occurrence> merged_occurrences(const std::vector<Schedule>& schedules,
                                                         std::chrono::sys_seconds from,
                                                         Direction direction, std::size_t count);

}  // namespace periodic::cli
