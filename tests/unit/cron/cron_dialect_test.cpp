/// Every item of the dialect: what it is equal to, and what is said about mistakes.

#include <ostream>

#include <gtest/gtest.h>

#include "periodic/cron_expression.hpp"

namespace periodic {
namespace {

CronExpression parsed(std::string_view text, std::string_view seed = {}) {
    auto expression = CronExpression::parse(text, {.seed = seed});
    EXPECT_TRUE(expression) << text << ": " << to_string(expression.error());
    return expression ? *expression : CronExpression{};
}

struct EqualCase {
    const char* reason;
    const char* text;
    const char* canonical;
};

void PrintTo(const EqualCase& value, std::ostream* stream) {
    *stream << value.reason << ": " << value.text;
}

class CronDialect : public ::testing::TestWithParam<EqualCase> {};

TEST_P(CronDialect, IsReadAs) {
    const CronExpression expression = parsed(GetParam().text);
    EXPECT_EQ(expression.to_string(), GetParam().canonical);
    EXPECT_EQ(parsed(expression.to_string()), expression) << "printing and parsing are inverse";
}

INSTANTIATE_TEST_SUITE_P(
    Fields, CronDialect,
    ::testing::Values(
        EqualCase{"blanks may be many", "  *\t*  * * *  ", "* * * * *"},
        EqualCase{"a list", "1,3,5,8 * * * *", "1,3,5,8 * * * *"},
        EqualCase{"a range", "10-20 * * * *", "10-20 * * * *"},
        EqualCase{"a step over all", "*/15 * * * *", "*/15 * * * *"},
        EqualCase{"a step over a range", "10-50/20 * * * *", "10-50/20 * * * *"},
        EqualCase{"a step from a value to the end", "5/15 * * * *", "5-50/15 * * * *"},
        EqualCase{"which is 6 in day-of-week", "0 0 * * 5/1", "0 0 * * 5,6"},
        EqualCase{"leading zeros", "05 007 * * *", "5 7 * * *"},
        EqualCase{"names in any case", "0 0 * jan,Jun,DEC Sun,wED", "0 0 * 1,6,12 0,3"},
        EqualCase{"ranges of names", "0 0 * MAR-MAY MON-FRI", "0 0 * 3-5 1-5"},
        EqualCase{"a step of the highest value", "*/59 * * * *", "*/59 * * * *"},
        EqualCase{"duplicates are one", "5,5,5-6 * * * *", "5,6 * * * *"}));

INSTANTIATE_TEST_SUITE_P(
    Wrapping, CronDialect,
    ::testing::Values(EqualCase{"weekdays over the week's end", "0 0 * * FRI-MON",
                                "0 0 * * 0,1,5,6"},
                      EqualCase{"hours over midnight", "0 22-2 * * *", "0 0-2,22,23 * * *"},
                      EqualCase{"months over new year", "0 0 1 nov-feb *", "0 0 1 1,2,11,12 *"},
                      EqualCase{"minutes", "58-1 * * * *", "0,1,58,59 * * * *"},
                      EqualCase{"days", "0 0 30-2 * *", "0 0 1,2,30,31 * *"},
                      EqualCase{"a step goes on over the end", "0 22-3/2 * * *", "0 0,2,22 * * *"},
                      EqualCase{"0 and 7 are Sunday", "0 0 * * 7", "0 0 * * 0"},
                      EqualCase{"5-7 ends with Sunday", "0 0 * * 5-7", "0 0 * * 0,5,6"},
                      EqualCase{"0-7 is the whole week", "0 0 * * 0-7", "0 0 * * 0-6"},
                      EqualCase{"sat-sun", "0 0 * * sat-sun", "0 0 * * 0,6"},
                      EqualCase{"7-2 begins with Sunday", "0 0 * * 7-2", "0 0 * * 0-2"},
                      EqualCase{"7-7 is one day", "0 0 * * 7-7", "0 0 * * 0"},
                      EqualCase{"1-7/2 counts to Sunday", "0 0 * * 1-7/2", "0 0 * * 0,1,3,5"},
                      EqualCase{"a range of one", "0 0 * * 3-3", "0 0 * * 3"}));

INSTANTIATE_TEST_SUITE_P(
    Days, CronDialect,
    ::testing::Values(EqualCase{"? is a star", "0 0 ? * ?", "0 0 * * *"},
                      EqualCase{"a star with a step stays one", "0 0 */2 * 1", "0 0 */2 * 1"},
                      EqualCase{"a list that begins with a star", "0 0 *,13 * 5", "0 0 * * 5"},
                      EqualCase{"the whole range is no star", "0 0 1-31 * 4", "0 0 1-31 * 4"},
                      EqualCase{"plus", "0 0 13 * +FRI", "0 0 13 * +5"},
                      EqualCase{"plus beside a star says nothing new", "0 0 * * +FRI", "0 0 * * 5"},
                      EqualCase{"the last day", "0 0 l * *", "0 0 L * *"},
                      EqualCase{"days before the last", "0 0 L-3,L * *", "0 0 L,L-3 * *"},
                      EqualCase{"the nearest weekday", "0 0 15w,1W * *", "0 0 1W,15W * *"},
                      EqualCase{"the last weekday", "0 0 lw * *", "0 0 LW * *"},
                      EqualCase{"the nth weekday", "0 0 * * MON#1,5#3", "0 0 * * 1#1,5#3"},
                      EqualCase{"the last Friday", "0 0 * * FRIL,0l", "0 0 * * 0L,5L"},
                      EqualCase{"7L is the last Sunday", "0 0 * * 7L", "0 0 * * 0L"},
                      EqualCase{"mixed lists", "0 0 1,15,L * 1,FRI#2", "0 0 1,15,L * 1,5#2"}));

INSTANTIATE_TEST_SUITE_P(
    Forms, CronDialect,
    ::testing::Values(
        EqualCase{"six fields begin with seconds", "*/10 * * * * *", "*/10 * * * * *"},
        EqualCase{"second 0 is five fields", "0 5 * * * *", "5 * * * *"},
        EqualCase{"seven end with the year", "0 0 0 1 1 * 2026,2028", "0 0 0 1 1 * 2026,2028"},
        EqualCase{"any year is six", "30 0 0 1 1 * *", "30 0 0 1 1 *"},
        EqualCase{"years step from 1970", "0 0 0 1 1 * */2", "0 0 0 1 1 * */2"},
        EqualCase{"@yearly", "@yearly", "0 0 1 1 *"},
        EqualCase{"@annually", "@Annually", "0 0 1 1 *"},
        EqualCase{"@monthly", "@monthly", "0 0 1 * *"},
        EqualCase{"@weekly", "@weekly", "0 0 * * 0"}, EqualCase{"@daily", "@DAILY", "0 0 * * *"},
        EqualCase{"@midnight", "@midnight", "0 0 * * *"},
        EqualCase{"@hourly", "@hourly", "0 * * * *"},
        EqualCase{"@every", "@Every 90m", "@every 1h30m"},
        EqualCase{"@reboot", "@reboot", "@reboot"}));

struct ErrorCase {
    const char* text;
    std::uint32_t column;
    const char* message;
    const char* hint;
};

void PrintTo(const ErrorCase& value, std::ostream* stream) {
    *stream << value.text;
}

class CronErrors : public ::testing::TestWithParam<ErrorCase> {};

TEST_P(CronErrors, NameFieldByteAndWhatWouldWork) {
    const auto expression = CronExpression::parse(GetParam().text);
    ASSERT_FALSE(expression);
    EXPECT_EQ(expression.error().code, ErrorCode::Usage);
    EXPECT_EQ(expression.error().message, GetParam().message);
    EXPECT_EQ(expression.error().column, GetParam().column);
    EXPECT_NE(expression.error().hint.find(GetParam().hint), std::string::npos)
        << expression.error().hint;
}

INSTANTIATE_TEST_SUITE_P(
    Numbers, CronErrors,
    ::testing::Values(
        ErrorCase{"60 * * * *", 1, "minute: '60' is out of range", "minutes are 0 to 59"},
        ErrorCase{"0 24 * * *", 3, "hour: '24' is out of range", "midnight is hour 0"},
        ErrorCase{"0 0 0 * *", 5, "day-of-month: '0' is out of range", "days are 1 to 31"},
        ErrorCase{"0 0 * 13 *", 7, "month: '13' is out of range", "or JAN to DEC"},
        ErrorCase{"0 0 * * 8", 9, "day-of-week: '8' is out of range", "0 and 7 are Sunday"},
        ErrorCase{"60 0 0 1 1 *", 1, "second: '60' is out of range", "for the full minute say 0"},
        ErrorCase{"0 0 0 1 1 * 1969", 13, "year: '1969' is out of range", "1970 to 2199"},
        ErrorCase{"1-75 * * * *", 3, "minute: '75' is out of range", "0 to 59"},
        ErrorCase{"*/0 * * * *", 3, "minute: the step '0' is out of range", "1 to 59"},
        ErrorCase{"*/60 * * * *", 3, "minute: the step '60' is out of range", "1 to 59"},
        ErrorCase{"0 */24 * * *", 5, "hour: the step '24' is out of range", "1 to 23"},
        ErrorCase{"12345 * * * *", 1, "minute: the number has more digits than fit", "0 to 59"},
        ErrorCase{"99999999999999999999 * * * *", 1, "minute: the number has more digits than fit",
                  "0 to 59"},
        ErrorCase{"0 0 0 1 1 * 2030-2026", 13, "year: the range '2030-2026' ends before it begins",
                  "do not wrap"}));

INSTANTIATE_TEST_SUITE_P(
    Structure, CronErrors,
    ::testing::Values(
        ErrorCase{"", 1, "the expression is empty", "five fields"},
        ErrorCase{"1 2 3", 6, "an expression has 5, 6 or 7 fields, and this has 3", "five fields"},
        ErrorCase{"1 2 3 4 5 6 2026 8", 19, "an expression has 5, 6 or 7 fields, and this has 8",
                  "five fields"},
        ErrorCase{"1,,2 * * * *", 3, "minute: an item of the list is empty", "comma"},
        ErrorCase{"1, * * * *", 3, "minute: an item of the list is empty", "comma"},
        ErrorCase{",1 * * * *", 1, "minute: an item of the list is empty", "comma"},
        ErrorCase{"1- * * * *", 1, "minute: the range has no end", "0 to 59"},
        ErrorCase{"*/ * * * *", 3, "minute: a number is missing after '/'", "*/5"},
        ErrorCase{"*5 * * * *", 2, "minute: unexpected '5'", "numbers, ranges and steps"},
        ErrorCase{"? * * * *", 1, "minute: '?' stands alone, and only in the day fields", "*"},
        ErrorCase{"0 0 ?/2 * *", 5, "day-of-month: '?' stands alone, and only in the day fields",
                  "*"},
        ErrorCase{"0 0 +1 * *", 5, "day-of-month: '+' has no meaning here", "day-of-week"},
        ErrorCase{"\xC3\xA9 * * * *", 1, "minute: unexpected '\xC3\xA9'", ""},
        ErrorCase{"* * * * *\n", 10, "day-of-week: unexpected '\n'", ""}));

INSTANTIATE_TEST_SUITE_P(
    Words, CronErrors,
    ::testing::Values(
        ErrorCase{"0 0 * * MONDAY", 9, "day-of-week: unknown name 'MONDAY'", "did you mean MON?"},
        ErrorCase{"0 0 * January *", 7, "month: unknown name 'January'", "did you mean JAN?"},
        ErrorCase{"0 0 * * MOM", 9, "day-of-week: unknown name 'MOM'", "did you mean MON?"},
        ErrorCase{"MON * * * *", 1, "minute: 'MON' is not a number, and this field has no names",
                  "0 to 59"},
        ErrorCase{"0 0 * * L", 9, "day-of-week: 'L' needs a weekday before it", "FRIL"},
        ErrorCase{"L * * * *", 1, "minute: there is no 'L' in this field", "day-of-month"},
        ErrorCase{"0 0 * * FRI#6", 13,
                  "day-of-week: '6' is not the number of a weekday in its month", "#1 to #5"},
        ErrorCase{"0 0 L-31 * *", 7, "day-of-month: '31' is not a number of days before the last",
                  "L-1 to L-30"},
        ErrorCase{"0 0 25-L * *", 8, "day-of-month: a range cannot end with 'L'", "25-31"},
        ErrorCase{"0 0 0 1 1 * H", 13, "year: a year is not chosen by a hash", "name the years"},
        ErrorCase{"H(5) * * * *", 1, "minute: 'H(' needs a range and a parenthesis", "H(0-29)"},
        ErrorCase{"1~5/2 * * * *", 4, "minute: '~' chooses one value and takes no step",
                  "H(a-b)/n"},
        ErrorCase{"@dayly", 1, "there is no '@dayly'", "did you mean @daily?"},
        ErrorCase{"@daily x", 8, "unexpected 'x' after @daily", "nothing"},
        ErrorCase{"@every", 7, "@every needs a duration", "@every 90s"},
        ErrorCase{"@every 0s", 8, "@every: the duration is 0", "@every 90s"}));

TEST(CronLimits, AnExpressionHasAtMost1024Bytes) {
    std::string text = "0";
    while (text.size() < 1'010) text += ",0";
    EXPECT_TRUE(CronExpression::parse(text + " * * * *"));
    text.append(20, ' ');
    const auto expression = CronExpression::parse(text + " * * * *");
    ASSERT_FALSE(expression);
    EXPECT_EQ(expression.error().message, "the expression is longer than 1024 bytes");
}

TEST(CronNever, IsKnownAtOnce) {
    for (const char* text : {"0 0 30 2 *", "0 0 31 4,6,9,11 *", "0 0 31W 2 *", "0 0 L-30 2 *",
                             "0 0 29 2 +MON#1", "0 0 0 29 2 * 2025", "0 0 0 29 2 * 2100"}) {
        EXPECT_TRUE(parsed(text).is_never()) << text;
        EXPECT_FALSE(parsed(text).next({})) << text;
        EXPECT_FALSE(
            parsed(text).previous(std::chrono::sys_days(std::chrono::year(2199) / 12 / 31)));
    }
    for (const char* text : {"0 0 29 2 *", "0 0 29 2 +MON", "0 0 29 2 +MON#5", "0 0 30 2 1",
                             "0 0 31 * *", "0 0 0 29 2 * 2104", "@reboot", "@every 1s"}) {
        EXPECT_FALSE(parsed(text).is_never()) << text;
    }
}

TEST(CronHash, IsStableForASeed) {
    // These values are kept by people's schedules: they may never change.
    EXPECT_EQ(parsed("H H * * *", "backup:db").to_string(),
              parsed("H H * * *", "backup:db").to_string());
    EXPECT_NE(parsed("H H H * *", "a").to_string(), parsed("H H H * *", "b").to_string());
}

TEST(CronHash, StaysInItsRange) {
    for (int i = 0; i < 500; ++i) {
        const std::string seed = "task" + std::to_string(i);
        const CronFields range = parsed("H(10-19) H(22-1) H H H", seed).fields();
        EXPECT_EQ(range.minutes & ~0xFFC00ULL, 0U);
        EXPECT_EQ(range.hours & ~0xC00003U, 0U);
        EXPECT_EQ(range.days & ~0x1FFFFFFEU, 0U) << "days 1 to 28";
        EXPECT_EQ(std::popcount(range.minutes), 1);
        EXPECT_EQ(std::popcount(range.hours), 1);
        EXPECT_EQ(std::popcount(range.weekdays), 1);
        const CronFields steps = parsed("H/15 7~9 * * *", seed).fields();
        EXPECT_EQ(std::popcount(steps.minutes), 4);
        EXPECT_LT(std::countr_zero(steps.minutes), 15);
        EXPECT_EQ(steps.hours & ~0x380U, 0U);
        EXPECT_NE(parsed("H H H/30 * *", seed).fields().days, 0U) << "never an empty set";
    }
}

TEST(CronHash, SpreadsEntriesOverAllValues) {
    std::uint64_t minutes = 0;
    std::uint32_t hours = 0;
    for (int i = 0; i < 1'000; ++i) {
        const CronFields fields = parsed("H H * * *", "task" + std::to_string(i)).fields();
        minutes |= fields.minutes;
        hours |= fields.hours;
    }
    EXPECT_EQ(std::popcount(minutes), 60);
    EXPECT_EQ(std::popcount(hours), 24);
}

TEST(CronHash, WithoutASeedTheTextIsHashed) {
    EXPECT_EQ(parsed("H H * * *"), parsed("H H * * *"));
    EXPECT_EQ(parsed("H H * * *"), parsed("H H * * *", "H H * * *"));
}

}  // namespace
}  // namespace periodic
