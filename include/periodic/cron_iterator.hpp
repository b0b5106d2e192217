#pragma once

/// @file
/// Walks the instants at which a cron expression fires.

#include <chrono>
#include <optional>

#include "periodic/cron_expression.hpp"

namespace periodic {

/// A cursor over the occurrences of one cron expression.
///
/// Times are UTC, to the second. A cursor is a small value: copy it to look ahead. Distinct
/// cursors may be used from distinct threads.
class CronIterator {
public:
    /// Stands at `start`; the first `next()` is strictly later.
    CronIterator(CronExpression expression, std::chrono::sys_seconds start,
                 TimeZone zone = TimeZone::utc()) noexcept;

    /// Moves to the next occurrence and returns it; nullopt, without moving, if there is none.
    std::optional<std::chrono::sys_seconds> next() noexcept;

private:
    CronExpression expression_;
    std::chrono::sys_seconds at_;
    TimeZone zone_;
};

}  // namespace periodic
