#pragma once

/// @file
/// The arithmetic of the calendar from 1970 to 2199, in which 2100 is the one exception to "every
/// fourth year is a leap year".

#include <array>
#include <cstdint>

namespace periodic::cron {

inline constexpr int kFirstYear = 1970;
inline constexpr int kLastYear = 2199;
inline constexpr std::int64_t kSecondsOfDay = 86'400;

/// A date of the calendar.
struct Date {
    int year;
    int month;  // 1 to 12
    int day;    // 1 to 31
};

constexpr bool is_leap(int year) noexcept {
    return year % 4 == 0 && year != 2100;
}

/// Days from 1970-01-01 to the first day of a year.
constexpr int first_of_year(int year) noexcept {
    return (365 * (year - kFirstYear)) + ((year - 1969) / 4) - (year > 2100 ? 1 : 0);
}

inline constexpr std::array<std::array<std::int16_t, 14>, 2> kDaysBeforeMonth{{
    {0, 0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334, 365},
    {0, 0, 31, 60, 91, 121, 152, 182, 213, 244, 274, 305, 335, 366},
}};

/// Days from 1970-01-01 to the first day of a month.
constexpr int first_of_month(int year, int month) noexcept {
    return first_of_year(year) +
           kDaysBeforeMonth[is_leap(year) ? 1U : 0U][static_cast<unsigned>(month)];
}

constexpr int days_in_month(int year, int month) noexcept {
    const auto& before = kDaysBeforeMonth[is_leap(year) ? 1U : 0U];
    return before[static_cast<unsigned>(month) + 1U] - before[static_cast<unsigned>(month)];
}

/// The days of a month as bits 1 to its length.
constexpr std::uint32_t days_of_month(int year, int month) noexcept {
    constexpr std::array<std::uint32_t, 13> kDays{
        0,           0xFFFF'FFFE, 0x1FFF'FFFE, 0xFFFF'FFFE, 0x7FFF'FFFE, 0xFFFF'FFFE, 0x7FFF'FFFE,
        0xFFFF'FFFE, 0xFFFF'FFFE, 0x7FFF'FFFE, 0xFFFF'FFFE, 0x7FFF'FFFE, 0xFFFF'FFFE};
    const std::uint32_t leap_day = month == 2 && is_leap(year) ? 1U << 29U : 0U;
    return kDays[static_cast<unsigned>(month)] | leap_day;
}

/// 0 is Sunday. `day` counts from 1970-01-01 (a Thursday) and is not negative.
constexpr int weekday_of(int day) noexcept {
    return static_cast<int>((static_cast<unsigned>(day) + 4U) % 7U);
}

/// The date of a day that counts from 1970-01-01; may be negative. The years are taken to begin in
/// March, so that the leap day comes last and a month's length follows from one multiplication
/// (Neri and Schneider, "Euclidean affine functions and their application to calendar algorithms").
constexpr Date date_of(int day) noexcept {
    const std::uint32_t shifted = (4U * static_cast<std::uint32_t>(day + 719'468)) + 3U;
    const std::uint32_t century = shifted / 146'097U;
    const std::uint64_t product = 2'939'745ULL * ((shifted % 146'097U) | 3U);
    const auto year_of_century = static_cast<std::uint32_t>(product >> 32U);
    const std::uint32_t day_of_year = static_cast<std::uint32_t>(product) / 2'939'745U / 4U;
    const std::uint32_t month_and_day = (2'141U * day_of_year) + 197'913U;
    const bool is_next_year = day_of_year >= 306U;
    return {.year = static_cast<int>((100U * century) + year_of_century + (is_next_year ? 1U : 0U)),
            .month = static_cast<int>((month_and_day >> 16U) - (is_next_year ? 12U : 0U)),
            .day = static_cast<int>(((month_and_day & 0xFFFFU) / 2'141U) + 1U)};
}

/// Division that rounds down, for instants before 1970.
constexpr std::int64_t floor_divide(std::int64_t a, std::int64_t b) noexcept {
    return (a / b) - (a % b < 0 ? 1 : 0);
}

}  // namespace periodic::cron
