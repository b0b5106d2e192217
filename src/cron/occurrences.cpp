#include "cron/occurrences.hpp"

#include <algorithm>

#include "cron/day_search.hpp"

namespace periodic::cron {
namespace {

constexpr std::int64_t kEndOfCalendar = first_of_year(kLastYear + 1) * kSecondsOfDay;

bool matches_local(const CronFields& fields, std::int64_t local) noexcept {
    return local_after(fields, local - 1) == local;
}

// How many local times match from `from` on and before `to`.
std::uint64_t count_local(const CronFields& fields, std::int64_t from, std::int64_t to) noexcept {
    const std::int64_t first = std::max<std::int64_t>(from, 0);
    const std::int64_t end = std::min(to, kEndOfCalendar);
    if (first >= end) return 0;
    const int first_day = static_cast<int>(first / kSecondsOfDay);
    const int end_day = static_cast<int>(end / kSecondsOfDay);
    std::uint64_t count =
        times_before(fields, kSecondsOfDay) * days_between(fields, first_day, end_day);
    if (days_between(fields, end_day, end_day + 1) != 0) {
        count += times_before(fields, static_cast<int>(end % kSecondsOfDay));
    }
    if (days_between(fields, first_day, first_day + 1) != 0) {
        count -= times_before(fields, static_cast<int>(first % kSecondsOfDay));
    }
    return count;
}

}  // namespace

std::int64_t local_after(const CronFields& fields, std::int64_t from) noexcept {
    const std::int64_t start = std::max<std::int64_t>(from + 1, 0);
    if (start >= kEndOfCalendar) return kNone;
    const int day = static_cast<int>(start / kSecondsOfDay);
    if ((fields.flags & CronFields::EveryDay) != 0) {
        const std::int64_t midnight = day * kSecondsOfDay;
        const int time = time_from(fields, static_cast<int>(start - midnight));
        if (time >= 0) return midnight + time;
        const std::int64_t found = midnight + kSecondsOfDay + first_time(fields);
        return found < kEndOfCalendar ? found : kNone;
    }
    CalendarDay place;
    if (!seek_day(fields, day, place)) return kNone;
    if (place.number() == day) {
        const int time = time_from(fields, static_cast<int>(start % kSecondsOfDay));
        if (time >= 0) return (day * kSecondsOfDay) + time;
        if (!next_day(fields, place)) return kNone;
    }
    return (place.number() * kSecondsOfDay) + first_time(fields);
}

std::int64_t local_before(const CronFields& fields, std::int64_t bound) noexcept {
    const std::int64_t start = std::min(bound - 1, kEndOfCalendar - 1);
    if (start < 0) return -1;
    int day = static_cast<int>(start / kSecondsOfDay);
    CalendarDay place;
    if (!seek_day_back(fields, day, place)) return -1;
    if (place.number() == day) {
        const int time = time_until(fields, static_cast<int>(start % kSecondsOfDay));
        if (time >= 0) return (day * kSecondsOfDay) + time;
        if (!seek_day_back(fields, --day, place)) return -1;
    }
    return (place.number() * kSecondsOfDay) +
           time_until(fields, static_cast<int>(kSecondsOfDay) - 1);
}

std::int64_t own_start(const CronFields& fields, const TimeZone::Rules& rules,
                       std::size_t interval) noexcept {
    const ZoneInterval& here = rules.intervals[interval];
    if (interval == 0 || fields.is_wild()) return here.local_start();
    const ZoneInterval& before = rules.intervals[interval - 1];
    return is_repeat(before, here) ? before.local_end() : here.local_start();
}

std::int64_t settle(const CronFields& fields, const TimeZone::Rules& rules, Place& place) noexcept {
    for (;;) {
        const ZoneInterval& here = rules.intervals[place.interval];
        if (place.found < here.local_end()) return place.found - here.offset;
        if (place.interval + 1 == rules.intervals.size()) return kNone;
        const ZoneInterval& next = rules.intervals[place.interval + 1];
        if (place.found >= next.local_end() && place.from < next.local_start()) {
            place.from = next.local_start() - 1;  // nothing in the whole of the next one
            ++place.interval;
            continue;
        }
        if (place.found < next.local_start() && is_gap(here, next) && !fields.is_wild()) {
            ++place.interval;
            return next.start;
        }
        const std::int64_t from = own_start(fields, rules, ++place.interval) - 1;
        if (from < place.from || place.found <= from) {
            place.found = local_after(fields, from);
        } else if (place.found == kNone) {
            return kNone;
        }
        place.from = from;
    }
}

std::int64_t occurrence_after(const CronFields& fields, const TimeZone::Rules& rules,
                              std::int64_t after) noexcept {
    if (rules.intervals.size() == 1) {
        const std::int64_t offset = rules.intervals.front().offset;
        const std::int64_t found = local_after(fields, after + offset);
        return found == kNone ? kNone : found - offset;
    }
    Place place{.interval = rules.index_at(after), .from = 0, .found = 0};
    place.from = std::max(after + rules.intervals[place.interval].offset,
                          own_start(fields, rules, place.interval) - 1);
    place.found = local_after(fields, place.from);
    return settle(fields, rules, place);
}

std::int64_t occurrence_before(const CronFields& fields, const TimeZone::Rules& rules,
                               std::int64_t before) noexcept {
    std::size_t interval = rules.index_at(before - 1);
    std::int64_t bound = before + rules.intervals[interval].offset;
    std::int64_t found = local_before(fields, bound);
    for (;; --interval) {
        const ZoneInterval& here = rules.intervals[interval];
        if (found >= 0 && found >= own_start(fields, rules, interval)) return found - here.offset;
        if (interval == 0) return kNone;
        const ZoneInterval& earlier = rules.intervals[interval - 1];
        const std::int64_t end = earlier.local_end();
        if (found >= end && is_gap(earlier, here) && !fields.is_wild()) return here.start;
        if (end > bound || found >= end) {
            found = local_before(fields, end);
        } else if (found < 0) {
            return kNone;
        }
        bound = end;
    }
}

bool has_moved_to_start(const CronFields& fields, const TimeZone::Rules& rules,
                        std::size_t interval) noexcept {
    if (interval == 0 || fields.is_wild()) return false;
    const ZoneInterval& here = rules.intervals[interval];
    const ZoneInterval& before = rules.intervals[interval - 1];
    return is_gap(before, here) && local_after(fields, before.local_end() - 1) < here.local_start();
}

bool is_occurrence(const CronFields& fields, const TimeZone::Rules& rules,
                   std::int64_t time) noexcept {
    const std::size_t interval = rules.index_at(time);
    const ZoneInterval& here = rules.intervals[interval];
    const std::int64_t local = time + here.offset;
    if (local >= own_start(fields, rules, interval) && matches_local(fields, local)) return true;
    return time == here.start && has_moved_to_start(fields, rules, interval);
}

std::uint64_t count_occurrences(const CronFields& fields, const TimeZone::Rules& rules,
                                std::int64_t from, std::int64_t to) noexcept {
    std::uint64_t count = 0;
    if (from >= to) return 0;
    for (std::size_t interval = rules.index_at(from);
         interval != rules.intervals.size() && rules.intervals[interval].start < to; ++interval) {
        const ZoneInterval& here = rules.intervals[interval];
        const std::int64_t first =
            std::max(std::max(from, here.start) + here.offset, own_start(fields, rules, interval));
        count += count_local(fields, first, std::min(to, here.end) + here.offset);
        if (here.start >= from && has_moved_to_start(fields, rules, interval) &&
            !matches_local(fields, here.local_start())) {
            ++count;
        }
    }
    return count;
}

}  // namespace periodic::cron
