#include "periodic/time_zone.hpp"

#include <cstdlib>
#include <optional>

#include <gtest/gtest.h>

namespace periodic {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::sys_seconds;

/// Sets TZ for one test.
class TzVariable {
public:
    explicit TzVariable(const char* value) { setenv("TZ", value, 1); }
    ~TzVariable() { unsetenv("TZ"); }
    TzVariable(const TzVariable&) = delete;
    TzVariable& operator=(const TzVariable&) = delete;
};

TEST(TimeZone, LoadsOnceByName) {
    const auto zone = TimeZone::load("Europe/Berlin");
    ASSERT_TRUE(zone);
    EXPECT_EQ(zone->name(), "Europe/Berlin");
    EXPECT_EQ(*zone, TimeZone::load("Europe/Berlin").value());
    EXPECT_NE(*zone, TimeZone::load("Europe/Paris").value());
    EXPECT_EQ(zone->offset_at(sys_seconds(seconds(1'767'225'600))), seconds(3'600));
    EXPECT_EQ(zone->offset_at(sys_seconds(seconds(1'782'864'000))), seconds(7'200));
}

TEST(TimeZone, UtcIsAlwaysThere) {
    EXPECT_EQ(TimeZone::load("UTC").value(), TimeZone::utc());
    EXPECT_EQ(TimeZone::utc().name(), "UTC");
    EXPECT_EQ(TimeZone::utc().offset_at(sys_seconds::max()), seconds(0));
}

TEST(TimeZone, NamesTheNearestWhenThereIsNone) {
    const auto hint = [](std::string_view name) {
        const auto zone = TimeZone::load(name);
        EXPECT_FALSE(zone) << name;
        EXPECT_EQ(zone.error().code, ErrorCode::Usage);
        return zone.error().hint;
    };
    EXPECT_EQ(hint("Europe/Berln"), "did you mean Europe/Berlin?");
    EXPECT_EQ(hint("europe/berlin"), "did you mean Europe/Berlin?");
    EXPECT_EQ(hint("Berlin"), "did you mean Europe/Berlin?");
    EXPECT_EQ(hint("New York"), "did you mean America/New_York?");
    EXPECT_EQ(hint("right/Europe/Berlin"), "say Europe/Berlin");
    EXPECT_NE(hint("Atlantis/Poseidonis").find("such as Europe/Berlin"), std::string::npos);
}

TEST(TimeZone, RefusesWhatIsNoNameOfTheDatabase) {
    for (const char* name :
         {"", "/etc/localtime", "../../etc/localtime", "CET-1CEST,M3.5.0,M10.5.0",
          "Fixed/UTC+01:00:00", "libc:localtime", "Europe/", "Europe", "a\nb"}) {
        EXPECT_FALSE(TimeZone::load(name)) << name;
    }
}

TEST(TimeZone, LocalFollowsTz) {
    {
        const TzVariable tz("America/New_York");
        EXPECT_EQ(TimeZone::local().value().name(), "America/New_York");
    }
    {
        const TzVariable tz(":/usr/share/zoneinfo/Asia/Tokyo");
        EXPECT_EQ(TimeZone::local().value().name(), "Asia/Tokyo");
    }
    {
        const TzVariable tz("");
        EXPECT_EQ(TimeZone::local().value(), TimeZone::utc());
    }
    const TzVariable tz("Nowhere/Land");
    const auto zone = TimeZone::local();
    ASSERT_FALSE(zone);
    EXPECT_EQ(zone.error().message, "there is no time zone 'Nowhere/Land' (from TZ)");
}

TEST(FormatRfc3339, HasANumericOffset) {
    const sys_seconds time(seconds(1'774'746'000));
    EXPECT_EQ(format_rfc3339(time), "2026-03-29T01:00:00+00:00");
    EXPECT_EQ(format_rfc3339(time, TimeZone::load("Europe/Berlin").value()),
              "2026-03-29T03:00:00+02:00");
    EXPECT_EQ(format_rfc3339(time, TimeZone::load("America/St_Johns").value()),
              "2026-03-28T22:30:00-02:30");
    EXPECT_EQ(format_rfc3339(Time(time) + milliseconds(5)), "2026-03-29T01:00:00.005+00:00");
    EXPECT_EQ(format_rfc3339(Time(milliseconds(-1))), "1969-12-31T23:59:59.999+00:00");
}

struct TimeCase {
    const char* text;
    std::optional<std::int64_t> milliseconds;
};

class ParseTime : public ::testing::TestWithParam<TimeCase> {};

TEST_P(ParseTime, ReadsOrRefuses) {
    const auto time = parse_time(GetParam().text, Time(milliseconds(1'000'000'000'000)));
    if (GetParam().milliseconds) {
        ASSERT_TRUE(time) << GetParam().text << ": " << time.error().message;
        EXPECT_EQ(time->time_since_epoch().count(), *GetParam().milliseconds);
    } else {
        ASSERT_FALSE(time) << GetParam().text;
        EXPECT_EQ(time.error().code, ErrorCode::Usage);
        EXPECT_FALSE(time.error().hint.empty());
    }
}

INSTANTIATE_TEST_SUITE_P(
    Texts, ParseTime,
    ::testing::Values(
        TimeCase{"2026-03-29T03:00:00+02:00", 1'774'746'000'000},
        TimeCase{"2026-03-29 01:00:00Z", 1'774'746'000'000},
        TimeCase{"2026-03-29t01:00:00.25z", 1'774'746'000'250},
        TimeCase{"2026-03-28T22:30:00-02:30", 1'774'746'000'000},
        TimeCase{"@1774746000", 1'774'746'000'000}, TimeCase{"2h", 1'000'007'200'000},
        TimeCase{"-30m", 999'998'200'000}, TimeCase{"1h30m", 1'000'005'400'000}, TimeCase{"", {}},
        TimeCase{"2026-03-29T03:00:00", {}}, TimeCase{"2026-02-29T03:00:00Z", {}},
        TimeCase{"2026-03-29T24:00:00Z", {}}, TimeCase{"2026-03-29T03:00:60Z", {}},
        TimeCase{"2026-03-29T03:00:00+02:60", {}}, TimeCase{"2026-03-29T03:00:00+0200", {}},
        TimeCase{"2026-03-29T03:00:00Z ", {}}, TimeCase{"@", {}}, TimeCase{"@-1", {}},
        TimeCase{"@99999999999999999999", {}}, TimeCase{"--2h", {}}, TimeCase{"tomorrow", {}}));

}  // namespace
}  // namespace periodic
