/// describe(): two hundred expressions, each read by eye.

#include <ostream>

#include <gtest/gtest.h>

#include "periodic/cron_expression.hpp"

namespace periodic {
namespace {

struct DescribeCase {
    const char* expression;
    const char* words;
};

void PrintTo(const DescribeCase& value, std::ostream* stream) {
    *stream << value.expression;
}

class CronDescribe : public ::testing::TestWithParam<DescribeCase> {};

TEST_P(CronDescribe, SaysExactlyWhen) {
    const auto expression = CronExpression::parse(GetParam().expression);
    ASSERT_TRUE(expression) << expression.error().message;
    EXPECT_EQ(expression->describe(), GetParam().words);
}

INSTANTIATE_TEST_SUITE_P(
    Times1, CronDescribe,
    ::testing::Values(
        DescribeCase{"* * * * *", "Every minute"}, DescribeCase{"*/2 * * * *", "Every 2 minutes"},
        DescribeCase{"*/5 * * * *", "Every 5 minutes"},
        DescribeCase{"*/7 * * * *", "Every 7th minute from 0 to 56 of every hour"},
        DescribeCase{"*/15 * * * *", "Every 15 minutes"},
        DescribeCase{"*/30 * * * *", "Every 30 minutes"},
        DescribeCase{"0-59 * * * *", "Every minute"}, DescribeCase{"0 * * * *", "Every hour"},
        DescribeCase{"1 * * * *", "At minute 1 of every hour"},
        DescribeCase{"15 * * * *", "At minute 15 of every hour"},
        DescribeCase{"0,30 * * * *", "Every 30 minutes"},
        DescribeCase{"5,35 * * * *", "At minutes 5 and 35 of every hour"},
        DescribeCase{"3-58/5 * * * *", "Every 5th minute from 3 to 58 of every hour"},
        DescribeCase{"10-20 * * * *", "At minutes 10 to 20 of every hour"},
        DescribeCase{"10-20/2 * * * *", "Every 2nd minute from 10 to 20 of every hour"},
        DescribeCase{"1,2,3,10 * * * *", "At minutes 1 to 3 and 10 of every hour"},
        DescribeCase{"0 0 * * *", "At 00:00 every day"},
        DescribeCase{"30 2 * * *", "At 02:30 every day"},
        DescribeCase{"0 12 * * *", "At 12:00 every day"},
        DescribeCase{"59 23 * * *", "At 23:59 every day"},
        DescribeCase{"0 9,17 * * *", "At 09:00 and 17:00 every day"},
        DescribeCase{"0,30 9 * * *", "At 09:00 and 09:30 every day"},
        DescribeCase{"0,30 9,17 * * *", "At 09:00, 09:30, 17:00 and 17:30 every day"},
        DescribeCase{"0 0-5 * * *", "At 00:00, 01:00, 02:00, 03:00, 04:00 and 05:00 every day"},
        DescribeCase{"0 9-17 * * *", "Every hour from 09:00 to 17:00"},
        DescribeCase{"30 9-17 * * *", "Every hour from 09:30 to 17:30"},
        DescribeCase{"0 */2 * * *", "Every 2 hours from 00:00 to 22:00"},
        DescribeCase{"0 */3 * * *", "Every 3 hours from 00:00 to 21:00"},
        DescribeCase{"0 */5 * * *", "At 00:00, 05:00, 10:00, 15:00 and 20:00 every day"},
        DescribeCase{"30 1/5 * * *", "At 01:30, 06:30, 11:30, 16:30 and 21:30 every day"},
        DescribeCase{"15 */4 * * *", "At 00:15, 04:15, 08:15, 12:15, 16:15 and 20:15 every day"},
        DescribeCase{"0 22-2 * * *", "At 00:00, 01:00, 02:00, 22:00 and 23:00 every day"},
        DescribeCase{"0 1,3,5,7,9,11,13 * * *", "Every 2 hours from 01:00 to 13:00"},
        DescribeCase{"0 1,2,3,10,11,12,20,23 * * *",
                     "Every hour from 01:00 to 03:00, from 10:00 to 12:00 and at 20:00 and 23:00"},
        DescribeCase{"* 9 * * *", "Every minute from 09:00 to 09:59"},
        DescribeCase{"* 9-17 * * *", "Every minute from 09:00 to 17:59"},
        DescribeCase{"* 9,11 * * *", "Every minute from 09:00 to 09:59 and from 11:00 to 11:59"},
        DescribeCase{"*/15 9-17 * * *", "Every 15 minutes from 09:00 to 17:45"},
        DescribeCase{"*/10 8-11,14-17 * * *",
                     "Every 10 minutes from 08:00 to 11:50 and from 14:00 to 17:50"},
        DescribeCase{"*/20 */6 * * *",
                     "Every 20 minutes from 00:00 to 00:40, from 06:00 to 06:40, from 12:00 to "
                     "12:40 and from 18:00 to 18:40"},
        DescribeCase{"5/20 9-10 * * *", "At 09:05, 09:25, 09:45, 10:05, 10:25 and 10:45 every day"},
        DescribeCase{"1,2 */2 * * *", "At minutes 1 and 2 of every 2nd hour from 0 to 22"},
        DescribeCase{"1,2 1,2,3,4,5 * * *", "At minutes 1 and 2 of hours 1 to 5"},
        DescribeCase{"*/7 9-17 * * *", "Every 7th minute from 0 to 56 of hours 9 to 17"},
        DescribeCase{"10-20 9-17 * * *", "At minutes 10 to 20 of hours 9 to 17"}));

INSTANTIATE_TEST_SUITE_P(
    Times2, CronDescribe,
    ::testing::Values(DescribeCase{"0 */23 * * *", "At 00:00 and 23:00 every day"},
                      DescribeCase{"23 0-20/2 * * *", "Every 2 hours from 00:23 to 20:23"},
                      DescribeCase{"0 0-23/6 * * *",
                                   "At 00:00, 06:00, 12:00 and 18:00 every day"}));

INSTANTIATE_TEST_SUITE_P(
    Days1, CronDescribe,
    ::testing::Values(
        DescribeCase{"0 0 1 * *", "At 00:00 on day 1 of the month"},
        DescribeCase{"0 0 * * 0", "At 00:00 on Sunday"},
        DescribeCase{"0 0 * * 1", "At 00:00 on Monday"},
        DescribeCase{"0 0 * * 7", "At 00:00 on Sunday"},
        DescribeCase{"0 0 * * 1-5", "At 00:00 on Monday to Friday"},
        DescribeCase{"0 22 * * 1-5", "At 22:00 on Monday to Friday"},
        DescribeCase{"0 0 * * MON-FRI", "At 00:00 on Monday to Friday"},
        DescribeCase{"0 0 * * 0,6", "At 00:00 on Saturday and Sunday"},
        DescribeCase{"0 0 * * sat-sun", "At 00:00 on Saturday and Sunday"},
        DescribeCase{"0 0 * * 1,3,5", "At 00:00 on Monday, Wednesday and Friday"},
        DescribeCase{"0 0 * * FRI-MON", "At 00:00 on Monday and Friday to Sunday"},
        DescribeCase{"0 0 * * */2", "At 00:00 on Tuesday, Thursday, Saturday and Sunday"},
        DescribeCase{"0 0 * * */7", "At 00:00 on Sunday"},
        DescribeCase{"0 0 * * 0-6", "At 00:00 every day"},
        DescribeCase{"0 0 * * 1,2", "At 00:00 on Monday and Tuesday"},
        DescribeCase{"0 0 * * 2-4,6", "At 00:00 on Tuesday to Thursday and Saturday"},
        DescribeCase{"*/15 9-17 * * MON-FRI",
                     "Every 15 minutes from 09:00 to 17:45 on Monday to Friday"},
        DescribeCase{"15,45 8-18 * * 1-5",
                     "Every 30 minutes from 08:15 to 18:45 on Monday to Friday"},
        DescribeCase{"* * * * 1", "Every minute on Monday"},
        DescribeCase{"0 * * * 6", "Every hour on Saturday"},
        DescribeCase{"0 0 1,15 * *", "At 00:00 on days 1 and 15 of the month"},
        DescribeCase{"0 0 1-7 * *", "At 00:00 on days 1 to 7 of the month"},
        DescribeCase{"0 0 */2 * *", "At 00:00 on every 2nd day from 1 to 31 of the month"},
        DescribeCase{"0 0 */5 * *", "At 00:00 on every 5th day from 1 to 31 of the month"},
        DescribeCase{"0 0 */15 * *", "At 00:00 on days 1, 16 and 31 of the month"},
        DescribeCase{"0 0 2-30/2 * *", "At 00:00 on every 2nd day from 2 to 30 of the month"},
        DescribeCase{"0 0 31 * *", "At 00:00 on day 31 of the month"},
        DescribeCase{"0 0 1,2,10-12 * *", "At 00:00 on days 1, 2 and 10 to 12 of the month"},
        DescribeCase{"0 0 1-31 * *", "At 00:00 every day"},
        DescribeCase{"0 0 28-31 * *", "At 00:00 on days 28 to 31 of the month"},
        DescribeCase{"0 0 30-2 * *", "At 00:00 on days 1, 2, 30 and 31 of the month"},
        DescribeCase{"0 0 L * *", "At 00:00 on the last day of the month"},
        DescribeCase{"0 0 L-1 * *", "At 00:00 on the day before the last of the month"},
        DescribeCase{"0 0 L-2 * *", "At 00:00 on the 2nd day before the last of the month"},
        DescribeCase{"0 0 L-7 * *", "At 00:00 on the 7th day before the last of the month"},
        DescribeCase{"0 0 L-3,L * *",
                     "At 00:00 on the last day and the 3rd day before the last of the month"},
        DescribeCase{"0 0 1,L * *", "At 00:00 on day 1 and the last day of the month"},
        DescribeCase{"0 0 1,15,L * *", "At 00:00 on days 1 and 15 and the last day of the month"},
        DescribeCase{"0 0 15W * *",
                     "At 00:00 on the weekday (Monday to Friday) nearest to day 15 of the month"},
        DescribeCase{"0 0 1W * *",
                     "At 00:00 on the weekday (Monday to Friday) nearest to day 1 of the month"},
        DescribeCase{"0 0 31W * *",
                     "At 00:00 on the weekday (Monday to Friday) nearest to day 31 of the month"},
        DescribeCase{"0 0 LW * *", "At 00:00 on the last weekday (Monday to Friday) of the month"},
        DescribeCase{"0 0 1W,15W * *",
                     "At 00:00 on the weekday (Monday to Friday) nearest to day 1 and the weekday "
                     "(Monday to Friday) nearest to day 15 of the month"},
        DescribeCase{"0 0 15,LW * *",
                     "At 00:00 on day 15 and the last weekday (Monday to Friday) of the month"},
        DescribeCase{"0 0 * * 5L", "At 00:00 on the last Friday of the month"}));

INSTANTIATE_TEST_SUITE_P(
    Days2, CronDescribe,
    ::testing::Values(
        DescribeCase{"0 0 * * FRIL", "At 00:00 on the last Friday of the month"},
        DescribeCase{"0 0 * * 0L", "At 00:00 on the last Sunday of the month"},
        DescribeCase{"0 0 * * MON#1", "At 00:00 on the first Monday of the month"},
        DescribeCase{"0 0 * * FRI#2", "At 00:00 on the second Friday of the month"},
        DescribeCase{"0 0 * * 3#3", "At 00:00 on the third Wednesday of the month"},
        DescribeCase{"0 0 * * 4#4", "At 00:00 on the fourth Thursday of the month"},
        DescribeCase{"0 0 * * 5#5", "At 00:00 on the fifth Friday of the month"},
        DescribeCase{"0 0 * * MON#1,FRI#3",
                     "At 00:00 on the first Monday and the third Friday of the month"},
        DescribeCase{"0 0 * * MON#1,MON#3",
                     "At 00:00 on the first Monday and the third Monday of the month"},
        DescribeCase{"0 0 * * MON,FRIL", "At 00:00 on Monday, and on the last Friday of the month"},
        DescribeCase{"0 0 * * MON,WED,FRI#2,SUNL",
                     "At 00:00 on Monday and Wednesday, and on the second Friday and the last "
                     "Sunday of the month"},
        DescribeCase{"0 0 13 * FRI", "At 00:00 on day 13 of the month, and on Friday"},
        DescribeCase{"0 0 13 * +FRI", "At 00:00 on day 13 of the month, if that is a Friday"},
        DescribeCase{"0 0 13 * 5", "At 00:00 on day 13 of the month, and on Friday"},
        DescribeCase{"0 0 */2 * 1",
                     "At 00:00 on every 2nd day from 1 to 31 of the month, if that is a Monday"},
        DescribeCase{"0 0 *,13 * 5", "At 00:00 on Friday"},
        DescribeCase{"0 0 1-31 * 4", "At 00:00 every day"},
        DescribeCase{"0 0 1-7 * 1", "At 00:00 on days 1 to 7 of the month, and on Monday"},
        DescribeCase{"0 0 1-7 * +1", "At 00:00 on days 1 to 7 of the month, if that is a Monday"},
        DescribeCase{"0 0 1-7 * +1,3",
                     "At 00:00 on days 1 to 7 of the month, if that is a Monday or a Wednesday"},
        DescribeCase{"0 0 L * +FRI", "At 00:00 on the last day of the month, if that is a Friday"},
        DescribeCase{"0 0 L * FRI", "At 00:00 on the last day of the month, and on Friday"},
        DescribeCase{"0 0 LW * 1",
                     "At 00:00 on the last weekday (Monday to Friday) of the month, and on Monday"},
        DescribeCase{"0 0 15W * +1-5",
                     "At 00:00 on the weekday (Monday to Friday) nearest to day 15 of the month, "
                     "if that is a Monday, a Tuesday, a Wednesday, a Thursday or a Friday"},
        DescribeCase{"0 0 1,15 * */3",
                     "At 00:00 on days 1 and 15 of the month, if that is a Wednesday, a Saturday "
                     "or a Sunday"},
        DescribeCase{"0 0 ? * 1", "At 00:00 on Monday"},
        DescribeCase{"0 0 1 * ?", "At 00:00 on day 1 of the month"},
        DescribeCase{"0 0 13 * 0-6", "At 00:00 every day"},
        DescribeCase{"0 0 L-3 * +FRI#4",
                     "At 00:00 on the 3rd day before the last of the month, if that is the fourth "
                     "Friday of its month"},
        DescribeCase{"0 0 */10 * +MONL",
                     "At 00:00 on every 10th day from 1 to 31 of the month, if that is the last "
                     "Monday of its month"},
        DescribeCase{"*/10 * 13 * +FRI",
                     "Every 10 minutes on day 13 of the month, if that is a Friday"},
        DescribeCase{"0 4 8-14 * +SUN",
                     "At 04:00 on days 8 to 14 of the month, if that is a Sunday"},
        DescribeCase{"5 4 * * sun", "At 04:05 on Sunday"},
        DescribeCase{"0 4 8-14 * *", "At 04:00 on days 8 to 14 of the month"},
        DescribeCase{"15 14 1 * *", "At 14:15 on day 1 of the month"}));

INSTANTIATE_TEST_SUITE_P(
    Months, CronDescribe,
    ::testing::Values(
        DescribeCase{"0 0 1 1 *", "At 00:00 on day 1 of January"},
        DescribeCase{"0 0 * 1 *", "At 00:00 every day in January"},
        DescribeCase{"0 0 * JUL *", "At 00:00 every day in July"},
        DescribeCase{"0 0 1 7 *", "At 00:00 on day 1 of July"},
        DescribeCase{"0 0 25 12 *", "At 00:00 on day 25 of December"},
        DescribeCase{"0 0 * 1,7 *", "At 00:00 every day in January and July"},
        DescribeCase{"0 0 * nov-feb *",
                     "At 00:00 every day in January, February, November and December"},
        DescribeCase{"0 0 * 5-9 *", "At 00:00 every day in May to September"},
        DescribeCase{"0 0 * */3 *", "At 00:00 every day in January, April, July and October"},
        DescribeCase{"0 0 * 1-6,12 *", "At 00:00 every day in January to June and December"},
        DescribeCase{"0 0 1 */3 *", "At 00:00 on day 1 of January, April, July and October"},
        DescribeCase{"0 0 L 2 *", "At 00:00 on the last day of February"},
        DescribeCase{"0 0 LW 3,6,9,12 *",
                     "At 00:00 on the last weekday (Monday to Friday) of March, June, September "
                     "and December"},
        DescribeCase{"0 0 15W 4 *",
                     "At 00:00 on the weekday (Monday to Friday) nearest to day 15 of April"},
        DescribeCase{"0 0 * 1,7 5L", "At 00:00 on the last Friday of January and July"},
        DescribeCase{"0 0 * 11 THU#4", "At 00:00 on the fourth Thursday of November"},
        DescribeCase{"0 0 * 5 MONL", "At 00:00 on the last Monday of May"},
        DescribeCase{"0 0 * 6 1-5", "At 00:00 on Monday to Friday in June"},
        DescribeCase{"*/5 * * 1 *", "Every 5 minutes in January"},
        DescribeCase{"* * * 5-9 *", "Every minute in May to September"},
        DescribeCase{
            "*/30 9-17 * 10-12 1-5",
            "Every 30 minutes from 09:00 to 17:30 on Monday to Friday in October to December"},
        DescribeCase{"0 0 29 2 *", "At 00:00 on day 29 of February"},
        DescribeCase{"0 0 29 2 +MON", "At 00:00 on day 29 of February, if that is a Monday"},
        DescribeCase{"0 0 30 2 *",
                     "Never, as there is no such date: at 00:00 on day 30 of February"},
        DescribeCase{"0 0 31 4,6,9,11 *",
                     "Never, as there is no such date: at 00:00 on day 31 of April, June, "
                     "September and November"},
        DescribeCase{"0 0 8-14 5 +SUN", "At 00:00 on days 8 to 14 of May, if that is a Sunday"},
        DescribeCase{"0 0 13 1,7 FRI",
                     "At 00:00 on day 13 of January and July, and on Friday in January and July"},
        DescribeCase{
            "0 0,12 1 */2 *",
            "At 00:00 and 12:00 on day 1 of January, March, May, July, September and November"},
        DescribeCase{"10,40 6-9 1 1-3 *",
                     "Every 30 minutes from 06:10 to 09:40 on day 1 of January to March"}));

INSTANTIATE_TEST_SUITE_P(
    Seconds, CronDescribe,
    ::testing::Values(
        DescribeCase{"* * * * * *", "Every second"},
        DescribeCase{"*/10 * * * * *", "Every 10 seconds"},
        DescribeCase{"*/7 * * * * *", "Every 7th second from 0 to 56 of every minute"},
        DescribeCase{"30 * * * * *", "At second 30 of every minute"},
        DescribeCase{"0 * * * * *", "Every minute"},
        DescribeCase{"5,10 * * * * *", "At seconds 5 and 10 of every minute"},
        DescribeCase{"0-10 * * * * *", "At seconds 0 to 10 of every minute"},
        DescribeCase{"15 30 9 * * *", "At 09:30:15 every day"},
        DescribeCase{"5,10 30 2 * * *", "At 02:30:05 and 02:30:10 every day"},
        DescribeCase{"*/20 30 2 * * *", "At 02:30, 02:30:20 and 02:30:40 every day"},
        DescribeCase{"*/15 30 2 * * MON", "At 02:30, 02:30:15, 02:30:30 and 02:30:45 on Monday"},
        DescribeCase{"30 15 * * * *", "At 15:30 past every hour"},
        DescribeCase{"30 */15 * * * *",
                     "At second 30 of every 15th minute from 0 to 45 of every hour"},
        DescribeCase{"30 0 9-17 * * *", "Every hour from 09:00:30 to 17:00:30"},
        DescribeCase{"30 0 */2 * * *", "Every 2 hours from 00:00:30 to 22:00:30"},
        DescribeCase{"* 30 9 * * *", "Every second of minute 30 of hour 9"},
        DescribeCase{"* * 9 * * *", "Every second of every minute of hour 9"},
        DescribeCase{"*/10 * 9-17 * * *",
                     "Every 10th second from 0 to 50 of every minute of hours 9 to 17"},
        DescribeCase{"*/10 0,30 * * * *",
                     "Every 10th second from 0 to 50 of minutes 0 and 30 of every hour"},
        DescribeCase{"1,31 5,35 9-17 * * *",
                     "At seconds 1 and 31 of minutes 5 and 35 of hours 9 to 17"},
        DescribeCase{"0 */10 8-18 * * MON-FRI",
                     "Every 10 minutes from 08:00 to 18:50 on Monday to Friday"},
        DescribeCase{"10 0 0 1 1 *", "At 00:00:10 on day 1 of January"},
        DescribeCase{"0 0 0 1 1 * 2026", "At 00:00 on day 1 of January, in 2026"},
        DescribeCase{"0 0 0 1 1 * 2026,2028", "At 00:00 on day 1 of January, in 2026 and 2028"},
        DescribeCase{"0 0 0 1 1 * 2026-2030", "At 00:00 on day 1 of January, in 2026 to 2030"},
        DescribeCase{"0 0 0 1 1 * 2026-2030,2040",
                     "At 00:00 on day 1 of January, in 2026 to 2030 and 2040"},
        DescribeCase{"0 0 0 1 1 * */2",
                     "At 00:00 on day 1 of January, in every 2nd year from 1970 to 2198"},
        DescribeCase{"0 0 0 * * * 2026", "At 00:00 every day, in 2026"},
        DescribeCase{"0 0 12 * * MON 2026", "At 12:00 on Monday, in 2026"},
        DescribeCase{"0 */5 * * * * 2026", "Every 5 minutes in 2026"},
        DescribeCase{"* * * * * * 2199", "Every second in 2199"},
        DescribeCase{"0 0 0 29 2 * 2024-2048/4",
                     "At 00:00 on day 29 of February, in every 4th year from 2024 to 2048"},
        DescribeCase{"0 0 0 29 2 * 2025",
                     "Never, as there is no such date: at 00:00 on day 29 of February, in 2025"}));

INSTANTIATE_TEST_SUITE_P(
    Macros, CronDescribe,
    ::testing::Values(
        DescribeCase{"@hourly", "Every hour"}, DescribeCase{"@daily", "At 00:00 every day"},
        DescribeCase{"@midnight", "At 00:00 every day"},
        DescribeCase{"@monthly", "At 00:00 on day 1 of the month"},
        DescribeCase{"@yearly", "At 00:00 on day 1 of January"},
        DescribeCase{"@annually", "At 00:00 on day 1 of January"},
        DescribeCase{"@weekly", "At 00:00 on Sunday"},
        DescribeCase{"@every 1s", "Every second, counted from 1970-01-01 00:00 UTC"},
        DescribeCase{"@every 30s", "Every 30 seconds, counted from 1970-01-01 00:00 UTC"},
        DescribeCase{"@every 90s",
                     "Every 1 minute and 30 seconds, counted from 1970-01-01 00:00 UTC"},
        DescribeCase{"@every 1m", "Every minute, counted from 1970-01-01 00:00 UTC"},
        DescribeCase{"@every 15m", "Every 15 minutes, counted from 1970-01-01 00:00 UTC"},
        DescribeCase{"@every 1h", "Every hour, counted from 1970-01-01 00:00 UTC"},
        DescribeCase{"@every 1h30m",
                     "Every 1 hour and 30 minutes, counted from 1970-01-01 00:00 UTC"},
        DescribeCase{"@every 1d", "Every day, counted from 1970-01-01 00:00 UTC"},
        DescribeCase{"@every 7d", "Every 7 days, counted from 1970-01-01 00:00 UTC"},
        DescribeCase{
            "@every 1d2h3m4s",
            "Every 1 day, 2 hours, 3 minutes and 4 seconds, counted from 1970-01-01 00:00 UTC"},
        DescribeCase{"@reboot", "Once at each start of the machine"}));

TEST(CronDescribeZone, NamesTheCity) {
    const auto expression = CronExpression::parse("0 0 * 1,7 5L").value();
    EXPECT_EQ(expression.describe(TimeZone::load("Europe/Berlin").value()),
              "At 00:00 on the last Friday of January and July, Berlin time");
    EXPECT_EQ(expression.describe(TimeZone::load("America/New_York").value()),
              "At 00:00 on the last Friday of January and July, New York time");
    EXPECT_EQ(expression.describe(TimeZone::utc()),
              "At 00:00 on the last Friday of January and July, UTC");
    EXPECT_EQ(CronExpression::parse("@reboot")->describe(TimeZone::utc()),
              "Once at each start of the machine");
}

}  // namespace
}  // namespace periodic
