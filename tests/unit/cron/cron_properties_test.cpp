/// What holds for every expression, and what is said of its size and its memory.

#include <random>
#include <ranges>
#include <type_traits>

#include <gtest/gtest.h>

#include "periodic/cron_expression.hpp"
#include "periodic/cron_iterator.hpp"
#include "unit/cron/counting_allocator.hpp"
#include "unit/cron/random_expression.hpp"

namespace periodic {
namespace {

using std::chrono::seconds;
using std::chrono::sys_seconds;

static_assert(std::is_trivially_copyable_v<CronExpression>);
static_assert(sizeof(CronExpression) <= 96);
static_assert(std::is_trivially_copyable_v<CronIterator>);
static_assert(std::ranges::forward_range<CronRange>);
static_assert(std::ranges::view<CronRange>);
template <class T>
T value() noexcept;  // only for what follows
static_assert(noexcept(value<const CronExpression&>().next(value<sys_seconds>())));
static_assert(noexcept(value<const CronExpression&>().previous(value<sys_seconds>())));
static_assert(noexcept(value<const CronExpression&>().matches(value<sys_seconds>())));
static_assert(noexcept(value<const CronExpression&>().count(value<sys_seconds>(),
                                                            value<sys_seconds>())));
static_assert(noexcept(value<CronIterator&>().next()));

TEST(CronMemory, NothingIsAllocatedAfterParsing) {
    const TimeZone zone = TimeZone::load("Europe/Berlin").value();
    const sys_seconds start(seconds(1'790'000'000));
    std::uint64_t sum = 0;
    std::size_t before = 0;
    for (const char* text : {"* * * * *", "30 2 * * *", "0 0 29 2 +MON", "0 0 LW * FRI#2,MONL",
                             "*/7 * * * * * 2030-2040", "@every 90s", "0 0 30 2 *"}) {
        before = allocations();
        const auto expression = CronExpression::parse(text);
        // Not even while parsing, but for a macro's name.
        if (text[0] != '@') {
            EXPECT_EQ(allocations(), before) << text;
        }
        before = allocations();
        CronIterator walk(*expression, start, zone);
        for (int i = 0; i < 1'000; ++i) sum += walk.next() ? 1U : 0U;
        sum += expression->previous(start, zone) ? 1U : 0U;
        sum += expression->matches(start, zone) ? 1U : 0U;
        sum += expression->count(start, start + seconds(1'000'000'000), zone);
        sum += static_cast<std::uint64_t>(expression->shift_at(start, zone));
        for (const auto time : CronRange(*expression, start, zone)) {
            if (time > start + seconds(100'000)) break;
            sum += static_cast<std::uint64_t>(time.time_since_epoch().count());
        }
        EXPECT_EQ(allocations(), before) << text;
    }
    EXPECT_NE(sum, 0U);
}

class CronProperties : public ::testing::TestWithParam<const char*> {};

TEST_P(CronProperties, HoldForRandomExpressions) {
    const TimeZone zone = TimeZone::load(GetParam()).value();
    const std::uint64_t seed = std::random_device{}();
    std::mt19937_64 random(seed);
    for (int i = 0; i < 2'000; ++i) {
        const std::string text = twin::random_expression(random);
        SCOPED_TRACE(text + " in " + GetParam() + ", seed " + std::to_string(seed));
        const CronExpression expression = CronExpression::parse(text).value();
        ASSERT_EQ(CronExpression::parse(expression.to_string()).value(), expression)
            << expression.to_string();
        ASSERT_FALSE(expression.describe().empty());
        const sys_seconds time(seconds(static_cast<std::int64_t>(random() % 7'000'000'000)));
        const auto next = expression.next(time, zone);
        const auto previous = expression.previous(time, zone);
        if (next) {
            ASSERT_GT(*next, time);
            ASSERT_TRUE(expression.matches(*next, zone));
            ASSERT_EQ(expression.count(time, *next, zone), 1U);
            const auto back = expression.previous(*next, zone);
            ASSERT_TRUE(!back || *back <= time);
        }
        if (previous) {
            ASSERT_LT(*previous, time);
            ASSERT_TRUE(expression.matches(*previous, zone));
            // None, where it was the last one before the end of 2199.
            const auto on = expression.next(*previous, zone);
            ASSERT_TRUE(!on || *on >= time);
        }
        ASSERT_EQ(expression.matches(time, zone),
                  expression.next(time - seconds(1), zone) == std::optional(time));
        CronIterator walk(expression, time, zone);
        std::uint64_t steps = 0;
        sys_seconds last = time;
        for (; steps < 200; ++steps) {
            const auto step = walk.next();
            if (!step) break;
            ASSERT_EQ(step, expression.next(last, zone));
            last = *step;
        }
        ASSERT_EQ(expression.count(time, last, zone), steps);
    }
}

INSTANTIATE_TEST_SUITE_P(Zones, CronProperties,
                         ::testing::Values("UTC", "Europe/Berlin", "America/New_York",
                                           "Australia/Lord_Howe", "Pacific/Apia",
                                           "America/Sao_Paulo"));

TEST(CronExtremes, AnyInstantIsAccepted) {
    const auto expression = CronExpression::parse("0 0 1 1 *").value();
    const TimeZone zone = TimeZone::load("Europe/Berlin").value();
    for (const TimeZone& where : {TimeZone::utc(), zone}) {
        EXPECT_EQ(format_rfc3339(*expression.next(sys_seconds::min(), where), where).substr(0, 10),
                  "1970-01-01");
        EXPECT_FALSE(expression.next(sys_seconds::max(), where));
        EXPECT_EQ(
            format_rfc3339(*expression.previous(sys_seconds::max(), where), where).substr(0, 10),
            "2199-01-01");
        EXPECT_FALSE(expression.previous(sys_seconds::min(), where));
        EXPECT_FALSE(expression.matches(sys_seconds::max(), where));
        EXPECT_EQ(expression.count(sys_seconds::min(), sys_seconds::max(), where), 230U);
        EXPECT_EQ(expression.count(sys_seconds::max(), sys_seconds::min(), where), 0U);
    }
}

TEST(CronEvery, CountsFromTheEpoch) {
    const auto expression = CronExpression::parse("@every 90s").value();
    const sys_seconds start(seconds(1'000));
    EXPECT_EQ(expression.next(start), sys_seconds(seconds(1'080)));
    EXPECT_EQ(expression.next(sys_seconds(seconds(1'080))), sys_seconds(seconds(1'170)));
    EXPECT_EQ(expression.previous(sys_seconds(seconds(1'080))), sys_seconds(seconds(990)));
    EXPECT_EQ(expression.next(sys_seconds(seconds(-5))), sys_seconds(seconds(0)));
    EXPECT_TRUE(expression.matches(sys_seconds(seconds(900))));
    EXPECT_EQ(expression.count(sys_seconds(seconds(0)), sys_seconds(seconds(900))), 10U);
    EXPECT_EQ(expression.count(sys_seconds(seconds(-1)), sys_seconds(seconds(900))), 11U);
    const TimeZone zone = TimeZone::load("Asia/Kolkata").value();
    EXPECT_EQ(expression.next(start, zone), expression.next(start)) << "zones do not matter";
}

TEST(CronRange, GoesThroughTheOccurrences) {
    const auto expression = CronExpression::parse("0 0 1 1 *").value();
    std::vector<std::string> years;
    const sys_seconds start = std::chrono::sys_days(std::chrono::year(2197) / 6 / 1);
    for (const auto time : CronRange(expression, start)) {
        years.push_back(format_rfc3339(time).substr(0, 4));
    }
    EXPECT_EQ(years, (std::vector<std::string>{"2198", "2199"}));
}

}  // namespace
}  // namespace periodic
