#include "cli/occurrences.hpp"

#include <gtest/gtest.h>

namespace periodic::cli {
namespace {

using namespace std::chrono_literals;
using std::chrono::sys_seconds;

Schedule schedule(std::string_view when) {
    return {CronExpression::parse(when).value(), TimeZone::utc(), when};
}

std::vector<std::pair<long, std::size_t>> pairs(const std::vector<Occurrence>& found) {
    std::vector<std::pair<long, std::size_t>> result;
    for (const auto& each : found) {
        result.emplace_back(each.time.time_since_epoch() / 1min, each.schedule);
    }
    return result;
}

using Pairs = std::vector<std::pair<long, std::size_t>>;

TEST(MergedOccurrences, AreInOrderOfTimeAndThenOfTheSchedules) {
    const std::vector<Schedule> schedules{schedule("*/20 * * * *"), schedule("*/30 * * * *")};
    EXPECT_EQ(pairs(merged_occurrences(schedules, sys_seconds(0s), Direction::Forward, 5)),
              (Pairs{{20, 0}, {30, 1}, {40, 0}, {60, 0}, {60, 1}}));
}

TEST(MergedOccurrences, AreTheNewestFirstBackward) {
    const std::vector<Schedule> schedules{schedule("*/20 * * * *"), schedule("*/30 * * * *")};
    EXPECT_EQ(pairs(merged_occurrences(schedules, sys_seconds(60min), Direction::Backward, 4)),
              (Pairs{{40, 0}, {30, 1}, {20, 0}, {0, 0}}));
}

TEST(MergedOccurrences, EndWhenNothingIsToCome) {
    const std::vector<Schedule> schedules{schedule("0 0 30 2 *"), schedule("0 0 0 1 1 * 1971")};
    EXPECT_EQ(merged_occurrences(schedules, sys_seconds(0s), Direction::Forward, 5).size(), 1U);
}

}  // namespace
}  // namespace periodic::cli
