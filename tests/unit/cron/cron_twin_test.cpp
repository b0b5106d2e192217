/// The library against its slow twin: random expressions in the system's zones, near the instants
/// at which their clocks change. PERIODIC_TEST_LONG=1 makes at least ten million comparisons over
/// every zone; PERIODIC_TEST_SEED repeats a run.

#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <iostream>
#include <optional>
#include <random>

#include <gtest/gtest.h>

#include "periodic/cron_expression.hpp"
#include "periodic/cron_iterator.hpp"
#include "unit/cron/random_expression.hpp"
#include "unit/cron/slow_twin.hpp"

namespace periodic {
namespace {

namespace fs = std::filesystem;
using std::chrono::seconds;
using std::chrono::sys_seconds;

sys_seconds instant(std::int64_t time) {
    return sys_seconds(seconds(time));
}

bool is_long() {
    const char* value = std::getenv("PERIODIC_TEST_LONG");
    return value != nullptr && std::string_view(value) == "1";
}

std::uint64_t seed() {
    if (const char* value = std::getenv("PERIODIC_TEST_SEED")) return std::stoull(value);
    return std::random_device{}();
}

std::vector<std::string> all_zones() {
    std::vector<std::string> zones;
    const fs::path root = "/usr/share/zoneinfo";
    for (fs::recursive_directory_iterator it(root), end; it != end; ++it) {
        const std::string name = it->path().lexically_relative(root).string();
        if (name == "posix" || name == "right") it.disable_recursion_pending();
        if (it->is_regular_file() && TimeZone::load(name)) zones.push_back(name);
    }
    std::sort(zones.begin(), zones.end());
    return zones;
}

/// Compares all queries on one expression in one stretch of time.
class Comparison {
public:
    Comparison(const std::string& text, const twin::Zone& slow_zone, const TimeZone& zone,
               std::int64_t begin, std::int64_t end)
        : text_(text),
          expression_(CronExpression::parse(text).value()),
          zone_(zone),
          begin_(begin),
          end_(end),
          expected_(twin::Expression(text).occurrences(slow_zone, begin, end)) {}

    /// At an instant within the stretch; false at the first difference.
    bool agrees_at(std::int64_t time) {
        const auto later = std::upper_bound(expected_.begin(), expected_.end(), time);
        const auto not_earlier = std::lower_bound(expected_.begin(), expected_.end(), time);
        const auto next = expression_.next(instant(time), zone_);
        if (later == expected_.end()) {
            if (next && *next < instant(end_)) return differs("next", time);
        } else if (next != instant(*later)) {
            return differs("next", time);
        }
        const auto previous = expression_.previous(instant(time), zone_);
        if (not_earlier == expected_.begin()) {
            if (previous && *previous >= instant(begin_)) return differs("previous", time);
        } else if (previous != instant(*(not_earlier - 1))) {
            return differs("previous", time);
        }
        const bool is_due = not_earlier != later;
        if (expression_.matches(instant(time), zone_) != is_due) return differs("matches", time);
        const auto count = static_cast<std::uint64_t>(later - expected_.begin());
        if (expression_.count(instant(begin_ - 1), instant(time), zone_) != count) {
            return differs("count", time);
        }
        return true;
    }

    bool iterates() {
        CronIterator walk(expression_, instant(begin_ - 1), zone_);
        for (const std::int64_t time : expected_) {
            if (walk.next() != instant(time)) return differs("the iterator", time);
        }
        return true;
    }

    [[nodiscard]] const std::vector<std::int64_t>& expected() const { return expected_; }

private:
    bool differs(const char* what, std::int64_t time) {
        const auto next = expression_.next(instant(time), zone_);
        const auto later = std::upper_bound(expected_.begin(), expected_.end(), time);
        ADD_FAILURE() << what << " differs for '" << text_ << "' in " << zone_.name() << " at "
                      << time << ", " << format_rfc3339(instant(time), zone_) << "; next is "
                      << (next ? format_rfc3339(*next, zone_) : "never") << ", the twin's "
                      << (later == expected_.end() ? "later"
                                                   : format_rfc3339(instant(*later), zone_));
        return false;
    }

    std::string text_;
    CronExpression expression_;
    TimeZone zone_;
    std::int64_t begin_;
    std::int64_t end_;
    std::vector<std::int64_t> expected_;
};

/// Runs comparisons until one fails.
class Comparer {
public:
    explicit Comparer(std::uint64_t seed) : random_(seed) {}

