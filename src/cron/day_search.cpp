#include "cron/day_search.hpp"

#include <algorithm>

namespace periodic::cron {
namespace {

constexpr int kLastDay = first_of_year(kLastYear + 1) - 1;

int highest(std::uint64_t bits) noexcept {
    return 63 - std::countl_zero(bits);
}

// The day of the month that is nearest to `day` and is a Monday to Friday; never in another month.
int nearest_weekday(int day, int last, int first_weekday) noexcept {
    const int weekday = (first_weekday + day - 1) % 7;
    if (weekday == 6) return day == 1 ? 3 : day - 1;
    if (weekday == 0) return day == last ? day - 2 : day + 1;
    return day;
}

// The first year of the set that is not before `year`; 0 if there is none.
int year_from(const CronFields& fields, int year) noexcept {
    auto bit = static_cast<unsigned>(year - kFirstYear);
    if (((fields.years[bit / 64U] >> (bit % 64U)) & 1U) != 0) return year;
    while (bit < 256) {
        const std::uint64_t rest = fields.years[bit / 64U] >> (bit % 64U);
        if (rest != 0) return kFirstYear + static_cast<int>(bit) + std::countr_zero(rest);
        bit = (bit / 64U + 1U) * 64U;
    }
    return 0;
}

// The last year of the set that is not after `year`; 0 if there is none.
int year_until(const CronFields& fields, int year) noexcept {
    int bit = year - kFirstYear;
    while (bit >= 0) {
        const auto word = static_cast<unsigned>(bit) / 64U;
        const std::uint64_t rest = fields.years[word] << (63U - (static_cast<unsigned>(bit) % 64U));
        if (rest != 0) return kFirstYear + bit - std::countl_zero(rest);
        bit = (static_cast<int>(word) * 64) - 1;
    }
    return 0;
}

bool has_year(const CronFields& fields, int year) noexcept {
    return year_from(fields, year) == year;
}

bool previous_month(const CronFields& fields, CalendarDay& place) noexcept {
    for (;;) {
        const std::uint32_t earlier =
            fields.months & ((1U << static_cast<unsigned>(place.month)) - 1U);
        if (earlier != 0) {
            place.month = highest(earlier);
        } else {
            if (place.year == kFirstYear) return false;
            place.year = year_until(fields, place.year - 1);
            if (place.year == 0) return false;
            place.month = highest(fields.months);
        }
        place.first = first_of_month(place.year, place.month);
        const std::uint32_t found = matching_days(fields, place.year, place.month);
        if (found == 0) continue;
        place.day = highest(found);
        return true;
    }
}

}  // namespace

std::uint32_t special_days(const CronFields& fields, int last, int first_weekday) noexcept {
    std::uint32_t result = 0;
    for (std::uint32_t rest = fields.days_before_last; rest != 0; rest &= rest - 1) {
        const int day = last - std::countr_zero(rest);
        if (day >= 1) result |= 1U << static_cast<unsigned>(day);
    }
    for (std::uint32_t rest = fields.nearest_weekdays; rest != 0; rest &= rest - 1) {
        const int number = std::countr_zero(rest);
        const int day = number == 0 ? last : number;
        if (day > last) continue;
        result |= 1U << static_cast<unsigned>(nearest_weekday(day, last, first_weekday));
    }
    return result;
}

std::uint32_t special_weekdays(const CronFields& fields, int last, int first_weekday) noexcept {
    std::uint32_t result = 0;
    for (std::uint64_t rest = fields.nth_weekdays; rest != 0; rest &= rest - 1) {
        const int bit = std::countr_zero(rest);
        const int first = 1 + ((bit % 7) - first_weekday + 7) % 7;
        const int day = bit < 35 ? first + (7 * (bit / 7)) : first + ((last - first) / 7 * 7);
        if (day <= last) result |= 1U << static_cast<unsigned>(day);
    }
    return result;
}

std::uint32_t days_by_weekday(const CronFields& fields, int year, int month) noexcept {
    const std::uint32_t valid = days_of_month(year, month);
    const int first = weekday_of(first_of_month(year, month));
    // The week's seven bits, begun at the month's first weekday and repeated five times.
    const std::uint32_t week =
        ((fields.weekdays | (std::uint32_t{fields.weekdays} << 7U)) >> unsigned(first)) & 0x7FU;
    std::uint32_t weekdays = static_cast<std::uint32_t>(week * 0x10'2040'81ULL) << 1U;
    std::uint32_t days = fields.days;
    if ((fields.days_before_last | fields.nearest_weekdays | fields.nth_weekdays) != 0) {
        const int last = days_in_month(year, month);
        days |= special_days(fields, last, first);
        weekdays |= special_weekdays(fields, last, first);
    }
    return (fields.wants_both_days() ? days & weekdays : days | weekdays) & valid;
}

bool seek_day(const CronFields& fields, int day, CalendarDay& place) noexcept {
    if (day > kLastDay) return false;
    const Date date = date_of(std::max(day, 0));
    place.year = year_from(fields, date.year);
    if (place.year == 0) return false;
    if (place.year != date.year) {
        place.month = 0;
        return next_month(fields, place);
    }
    place.month = date.month;
    if (((fields.months >> static_cast<unsigned>(place.month)) & 1U) == 0)
        return next_month(fields, place);
    place.first = first_of_month(place.year, place.month);
    place.later =
        matching_days(fields, place.year, place.month) & (~0U << static_cast<unsigned>(date.day));
    return next_day(fields, place);
}

bool next_month(const CronFields& fields, CalendarDay& place) noexcept {
    int year = place.year;
    int month = place.month;
    for (;;) {
        const auto rest = static_cast<std::uint32_t>(fields.months >> unsigned(month)) >> 1U;
        if (rest != 0) {
            month += 1 + std::countr_zero(rest);
        } else {
            if (year == kLastYear) return false;
            year = year_from(fields, year + 1);
            if (year == 0) return false;
            month = std::countr_zero(fields.months);
        }
        const std::uint32_t days = matching_days(fields, year, month);
        if (days == 0) continue;
        place = {.year = year,
                 .month = month,
                 .first = first_of_month(year, month),
                 .day = std::countr_zero(days),
                 .later = days & (days - 1)};
        return true;
    }
}

bool seek_day_back(const CronFields& fields, int day, CalendarDay& place) noexcept {
    if (day < 0) return false;
    const Date date = date_of(std::min(day, kLastDay));
    place.year = year_until(fields, date.year);
    if (place.year == 0) return false;
    if (place.year != date.year) {
        place.month = 13;
        return previous_month(fields, place);
    }
    place.month = date.month;
    if (((fields.months >> static_cast<unsigned>(place.month)) & 1U) == 0)
        return previous_month(fields, place);
    place.first = first_of_month(place.year, place.month);
    const std::uint32_t found =
        matching_days(fields, place.year, place.month) & ~(~1U << static_cast<unsigned>(date.day));
    if (found == 0) return previous_month(fields, place);
    place.day = highest(found);
    return true;
}

int time_until(const CronFields& fields, int second) noexcept {
    const auto hour = static_cast<unsigned>(second) / 3'600U;
    const auto minute = static_cast<unsigned>(second) / 60U % 60U;
    if (((fields.hours >> hour) & 1U) != 0) {
        if (((fields.minutes >> minute) & 1U) != 0) {
            const std::uint64_t rest = fields.seconds
                                       << (63U - (static_cast<unsigned>(second) % 60U));
            if (rest != 0) return second - std::countl_zero(rest);
        }
        const std::uint64_t rest = fields.minutes & ((1ULL << minute) - 1U);
        if (rest != 0) {
            return static_cast<int>(hour * 3'600U) + (highest(rest) * 60) + highest(fields.seconds);
        }
    }
    const std::uint32_t rest = fields.hours & ((1U << hour) - 1U);
    if (rest == 0) return -1;
    return (highest(rest) * 3'600) + (highest(fields.minutes) * 60) + highest(fields.seconds);
}

std::uint64_t times_before(const CronFields& fields, int second) noexcept {
    const auto each_minute = static_cast<std::uint64_t>(std::popcount(fields.seconds));
    const auto each_hour = each_minute * static_cast<std::uint64_t>(std::popcount(fields.minutes));
    if (second >= kSecondsOfDay) {
        return each_hour * static_cast<std::uint64_t>(std::popcount(fields.hours));
    }
    const auto hour = static_cast<unsigned>(second) / 3'600U;
    const auto minute = static_cast<unsigned>(second) / 60U % 60U;
    auto count =
        each_hour * static_cast<std::uint64_t>(std::popcount(fields.hours & ((1U << hour) - 1U)));
    if (((fields.hours >> hour) & 1U) == 0) return count;
    count += each_minute *
             static_cast<std::uint64_t>(std::popcount(fields.minutes & ((1ULL << minute) - 1U)));
    if (((fields.minutes >> minute) & 1U) == 0) return count;
    const unsigned of_minute = static_cast<unsigned>(second) % 60U;
    return count +
           static_cast<std::uint64_t>(std::popcount(fields.seconds & ((1ULL << of_minute) - 1U)));
}

std::uint64_t days_between(const CronFields& fields, int from, int to) noexcept {
    const int first = std::max(from, 0);
    const int end = std::min(to, kLastDay + 1);
    if (first >= end) return 0;
    const Date begin = date_of(first);
    const Date last = date_of(end - 1);
    std::uint64_t count = 0;
    for (int year = begin.year; year <= last.year; ++year) {
        if (!has_year(fields, year)) continue;
        const int first_month = year == begin.year ? begin.month : 1;
        const int last_month = year == last.year ? last.month : 12;
        for (int month = first_month; month <= last_month; ++month) {
            if (((fields.months >> static_cast<unsigned>(month)) & 1U) == 0) continue;
            std::uint32_t days = matching_days(fields, year, month);
            if (year == begin.year && month == begin.month) {
                days &= ~0U << static_cast<unsigned>(begin.day);
            }
            if (year == last.year && month == last.month) {
                days &= ~(~1U << static_cast<unsigned>(last.day));
            }
            count += static_cast<std::uint64_t>(std::popcount(days));
        }
    }
    return count;
}

}  // namespace periodic::cron
