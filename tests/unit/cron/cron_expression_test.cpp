#include "periodic/cron_expression.hpp"

#include <gtest/gtest.h>

#include "periodic/cron_iterator.hpp"

namespace periodic {
namespace {

std::chrono::sys_seconds at(std::string_view text) {
    return std::chrono::floor<std::chrono::seconds>(parse_time(text, Time{}).value());
}

struct NextCase {
    const char* reason;
    const char* expression;
    const char* after;
    const char* expected;  // empty: never
    const char* zone = "UTC";
};

void PrintTo(const NextCase& value, std::ostream* stream) {
    *stream << value.reason << ": " << value.expression;
}

class CronNext : public ::testing::TestWithParam<NextCase> {};

TEST_P(CronNext, IsTheFirstOccurrenceAfter) {
    const auto zone = TimeZone::load(GetParam().zone).value();
    const auto expression = CronExpression::parse(GetParam().expression);
    ASSERT_TRUE(expression) << expression.error().message;
    const auto next = expression->next(at(GetParam().after), zone);
    EXPECT_EQ(next ? format_rfc3339(*next, zone) : "", GetParam().expected);
}

INSTANTIATE_TEST_SUITE_P(
    Calendar, CronNext,
    ::testing::Values(NextCase{"a match is strictly later", "0 * * * *", "2024-01-01T00:00:00Z",
                               "2024-01-01T01:00:00+00:00"},
                      NextCase{"leap day waits for a leap year", "0 0 29 2 *",
                               "2024-03-01T00:00:00Z", "2028-02-29T00:00:00+00:00"},
                      NextCase{"2100 is no leap year", "0 0 29 2 *", "2096-02-29T00:00:00Z",
                               "2104-02-29T00:00:00+00:00"},
                      NextCase{"a leap day on a Monday takes 40 years over 2100", "0 0 29 2 +MON",
                               "2072-03-01T00:00:00Z", "2112-02-29T00:00:00+00:00"},
                      NextCase{"the year ends", "59 23 31 12 *", "2024-01-01T00:00:00Z",
                               "2024-12-31T23:59:00+00:00"},
                      NextCase{"February has no 30th", "0 0 30 2 *", "2024-01-01T00:00:00Z", ""},
                      NextCase{"walking ends with 2199", "0 0 1 1 *", "2199-06-01T00:00:00Z", ""}));

INSTANTIATE_TEST_SUITE_P(DaylightSaving, CronNext,
                         ::testing::Values(NextCase{"a fixed entry in the gap runs at its end",
                                                    "30 2 * * *", "2026-03-28T12:00:00Z",
                                                    "2026-03-29T03:00:00+02:00", "Europe/Berlin"},
                                           NextCase{"a wild entry in the gap does not run",
                                                    "*/30 2 * * *", "2026-03-28T12:00:00Z",
                                                    "2026-03-30T02:00:00+02:00", "Europe/Berlin"},
                                           NextCase{"a fixed entry skips the second pass",
                                                    "30 2 * * *", "2026-10-25T00:30:00Z",
                                                    "2026-10-26T02:30:00+01:00", "Europe/Berlin"},
                                           NextCase{"a wild entry takes the second pass",
                                                    "*/30 2 * * *", "2026-10-25T00:30:00Z",
                                                    "2026-10-25T02:00:00+01:00", "Europe/Berlin"}));

}  // namespace
}  // namespace periodic
