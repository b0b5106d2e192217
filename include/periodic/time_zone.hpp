#pragma once

/// @file
/// A time zone of the system's database.

#include <chrono>
#include <string>
#include <string_view>

#include "periodic/clock.hpp"
#include "periodic/error.hpp"

namespace periodic {

/// A zone: a small value that is cheap to copy. Distinct threads may use one zone.
class TimeZone {
public:
    /// Coordinated Universal Time; always there, no file is read for it.
    [[nodiscard]] static const TimeZone& utc() noexcept;

    /// Loads a zone by its name in the system's database ("Europe/Berlin", "UTC"); a path or a
    /// POSIX rule is refused. A zone is read once, on first use, and stays in memory for the life
    /// of the process. Any thread may call it. Error: Usage, with the nearest name as hint. Never
    /// UTC in silence.
    [[nodiscard]] static Result<TimeZone> load(std::string_view name);

    /// The zone of `TZ` if that is set, else of /etc/localtime, else UTC. Error: Usage if `TZ` or
    /// the file names a zone that does not load.
    [[nodiscard]] static Result<TimeZone> local();

    /// As it was loaded: "Europe/Berlin".
    [[nodiscard]] const std::string& name() const noexcept;

    /// Seconds east of UTC at an instant.
    [[nodiscard]] std::chrono::seconds offset_at(std::chrono::sys_seconds time) const noexcept;

    friend bool operator==(const TimeZone& a, const TimeZone& b) noexcept {
        return a.rules_ == b.rules_;
    }

    /// The loaded rules; for the cron arithmetic, opaque to others.
    struct Rules;
    [[nodiscard]] const Rules& rules() const noexcept { return *rules_; }

private:
    explicit TimeZone(const Rules* rules) noexcept : rules_(rules) {}
    const Rules* rules_;
};

/// RFC 3339 with the zone's numeric offset: `2026-03-29T03:00:00+02:00`; UTC is `+00:00`.
[[nodiscard]] std::string format_rfc3339(std::chrono::sys_seconds time,
                                         const TimeZone& zone = TimeZone::utc());
/// The same with milliseconds: `2026-03-29T03:00:00.125+02:00`.
[[nodiscard]] std::string format_rfc3339(Time time, const TimeZone& zone = TimeZone::utc());

/// Reads RFC 3339 (the offset is required, `Z` or numeric; a blank may stand for `T`), or
/// `@SECONDS`, or a duration from `now` (`2h`, `-30m`). Error: Usage.
[[nodiscard]] Result<Time> parse_time(std::string_view text, Time now);

}  // namespace periodic
