#include "periodic/duration.hpp"

#include <gtest/gtest.h>

namespace periodic {
namespace {

using namespace std::chrono_literals;  // NOLINT(google-build-using-namespace)

struct Good {
    const char* text;
    std::chrono::seconds duration;
    const char* shortest;
};

class GoodDuration : public ::testing::TestWithParam<Good> {};

TEST_P(GoodDuration, IsReadAndWrittenAtItsShortest) {
    EXPECT_EQ(parse_duration(GetParam().text).value(), GetParam().duration);
    EXPECT_EQ(format_duration(GetParam().duration), GetParam().shortest);
    EXPECT_EQ(parse_duration(GetParam().shortest).value(), GetParam().duration);
}

INSTANTIATE_TEST_SUITE_P(Durations, GoodDuration,
                         ::testing::Values(Good{"90", 90s, "1m30s"}, Good{"0", 0s, "0s"},
                                           Good{"007", 7s, "7s"}, Good{"1h30m", 90min, "1h30m"},
                                           Good{"30m1h", 90min, "1h30m"}, Good{"2d", 48h, "2d"},
                                           Good{"0d0s", 0s, "0s"}, Good{"36h", 36h, "1d12h"},
                                           Good{"3153600000", kLongestDuration, "36500d"},
                                           Good{"36500d", kLongestDuration, "36500d"}));

class BadDuration : public ::testing::TestWithParam<const char*> {};

TEST_P(BadDuration, IsRefusedWithAHint) {
    const auto read = parse_duration(GetParam());
    ASSERT_FALSE(read.has_value()) << read->count();
    EXPECT_EQ(read.error().code, ErrorCode::Usage);
    EXPECT_FALSE(read.error().hint.empty());
}

INSTANTIATE_TEST_SUITE_P(Durations, BadDuration,
                         ::testing::Values("", " ", "s", "-1", "+1", "1.5h", "1h1h", "1h30", "0h30",
                                           "1w", "1 h", "1H", "1h ", "36500d1s", "3153600001",
                                           "99999999999999999999", "9223372036854775807d", "0x10"));

TEST(Duration, OfMoreThanACenturyIsRefusedAsItWouldNotFitIntoNanoseconds) {
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    EXPECT_GT(std::chrono::nanoseconds::max() - now, kLongestDuration);
    for (const char* text : {"36501d", "106751d", "107000d", "365000d"}) {
        const auto read = parse_duration(text);
        ASSERT_FALSE(read.has_value()) << text;
        EXPECT_EQ(read.error().hint, "at most 36500d");
    }
}

TEST(Size, HasUnitsOf1024) {
    EXPECT_EQ(parse_size("0").value(), 0U);
    EXPECT_EQ(parse_size("4096").value(), 4096U);
    EXPECT_EQ(parse_size("1K").value(), 1024U);
    EXPECT_EQ(parse_size("10M").value(), 10U << 20U);
    EXPECT_EQ(parse_size("4294967296G").value(), std::uint64_t{1} << 62U);
}

TEST(Size, RefusesAllElse) {
    for (const char* text :
         {"", "K", "1KB", "1k", "-1", "1.5M", "4294967297G", "99999999999999999999", " 1"}) {
        EXPECT_FALSE(parse_size(text).has_value()) << text;
    }
}

}  // namespace
}  // namespace periodic
