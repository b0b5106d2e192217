#pragma once

/// @file
/// The occurrences of an expression in a time zone, as plain seconds: the daylight-saving rule.
///
/// A zone is a list of intervals with a constant offset. Within one of them the wall clock runs
/// evenly, and finding an occurrence is arithmetic of the calendar. What happens between two is
/// decided here, and only here:
///
/// - in a gap shorter than three hours a fixed entry (neither minute nor hour begins with `*`)
///   whose minute was skipped occurs once, at the first instant after the gap; a wild one has none;
/// - where less than three hours are repeated a fixed entry runs in the first pass only, a wild
///   one in both;
/// - longer shifts correct the calendar: what they skip is skipped, what they repeat is repeated.

#include <cstddef>
#include <cstdint>
#include <limits>

#include "cron/zone_rules.hpp"
#include "periodic/cron_expression.hpp"

namespace periodic::cron {

inline constexpr std::int64_t kNone = std::numeric_limits<std::int64_t>::max();

/// The first local time after `from` that matches, kNone if there is none. No zone is involved.
[[nodiscard]] std::int64_t local_after(const CronFields& fields, std::int64_t from) noexcept;
/// The last one before `bound`; -1 if there is none.
[[nodiscard]] std::int64_t local_before(const CronFields& fields, std::int64_t bound) noexcept;

/// Where the search for an occurrence stands.
struct Place {
    std::size_t interval;  // index of the zone's interval
    std::int64_t from;     // nothing later than this local time has been looked at
    std::int64_t found;    // the first match after `from`; may lie beyond the interval
};

/// Goes from interval to interval until the match found is an occurrence. Returns its instant, or
/// kNone; `place.found` is then the local time it stands for.
[[nodiscard]] std::int64_t settle(const CronFields& fields, const TimeZone::Rules& rules,
                                  Place& place) noexcept;

/// The local time from which on an interval's own occurrences are counted: later than its start
/// where a fixed entry has had the repeated hour already.
[[nodiscard]] std::int64_t own_start(const CronFields& fields, const TimeZone::Rules& rules,
                                     std::size_t interval) noexcept;

/// Whether a fixed entry's occurrence was moved to the start of this interval.
[[nodiscard]] bool has_moved_to_start(const CronFields& fields, const TimeZone::Rules& rules,
                                      std::size_t interval) noexcept;

/// For expressions that are neither @every nor @reboot, and instants from Rules::kBegin to kEnd.
[[nodiscard]] std::int64_t occurrence_after(const CronFields& fields, const TimeZone::Rules& rules,
                                            std::int64_t after) noexcept;
[[nodiscard]] std::int64_t occurrence_before(const CronFields& fields, const TimeZone::Rules& rules,
                                             std::int64_t before) noexcept;
[[nodiscard]] bool is_occurrence(const CronFields& fields, const TimeZone::Rules& rules,
                                 std::int64_t time) noexcept;
/// How many there are from `from` on and before `to`.
[[nodiscard]] std::uint64_t count_occurrences(const CronFields& fields,
                                              const TimeZone::Rules& rules, std::int64_t from,
                                              std::int64_t to) noexcept;

}  // namespace periodic::cron
