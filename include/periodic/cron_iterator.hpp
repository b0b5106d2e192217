#pragma once

/// @file
/// Walks the instants at which a cron expression fires.

#include <bit>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <iterator>
#include <limits>
#include <optional>
#include <ranges>

#include "periodic/cron_expression.hpp"

namespace periodic {

namespace cron {

/// A matching day, and the place in the calendar from which the next one is found. For the cron
/// arithmetic.
struct CalendarDay {
    int year = 0;
    int month = 0;
    int first = 0;            ///< the number of the month's first day, counted from 1970-01-01
    int day = 0;              ///< in the month, from 1
    std::uint32_t later = 0;  ///< the matching days of the month after it, as bits 1 to 31

    [[nodiscard]] constexpr int number() const noexcept { return first + day - 1; }
};

}  // namespace cron

/// A cursor over the occurrences of one cron expression.
///
/// Times are UTC, to the second. A cursor is a small value: copy it to look ahead. Distinct
/// cursors may be used from distinct threads. It remembers where it stands in the calendar and in
/// the zone, so that a step costs a few nanoseconds where `CronExpression::next` must find its
/// place anew.
///
///     CronIterator it(CronExpression::parse("*/15 * * * *").value(), now);
///     while (auto due = it.next()) wait_until(*due);
class CronIterator {
public:
    /// Stands at `start`; the first `next()` is strictly later.
    CronIterator(CronExpression expression, std::chrono::sys_seconds start,
                 TimeZone zone = TimeZone::utc()) noexcept
        : expression_(expression), zone_(zone), at_(start.time_since_epoch().count()) {}

    /// Moves to the next occurrence and returns it; nullopt, without moving, if there is none.
    std::optional<std::chrono::sys_seconds> next() noexcept {
        if (!step_within_hour() && !step_elsewhere()) return std::nullopt;
        return position();
    }

    /// Where it stands.
    [[nodiscard]] std::chrono::sys_seconds position() const noexcept {
        return std::chrono::sys_seconds(std::chrono::seconds(at_));
    }

private:
    // Nearly always the next one lies in the same hour (or minute): the next bit of a set.
    bool step_within_hour() noexcept {
        if (left_ == 0) return false;
        const std::int64_t time = base_ + (unit_ * std::countr_zero(left_));
        if (time >= until_) return false;
        left_ &= left_ - 1;
        at_ = time;
        return true;
    }
    bool step_elsewhere() noexcept;
    bool find_place() noexcept;
    void stand_at(std::int64_t time, int second_of_day) noexcept;

    CronExpression expression_;
    TimeZone zone_;
    std::int64_t at_;
    // The occurrences that are left in this hour: base + unit * n for each bit n. If the expression
    // has several seconds, those that are left in this minute.
    std::uint64_t left_ = 0;
    std::int64_t base_ = 0;
    std::int64_t unit_ = 60;
    std::int64_t until_ = 0;    // the end of the zone's interval
    std::int64_t offset_ = 0;   // in this interval
    std::size_t interval_ = 0;  // its index
    bool knows_place_ = false;  // whether interval and day below are those of `at_`
    cron::CalendarDay day_{};   // the local day
};

/// The occurrences of an expression after an instant, as a range: a forward view that is computed
/// while one walks it.
///
///     for (auto due : CronRange(expression, now, zone)) {
///         if (due > end) break;
///         print(due);
///     }
// Not of view_interface: clang 14 does not compile libstdc++'s.
class CronRange : public std::ranges::view_base {
public:
    class Iterator {
    public:
        using value_type = std::chrono::sys_seconds;
        using difference_type = std::ptrdiff_t;
        using iterator_concept = std::forward_iterator_tag;

        Iterator() noexcept : Iterator(CronIterator(CronExpression{}, {})) {}
        explicit Iterator(CronIterator cursor) noexcept : cursor_(cursor) { ++*this; }

        std::chrono::sys_seconds operator*() const noexcept { return *current_; }
        Iterator& operator++() noexcept {
            current_ = cursor_.next();
            return *this;
        }
        Iterator operator++(int) noexcept {
            Iterator before = *this;
            ++*this;
            return before;
        }
        friend bool operator==(const Iterator& a, const Iterator& b) noexcept {
            return a.current_ == b.current_;
        }
        friend bool operator==(const Iterator& a, std::default_sentinel_t) noexcept {
            return !a.current_;
        }

    private:
        CronIterator cursor_;
        std::optional<std::chrono::sys_seconds> current_{};
    };

    CronRange(CronExpression expression, std::chrono::sys_seconds after,
              TimeZone zone = TimeZone::utc()) noexcept
        : cursor_(expression, after, zone) {}

    [[nodiscard]] Iterator begin() const noexcept { return Iterator(cursor_); }
    [[nodiscard]] static std::default_sentinel_t end() noexcept { return {}; }

private:
    CronIterator cursor_;
};

}  // namespace periodic
