#pragma once

/// @file
/// What a time zone is to the cron arithmetic: a list of intervals with a constant offset.

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "periodic/time_zone.hpp"

namespace periodic {

namespace cron {

/// A shift of at least this many seconds corrects the calendar (a skipped or repeated day) and is
/// not daylight saving.
inline constexpr std::int64_t kCalendarCorrection = 3 * std::int64_t{3'600};

/// The instants, in seconds since the epoch, between which a zone's offset does not change.
struct ZoneInterval {
    std::int64_t start;   // the first instant
    std::int64_t end;     // the first instant after it; the next interval's start
    std::int64_t offset;  // seconds east of UTC

    /// What a clock on the wall shows at the first instant.
    [[nodiscard]] std::int64_t local_start() const noexcept { return start + offset; }
    /// What it would show at the first instant after the interval.
    [[nodiscard]] std::int64_t local_end() const noexcept { return end + offset; }
};

/// Between these two the clocks were put forward by less than a calendar correction.
[[nodiscard]] inline bool is_gap(const ZoneInterval& before, const ZoneInterval& after) noexcept {
    return after.offset > before.offset && after.offset - before.offset < kCalendarCorrection;
}
/// Between these two the clocks were put back by less than a calendar correction.
[[nodiscard]] inline bool is_repeat(const ZoneInterval& before,
                                    const ZoneInterval& after) noexcept {
    return after.offset < before.offset && before.offset - after.offset < kCalendarCorrection;
}

}  // namespace cron

/// Immutable once made. The intervals cover all of time; they are exact from the end of 1969 to
/// the beginning of 2200, which is all that the arithmetic asks for.
struct TimeZone::Rules {
    // The table holds the interval at the start of each 24 days: a look-up is one load and at most
    // a few steps.
    static constexpr unsigned kBucketBits = 21;
    static constexpr std::int64_t kBegin = -3 * std::int64_t{86'400};
    static constexpr std::int64_t kEnd = 7'258'118'400 + (3 * std::int64_t{86'400});

    std::string name{};
    std::vector<cron::ZoneInterval> intervals{};
    std::vector<std::uint16_t> first_of_bucket{};

    /// The interval that an instant lies in.
    [[nodiscard]] std::size_t index_at(std::int64_t time) const noexcept {
        if (first_of_bucket.empty()) return 0;
        const std::int64_t within = time < kBegin ? kBegin : (time > kEnd ? kEnd : time);
        std::size_t index =
            first_of_bucket[static_cast<std::size_t>(within - kBegin) >> kBucketBits];
        while (within >= intervals[index].end) ++index;
        return index;
    }

    /// Makes the table that `index_at` looks into; called once, when the intervals are complete.
    void make_buckets();
};

}  // namespace periodic
