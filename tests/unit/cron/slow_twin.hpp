#pragma once

/// @file
/// The cron rule written down a second time, as plainly as possible, for comparison: minute by
/// minute through what libc says the clocks on the wall show. It shares no code with the library.

#include <cstdint>
#include <set>
#include <string>
#include <vector>

namespace periodic::twin {

/// What a clock on the wall shows.
struct Wall {
    int year, month, day, hour, minute, second, weekday;
    std::int64_t number;  // all of it as seconds, as if the wall were in UTC
};

/// A zone of the system, as libc reads it. Only one may be in use at a time.
class Zone {
public:
    explicit Zone(const std::string& name);
    [[nodiscard]] Wall wall(std::int64_t time) const;
    /// The instants of the years from 1970 to 2199 at which its offset changes.
    [[nodiscard]] std::vector<std::int64_t> transitions() const;
    [[nodiscard]] std::int64_t offset(std::int64_t time) const;
};

/// An expression of five to seven fields, read by cutting strings.
class Expression {
public:
    explicit Expression(const std::string& text);

    /// All occurrences from `begin` on and before `end`.
    [[nodiscard]] std::vector<std::int64_t> occurrences(const Zone& zone, std::int64_t begin,
                                                        std::int64_t end) const;

private:
    [[nodiscard]] bool matches_date(const Wall& wall) const;
    [[nodiscard]] bool matches_minute(const Wall& wall) const;
    [[nodiscard]] bool matches_day_item(const std::string& item, const Wall& wall) const;
    [[nodiscard]] bool matches_weekday_item(const std::string& item, const Wall& wall) const;
    [[nodiscard]] bool falls_into_gap(std::int64_t wall_begin, std::int64_t wall_end) const;

    std::set<int> seconds_{}, minutes_{}, hours_{}, months_{}, years_{};
    std::vector<std::string> day_items_{}, weekday_items_{};
    bool wild_ = false;
    bool both_ = false;
};

}  // namespace periodic::twin
