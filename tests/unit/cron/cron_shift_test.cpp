/// Daylight saving: what happens in gaps, in repeated hours and where the calendar was corrected.

#include <ostream>
#include <vector>

#include <gtest/gtest.h>

#include "periodic/cron_expression.hpp"
#include "periodic/cron_iterator.hpp"

namespace periodic {
namespace {

std::chrono::sys_seconds at(std::string_view text) {
    return std::chrono::floor<std::chrono::seconds>(parse_time(text, Time{}).value());
}

/// The occurrences in (after, until], in the zone's time.
struct ShiftCase {
    const char* reason;
    const char* zone;
    const char* expression;
    const char* after;
    const char* until;
    std::vector<std::string> expected;
};

void PrintTo(const ShiftCase& value, std::ostream* stream) {
    *stream << value.zone << ", " << value.expression << ": " << value.reason;
}

class CronShifts : public ::testing::TestWithParam<ShiftCase> {};

TEST_P(CronShifts, GiveTheseOccurrences) {
    const ShiftCase& given = GetParam();
    const TimeZone zone = TimeZone::load(given.zone).value();
    const auto expression = CronExpression::parse(given.expression).value();
    const auto after = at(given.after);
    const auto until = at(given.until);
    std::vector<std::string> walked;
    CronIterator walk(expression, after, zone);
    for (auto due = walk.next(); due && *due <= until; due = walk.next()) {
        walked.push_back(format_rfc3339(*due, zone));
    }
    EXPECT_EQ(walked, given.expected);
    EXPECT_EQ(expression.count(after, until, zone), given.expected.size());
    std::vector<std::string> back;
    for (auto due = expression.previous(until + std::chrono::seconds(1), zone); due && *due > after;
         due = expression.previous(*due, zone)) {
        back.insert(back.begin(), format_rfc3339(*due, zone));
    }
    EXPECT_EQ(back, given.expected);
}

INSTANTIATE_TEST_SUITE_P(
    Berlin, CronShifts,
    ::testing::Values(ShiftCase{"fixed: moved to the gap's end, once",
                                "Europe/Berlin",
                                "30 2 * * *",
                                "2026-03-28T12:00:00Z",
                                "2026-03-30T12:00:00Z",
                                {"2026-03-29T03:00:00+02:00", "2026-03-30T02:30:00+02:00"}},
                      ShiftCase{"fixed: several missed minutes are one occurrence",
                                "Europe/Berlin",
                                "0,20,40 2 * * *",
                                "2026-03-28T12:00:00Z",
                                "2026-03-29T12:00:00Z",
                                {"2026-03-29T03:00:00+02:00"}},
                      ShiftCase{"fixed: missed minutes and the gap's end itself are one",
                                "Europe/Berlin",
                                "0,30 2-3 * * *",
                                "2026-03-28T12:00:00Z",
                                "2026-03-29T12:00:00Z",
                                {"2026-03-29T03:00:00+02:00", "2026-03-29T03:30:00+02:00"}},
                      ShiftCase{"wild hour: nothing in the gap",
                                "Europe/Berlin",
                                "30 * * * *",
                                "2026-03-29T00:00:00Z",
                                "2026-03-29T02:00:00Z",
                                {"2026-03-29T01:30:00+01:00", "2026-03-29T03:30:00+02:00"}},
                      ShiftCase{"wild minute: the whole hour falls away",
                                "Europe/Berlin",
                                "* 2 * * *",
                                "2026-03-28T23:00:00Z",
                                "2026-03-29T20:00:00Z",
                                {}},
                      ShiftCase{"30 */2 is wild: no occurrence at 02:30",
                                "Europe/Berlin",
                                "30 */2 * * *",
                                "2026-03-28T23:00:00Z",
                                "2026-03-29T05:00:00Z",
                                {"2026-03-29T00:30:00+01:00", "2026-03-29T04:30:00+02:00",
                                 "2026-03-29T06:30:00+02:00"}},
                      ShiftCase{"a whole range without a star is fixed",
                                "Europe/Berlin",
                                "30 0-23 * * *",
                                "2026-03-29T00:00:00Z",
                                "2026-03-29T02:00:00Z",
                                {"2026-03-29T01:30:00+01:00", "2026-03-29T03:00:00+02:00",
                                 "2026-03-29T03:30:00+02:00"}},
                      ShiftCase{"fixed: the first pass only",
                                "Europe/Berlin",
                                "30 2 * * *",
                                "2026-10-24T12:00:00Z",
                                "2026-10-26T12:00:00Z",
                                {"2026-10-25T02:30:00+02:00", "2026-10-26T02:30:00+01:00"}},
                      ShiftCase{"wild: both passes",
                                "Europe/Berlin",
                                "*/30 2 * * *",
                                "2026-10-24T12:00:00Z",
                                "2026-10-25T12:00:00Z",
                                {"2026-10-25T02:00:00+02:00", "2026-10-25T02:30:00+02:00",
                                 "2026-10-25T02:00:00+01:00", "2026-10-25T02:30:00+01:00"}},
                      ShiftCase{"fixed at the hour to which the clocks go back",
                                "Europe/Berlin",
                                "0 2,3 * * *",
                                "2026-10-24T12:00:00Z",
                                "2026-10-25T12:00:00Z",
                                {"2026-10-25T02:00:00+02:00", "2026-10-25T03:00:00+01:00"}},
                      ShiftCase{"seconds: fixed entries are moved once, too",
                                "Europe/Berlin",
                                "*/20 30 2 * * *",
                                "2026-03-28T12:00:00Z",
                                "2026-03-29T12:00:00Z",
                                {"2026-03-29T03:00:00+02:00"}}));

INSTANTIATE_TEST_SUITE_P(
    Zones, CronShifts,
    ::testing::Values(ShiftCase{"02:00 becomes 03:00",
                                "America/New_York",
                                "15 2 * * *",
                                "2026-03-07T12:00:00Z",
                                "2026-03-08T12:00:00Z",
                                {"2026-03-08T03:00:00-04:00"}},
                      ShiftCase{"half an hour: the gap",
                                "Australia/Lord_Howe",
                                "15 2 * * *",
                                "2026-10-03T00:00:00Z",
                                "2026-10-04T00:00:00Z",
                                {"2026-10-04T02:30:00+11:00"}},
                      ShiftCase{"half an hour: what is repeated",
                                "Australia/Lord_Howe",
                                "*/15 1 * * *",
                                "2026-04-04T14:00:00Z",
                                "2026-04-04T16:00:00Z",
                                {"2026-04-05T01:15:00+11:00", "2026-04-05T01:30:00+11:00",
                                 "2026-04-05T01:45:00+11:00", "2026-04-05T01:30:00+10:30",
                                 "2026-04-05T01:45:00+10:30"}},
                      ShiftCase{"no midnight: the day begins at 01:00",
                                "America/Sao_Paulo",
                                "@daily",
                                "2018-11-03T12:00:00Z",
                                "2018-11-05T12:00:00Z",
                                {"2018-11-04T01:00:00-02:00", "2018-11-05T00:00:00-02:00"}},
                      ShiftCase{"two midnights: the day is not begun twice",
                                "America/Sao_Paulo",
                                "0 0 * * *",
                                "2018-02-16T12:00:00Z",
                                "2018-02-19T12:00:00Z",
                                {"2018-02-17T00:00:00-02:00", "2018-02-18T00:00:00-03:00",
                                 "2018-02-19T00:00:00-03:00"}},
                      ShiftCase{"two times 23:30 on Saturday, fixed",
                                "America/Sao_Paulo",
                                "30 23 * * SAT",
                                "2018-02-16T12:00:00Z",
                                "2018-02-19T12:00:00Z",
                                {"2018-02-17T23:30:00-02:00"}},
                      ShiftCase{"Havana changes at midnight",
                                "America/Havana",
                                "0 0 * * *",
                                "2026-03-07T12:00:00Z",
                                "2026-03-08T12:00:00Z",
                                {"2026-03-08T01:00:00-04:00"}},
                      ShiftCase{"and goes back from 01:00 to 00:00",
                                "America/Havana",
                                "0 0 * * *",
                                "2024-11-02T12:00:00Z",
                                "2024-11-04T12:00:00Z",
                                {"2024-11-03T00:00:00-04:00", "2024-11-04T00:00:00-05:00"}},
                      ShiftCase{"Cairo: Friday begins at 01:00",
                                "Africa/Cairo",
                                "0 0 * * FRI",
                                "2026-04-20T00:00:00Z",
                                "2026-04-27T00:00:00Z",
                                {"2026-04-24T01:00:00+03:00"}},
                      ShiftCase{"Apia skipped 30 December 2011: a correction, not a gap",
                                "Pacific/Apia",
                                "0 12 * * *",
                                "2011-12-29T12:00:00Z",
                                "2011-12-31T12:00:00Z",
                                {"2011-12-29T12:00:00-10:00", "2011-12-31T12:00:00+14:00"}},
                      ShiftCase{"an entry for that day alone never came",
                                "Pacific/Apia",
                                "0 0 12 30 12 * 2011",
                                "2000-01-01T00:00:00Z",
                                "2020-01-01T00:00:00Z",
                                {}},
                      ShiftCase{"Kwajalein repeated nothing, but skipped 21 August 1993",
                                "Pacific/Kwajalein",
                                "0 0 * * *",
                                "1993-08-20T00:00:00Z",
                                "1993-08-23T00:00:00Z",
                                {"1993-08-20T00:00:00-12:00", "1993-08-22T00:00:00+12:00",
                                 "1993-08-23T00:00:00+12:00"}},
                      ShiftCase{"two hours at once: the gap",
                                "Antarctica/Troll",
                                "30 1,2 * * *",
                                "2026-03-28T12:00:00Z",
                                "2026-03-29T12:00:00Z",
                                {"2026-03-29T03:00:00+02:00"}},
                      ShiftCase{"two hours at once: the first pass",
                                "Antarctica/Troll",
                                "30 1,2 * * *",
                                "2026-10-24T12:00:00Z",
                                "2026-10-25T12:00:00Z",
                                {"2026-10-25T01:30:00+02:00", "2026-10-25T02:30:00+02:00"}},
                      ShiftCase{"three hours are a correction: nothing is moved",
                                "Antarctica/Casey",
                                "0 3 * * *",
                                "2009-10-16T12:00:00Z",
                                "2009-10-19T00:00:00Z",
                                {"2009-10-17T03:00:00+08:00", "2009-10-19T03:00:00+11:00"}},
                      ShiftCase{"and what is repeated runs again, fixed or not",
                                "Antarctica/Casey",
                                "0 1 * * *",
                                "2010-03-04T12:00:00Z",
                                "2010-03-05T12:00:00Z",
                                {"2010-03-05T01:00:00+11:00", "2010-03-05T01:00:00+08:00"}},
                      ShiftCase{"Dublin's winter time is the exception, its clocks are as others",
                                "Europe/Dublin",
                                "30 1 * * *",
                                "2026-03-28T12:00:00Z",
                                "2026-03-30T12:00:00Z",
                                {"2026-03-29T02:00:00+01:00", "2026-03-30T01:30:00+01:00"}},
                      ShiftCase{"Monrovia lost 44 and a half minutes",
                                "Africa/Monrovia",
                                "30 0 * * *",
                                "1972-01-06T12:00:00Z",
                                "1972-01-08T00:00:00Z",
                                {"1972-01-07T00:44:30+00:00"}}));

TEST(CronShiftAt, TellsGapRepeatAndNeither) {
    const TimeZone zone = TimeZone::load("Europe/Berlin").value();
    const auto fixed = CronExpression::parse("30 2 * * *").value();
    const auto both = CronExpression::parse("0,30 2-3 * * *").value();
    const auto wild = CronExpression::parse("30 * * * *").value();
    EXPECT_EQ(fixed.shift_at(at("2026-03-29T03:00:00+02:00"), zone), CronShift::Gap);
    EXPECT_EQ(both.shift_at(at("2026-03-29T03:00:00+02:00"), zone), CronShift::None)
        << "it falls on the gap's end in its own right";
    EXPECT_EQ(wild.shift_at(at("2026-10-25T02:30:00+02:00"), zone), CronShift::None);
    EXPECT_EQ(wild.shift_at(at("2026-10-25T02:30:00+01:00"), zone), CronShift::Repeated);
    EXPECT_EQ(fixed.shift_at(at("2026-10-25T02:30:00+01:00"), zone), CronShift::None)
        << "no occurrence at all";
    EXPECT_EQ(wild.shift_at(at("2026-10-25T03:30:00+01:00"), zone), CronShift::None);
    const TimeZone casey = TimeZone::load("Antarctica/Casey").value();
    EXPECT_EQ(CronExpression::parse("0 1 * * *")->shift_at(at("2010-03-05T01:00:00+08:00"), casey),
              CronShift::Repeated);
}

TEST(CronExplain, SaysWhatTheClocksDo) {
    const TimeZone zone = TimeZone::load("Europe/Berlin").value();
    const auto explained = [&](const char* expression, const char* time) {
        return CronExpression::parse(expression)->explain_shift(at(time), zone);
    };
    EXPECT_EQ(explained("30 2 * * *", "2026-03-29T03:00:00+02:00"),
              "02:30 is skipped on 2026-03-29 in Europe/Berlin, where the clocks go from 02:00 to "
              "03:00; the entry runs once, right after the gap.");
    EXPECT_EQ(explained("0,30 2-3 * * *", "2026-03-29T03:00:00+02:00"),
              "02:00 to 02:30 are skipped on 2026-03-29 in Europe/Berlin, where the clocks go from "
              "02:00 to 03:00; it runs together with this occurrence.");
    EXPECT_EQ(explained("30 2 * * *", "2026-10-25T02:30:00+02:00"),
              "02:30 comes twice on 2026-10-25 in Europe/Berlin, where the clocks go back from "
              "03:00 to 02:00; the entry runs the first time only.");
    EXPECT_EQ(explained("30 * * * *", "2026-10-25T02:30:00+01:00"),
              "02:30 comes twice on 2026-10-25 in Europe/Berlin, where the clocks go back from "
              "03:00 to 02:00; this is the second time. As its minute or hour begins with *, the "
              "entry runs both times.");
    EXPECT_EQ(explained("30 2 * * *", "2026-06-01T02:30:00+02:00"), "");
}

}  // namespace
}  // namespace periodic
