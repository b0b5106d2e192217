#pragma once

/// @file
/// Finds the days of the calendar, and the times of a day, that an expression matches. There are no
/// time zones here: times are what a clock on the wall shows, days count from 1970-01-01.

#include <array>
#include <bit>
#include <cstdint>

#include "cron/calendar.hpp"
#include "periodic/cron_expression.hpp"
#include "periodic/cron_iterator.hpp"

namespace periodic::cron {

/// The days of one month that match L, L-n, nW and LW, as bits 1 to 31. `last` is the month's
/// length, `first_weekday` the weekday of its first day.
[[nodiscard]] std::uint32_t special_days(const CronFields& fields, int last,
                                         int first_weekday) noexcept;
/// The same for `n#k` and `nL`.
[[nodiscard]] std::uint32_t special_weekdays(const CronFields& fields, int last,
                                             int first_weekday) noexcept;

/// The same for the plain weekdays and all else that needs to know the weekday of the first.
[[nodiscard]] std::uint32_t days_by_weekday(const CronFields& fields, int year, int month) noexcept;

/// The days of one month that match, as bits 1 to 31.
[[nodiscard]] inline std::uint32_t matching_days(const CronFields& fields, int year,
                                                 int month) noexcept {
    const bool has_special =
        (fields.days_before_last | fields.nearest_weekdays | fields.nth_weekdays) != 0;
    if (fields.weekdays != 0x7F || has_special) return days_by_weekday(fields, year, month);
    const std::uint32_t valid = days_of_month(year, month);
    return fields.wants_both_days() ? fields.days & valid : valid;
}

/// Goes to the first matching day that is not before `day`; false, at an unspecified place, if
/// there is none.
bool seek_day(const CronFields& fields, int day, CalendarDay& place) noexcept;
/// Goes to the last matching day that is not after `day`; false if there is none.
bool seek_day_back(const CronFields& fields, int day, CalendarDay& place) noexcept;
/// Goes to the first matching day of a later month; false if there is none.
bool next_month(const CronFields& fields, CalendarDay& place) noexcept;

/// Goes to the next matching day; false, at an unspecified place, if there is none.
inline bool next_day(const CronFields& fields, CalendarDay& place) noexcept {
    if (place.later == 0) return next_month(fields, place);
    place.day = std::countr_zero(place.later);
    place.later &= place.later - 1;
    return true;
}

/// The first matching second of a day that is not before `second`; -1 if there is none.
[[nodiscard]] inline int time_from(const CronFields& fields, int second) noexcept {
    const auto hour = static_cast<unsigned>(second) / 3'600U;
    const auto minute = static_cast<unsigned>(second) / 60U % 60U;
    if (((fields.hours >> hour) & 1U) != 0) {
        if (((fields.minutes >> minute) & 1U) != 0) {
            const std::uint64_t rest = fields.seconds >> (static_cast<unsigned>(second) % 60U);
            if (rest != 0) return second + std::countr_zero(rest);
        }
        const std::uint64_t rest = fields.minutes >> minute >> 1U;
        if (rest != 0) {
            const auto next = minute + 1U + static_cast<unsigned>(std::countr_zero(rest));
            return static_cast<int>((hour * 3'600U) + (next * 60U)) +
                   std::countr_zero(fields.seconds);
        }
    }
    const std::uint32_t rest = fields.hours >> hour >> 1U;
    if (rest == 0) return -1;
    const auto next = hour + 1U + static_cast<unsigned>(std::countr_zero(rest));
    return static_cast<int>(next * 3'600U) + (std::countr_zero(fields.minutes) * 60) +
           std::countr_zero(fields.seconds);
}

/// The last matching second of a day that is not after `second`; -1 if there is none.
[[nodiscard]] int time_until(const CronFields& fields, int second) noexcept;

/// How many matching seconds of a day are before `second`, which may be a whole day.
[[nodiscard]] std::uint64_t times_before(const CronFields& fields, int second) noexcept;

/// How many days match from `from` on and before `to`.
[[nodiscard]] std::uint64_t days_between(const CronFields& fields, int from, int to) noexcept;

/// The first second of a day that matches.
[[nodiscard]] inline int first_time(const CronFields& fields) noexcept {
    return (std::countr_zero(fields.hours) * 3'600) + (std::countr_zero(fields.minutes) * 60) +
           std::countr_zero(fields.seconds);
}

}  // namespace periodic::cron
