#pragma once

/// @file
/// The two halves of a description in plain English, and how lists are written.

#include <string>
#include <string_view>
#include <vector>

#include "cron/value_set.hpp"
#include "periodic/cron_expression.hpp"

namespace periodic::cron {

/// "a", "a and b", "a, b and c".
[[nodiscard]] std::string joined(const std::vector<std::string>& parts,
                                 std::string_view last_word = "and");

/// 1 is "1st", 12 is "12th", 23 is "23rd".
[[nodiscard]] std::string ordinal(int number);

/// The times of the day: "At 09:30 and 17:30", "Every 15 minutes from 09:00 to 17:45". `is_moment`
/// is set if it says single times, which ask for "every day" when no date follows.
[[nodiscard]] std::string describe_times(const CronFields& fields, bool& is_moment);

/// The dates: "on Monday to Friday", "on the last Friday of January"; empty for every day.
[[nodiscard]] std::string describe_dates(const CronFields& fields);

}  // namespace periodic::cron