    bool compare_zone(const std::string& name, int expressions) {
        const twin::Zone slow_zone(name);
        const TimeZone zone = TimeZone::load(name).value();
        const std::vector<std::int64_t> transitions = slow_zone.transitions();
        for (int i = 0; i < expressions; ++i) {
            if (!compare_near(slow_zone, zone, transitions)) return false;
        }
        return compare_years(slow_zone, zone);
    }

    [[nodiscard]] std::uint64_t comparisons() const { return comparisons_; }

private:
    std::int64_t below(std::int64_t limit) {
        return static_cast<std::int64_t>(random_() % static_cast<std::uint64_t>(limit));
    }

    // A day and a half around a transition or, seldom, anywhere.
    bool compare_near(const twin::Zone& slow_zone, const TimeZone& zone,
                      const std::vector<std::int64_t>& transitions) {
        std::int64_t begin = below(7'250'000'000);
        if (!transitions.empty() && below(10) != 0) {
            begin = transitions[static_cast<std::size_t>(
                        below(static_cast<std::int64_t>(transitions.size())))] -
                    below(86'400) - 3'600;
        }
        Comparison comparison(twin::random_expression(random_), slow_zone, zone, begin,
                              begin + 130'000);
        if (!comparison.iterates()) return false;
        // Some minutes (all in the long mode), and a second or two beside them; then the
        // occurrences themselves.
        const std::int64_t stride = is_long() ? 1 : 25;
        for (std::int64_t time = begin + 2; time < begin + 130'000;
             time += 60 * (1 + below(stride))) {
            ++comparisons_;
            if (!comparison.agrees_at(time + below(3) - below(3))) return false;
        }
        const auto& expected = comparison.expected();
        const auto step = std::max<std::size_t>(1, expected.size() / 50);
        for (std::size_t i = 0; i < expected.size(); i += step) {
            ++comparisons_;
            if (!comparison.agrees_at(expected[i])) return false;
        }
        return true;
    }

    // Several years, for dates that come seldom.
    bool compare_years(const twin::Zone& slow_zone, const TimeZone& zone) {
        const std::int64_t begin = below(6'800'000'000);
        const std::int64_t end = begin + (4 * 365 * 86'400LL);
        const std::string text = std::to_string(below(60)) + ' ' + std::to_string(below(24)) + ' ' +
                                 std::to_string(1 + below(31)) + ' ' +
                                 std::to_string(1 + below(12)) + " +" + std::to_string(below(8));
        Comparison comparison(text, slow_zone, zone, begin, end);
        for (int i = 0; i < 100; ++i) {
            ++comparisons_;
            if (!comparison.agrees_at(begin + below(end - begin))) return false;
        }
        return comparison.iterates();
    }

    std::mt19937_64 random_;
    std::uint64_t comparisons_ = 0;
};

class CronTwin : public ::testing::Test {
protected:
    ~CronTwin() override {
        unsetenv("TZ");
        tzset();
    }
};

TEST_F(CronTwin, AgreesNearTheTransitionsOfRandomZones) {
    const std::uint64_t start = seed();
    std::cout << "PERIODIC_TEST_SEED=" << start << '\n';
    std::vector<std::string> zones = all_zones();
    ASSERT_GT(zones.size(), 300U);
    std::mt19937_64 random(start);
    if (!is_long()) {
        std::shuffle(zones.begin(), zones.end(), random);
        zones.resize(8);
    }
    Comparer run(start);
    for (const std::string& zone : zones) {
        ASSERT_TRUE(run.compare_zone(zone, 12)) << zone;
    }
    std::cout << run.comparisons() << " comparisons in " << zones.size() << " zones\n";
    if (is_long()) {
        EXPECT_GE(run.comparisons(), 10'000'000U);
    }
}

TEST_F(CronTwin, AgreesWhereClocksDoStrangeThings) {
    const std::uint64_t start = seed();
    std::cout << "PERIODIC_TEST_SEED=" << start << '\n';
    Comparer run(start);
    for (const char* zone :
         {"Europe/Berlin", "Australia/Lord_Howe", "America/Sao_Paulo", "America/Havana",
          "Africa/Cairo", "Pacific/Apia", "Antarctica/Troll", "Europe/Dublin", "Africa/Monrovia",
          "Antarctica/Vostok", "Antarctica/Casey", "Africa/Casablanca", "Pacific/Kwajalein"}) {
        ASSERT_TRUE(run.compare_zone(zone, is_long() ? 120 : 12)) << zone;
    }
}

}  // namespace
}  // namespace periodic
