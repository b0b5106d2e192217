#pragma once

/// @file
/// When something happens: one cron expression, parsed.

#include <array>
#include <chrono>
#include <compare>
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

/// A parsed cron expression: an immutable value, cheap to copy. Distinct threads may use one.
///
///     auto expression = CronExpression::parse("*/15 9-17 * * MON-FRI").value();
///     auto due = expression.next(now, TimeZone::load("Europe/Berlin").value());
class CronExpression {
public:
    /// Reads five fields (minute hour day-of-month month day-of-week), six with seconds first,
    /// seven with the year last, or a macro (`@daily`, `@every 90s`, `@reboot`). Error: Usage,
    /// naming the field, with the byte in `column` and what is allowed as the hint.
    [[nodiscard]] static Result<CronExpression> parse(std::string_view text, CronOptions options = {});

    /// The first occurrence strictly after `after`; nullopt if there is none up to the last year.
    [[nodiscard]] std::optional<std::chrono::sys_seconds> next(
        std::chrono::sys_seconds after, const TimeZone& zone = TimeZone::utc()) const noexcept;

    /// `@reboot`: no occurrences of its own; once for each start of the machine.
    [[nodiscard]] bool is_reboot() const noexcept;

    friend bool operator==(const CronExpression&, const CronExpression&) = default;
};

}  // namespace periodic
