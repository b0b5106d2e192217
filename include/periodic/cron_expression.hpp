#pragma once

/// @file
/// When something happens: one cron expression, parsed.

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "periodic/error.hpp"
#include "periodic/time_zone.hpp"

namespace periodic {

/// How an expression is read.
struct CronOptions {
    /// What `H` and `a~b` are hashed from: a stable text of the entry. Empty: the expression.
    std::string_view seed{};
};

/// What a shift of the zone's clocks did to an occurrence.
enum class CronShift : std::uint8_t {
    None,
    Gap,       ///< its minute was skipped: it was moved to the first instant after the gap
    Repeated,  ///< it is in the second pass of a repeated hour or day
};

/// The sets that an expression consists of, for those who want to show them. Bit n of a set stands
/// for the value n.
struct CronFields {
    enum Flag : std::uint8_t {
        MinuteStar = 1,   ///< the minute field begins with `*`
        HourStar = 2,     ///< the hour field does
        DayStar = 4,      ///< the day-of-month field does, or is `?`
        WeekdayStar = 8,  ///< the day-of-week field does, or is `?`
        BothDays = 16,    ///< `+` before day-of-week: both must match, though neither is a star
        Never = 32,       ///< no date matches
        Reboot = 64,      ///< `@reboot`
        EveryDay = 128,   ///< every date matches
    };

    std::uint64_t seconds = 1;
    std::uint64_t minutes = 0;
    std::array<std::uint64_t, 4> years{~0ULL, ~0ULL, ~0ULL, ~0ULL >> 26U};  ///< bit 0 is 1970
    /// `n#k` is bit 7 * (k - 1) + n; `nL` is bit 35 + n.
    std::uint64_t nth_weekdays = 0;
    std::int64_t interval = 0;  ///< `@every`, in seconds; else 0
    std::uint32_t hours = 0;
    std::uint32_t days = 0;              ///< bits 1 to 31
    std::uint32_t days_before_last = 0;  ///< `L-n` is bit n, `L` is bit 0
    std::uint32_t nearest_weekdays = 0;  ///< `nW` is bit n, `LW` is bit 0
    std::uint16_t months = 0;            ///< bits 1 to 12
    std::uint8_t weekdays = 0;           ///< bits 0 (Sunday) to 6
    std::uint8_t flags = 0;

    /// Minute or hour begins with `*`: it runs in both passes of a repeated hour and not for a
    /// skipped one.
    [[nodiscard]] constexpr bool is_wild() const noexcept {
        return (flags & (MinuteStar | HourStar)) != 0;
    }
    /// Day-of-month and day-of-week must both match; else either is enough.
    [[nodiscard]] constexpr bool wants_both_days() const noexcept {
        return (flags & (DayStar | WeekdayStar | BothDays)) != 0;
    }

    friend bool operator==(const CronFields&, const CronFields&) = default;
};

/// A parsed cron expression: an immutable value, cheap to copy. Distinct threads may use one.
///
///     auto expression = CronExpression::parse("*/15 9-17 * * MON-FRI").value();
///     auto due = expression.next(now, TimeZone::load("Europe/Berlin").value());
///
/// Occurrences are whole seconds, from 1970 to the end of 2199 in the zone's own time. All but
/// `to_string`, `describe` and `explain_shift` allocate nothing.
class CronExpression {
public:
    /// One that never occurs, until another is assigned.
    CronExpression() noexcept { fields_.flags = CronFields::Never; }

    /// Reads five fields (minute hour day-of-month month day-of-week), six with seconds first,
    /// seven with the year last, or a macro (`@daily`, `@every 90s`, `@reboot`), of at most 1,024
    /// bytes. Error: Usage, naming the field, with the byte in `column` and what is allowed as the
    /// hint. An expression that can never match is no error: see `is_never`.
    [[nodiscard]] static Result<CronExpression> parse(std::string_view text,
                                                      CronOptions options = {});

    /// The first occurrence strictly after `after`; nullopt if there is none up to the last year.
    [[nodiscard]] std::optional<std::chrono::sys_seconds> next(
        std::chrono::sys_seconds after, const TimeZone& zone = TimeZone::utc()) const noexcept;

    /// The last occurrence strictly before `before`; nullopt if there is none since 1970.
    [[nodiscard]] std::optional<std::chrono::sys_seconds> previous(
        std::chrono::sys_seconds before, const TimeZone& zone = TimeZone::utc()) const noexcept;

    /// Whether `time` is an occurrence.
    [[nodiscard]] bool matches(std::chrono::sys_seconds time,
                               const TimeZone& zone = TimeZone::utc()) const noexcept;

    /// How many occurrences lie after `after` and not after `until`: as many as `next` would give.
    /// Computed, not enumerated: the years between cost a few nanoseconds each month.
    [[nodiscard]] std::uint64_t count(std::chrono::sys_seconds after,
                                      std::chrono::sys_seconds until,
                                      const TimeZone& zone = TimeZone::utc()) const noexcept;

    /// Whether, and how, a shift of the clocks moved or doubled an occurrence. None too for an
    /// occurrence that falls on a gap's end in its own right, and for what is no occurrence.
    [[nodiscard]] CronShift shift_at(std::chrono::sys_seconds time,
                                     const TimeZone& zone = TimeZone::utc()) const noexcept;

    /// What the clocks do around an occurrence and what follows for it, in a sentence or two; empty
    /// if there is nothing to say.
    [[nodiscard]] std::string explain_shift(std::chrono::sys_seconds time,
                                            const TimeZone& zone = TimeZone::utc()) const;

    /// `@reboot`: no occurrences of its own; once for each start of the machine.
    [[nodiscard]] bool is_reboot() const noexcept;

    /// No date can ever match, as with `0 0 30 2 *`.
    [[nodiscard]] bool is_never() const noexcept;

    /// Plain English that says exactly when: "At 22:00 on Monday to Friday".
    [[nodiscard]] std::string describe() const;
    /// The same with the zone's city at its end: "..., Berlin time".
    [[nodiscard]] std::string describe(const TimeZone& zone) const;

    /// The expression in its shortest usual form, with `H` and `~` resolved; parsing it gives an
    /// equal expression.
    [[nodiscard]] std::string to_string() const;

    /// The sets, for who shows them.
    [[nodiscard]] const CronFields& fields() const noexcept { return fields_; }

    friend bool operator==(const CronExpression&, const CronExpression&) = default;

private:
    explicit CronExpression(const CronFields& fields) noexcept : fields_(fields) {}

    CronFields fields_;
};

}  // namespace periodic
