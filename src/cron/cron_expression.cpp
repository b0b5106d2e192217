#include "periodic/cron_expression.hpp"

#include <algorithm>

#include "cron/calendar.hpp"
#include "cron/occurrences.hpp"
#include "cron/zone_rules.hpp"

namespace periodic {
namespace {

using std::chrono::seconds;
using std::chrono::sys_seconds;
using Rules = TimeZone::Rules;

// The last instant of 2199 in UTC, where @every ends.
constexpr std::int64_t kLastInstant =
    (cron::first_of_year(cron::kLastYear + 1) * cron::kSecondsOfDay) - 1;

std::int64_t number(sys_seconds time) noexcept {
    return time.time_since_epoch().count();
}

std::optional<sys_seconds> instant(std::int64_t time) noexcept {
    if (time == cron::kNone) return std::nullopt;
    return sys_seconds(seconds(time));
}

// Multiples of the interval since the epoch, from the epoch on.
std::int64_t every_after(std::int64_t interval, std::int64_t after) noexcept {
    if (after < 0) return 0;
    if (after >= kLastInstant) return cron::kNone;
    const std::int64_t next = (after / interval + 1) * interval;
    return next > kLastInstant ? cron::kNone : next;
}

std::int64_t every_before(std::int64_t interval, std::int64_t before) noexcept {
    if (before <= 0) return cron::kNone;
    return (std::min(before - 1, kLastInstant) / interval) * interval;
}

// Occurrences of @every from the epoch up to `until`.
std::uint64_t every_count(std::int64_t interval, std::int64_t until) noexcept {
    if (until < 0) return 0;
    return static_cast<std::uint64_t>(std::min(until, kLastInstant) / interval) + 1;
}

bool has_none(const CronFields& fields) noexcept {
    return (fields.flags & (CronFields::Never | CronFields::Reboot)) != 0;
}

}  // namespace

std::optional<sys_seconds> CronExpression::next(sys_seconds after,
                                                const TimeZone& zone) const noexcept {
    const std::int64_t time = number(after);
    if (fields_.interval != 0) return instant(every_after(fields_.interval, time));
    if (has_none(fields_) || time > Rules::kEnd) return std::nullopt;
    return instant(cron::occurrence_after(fields_, zone.rules(), std::max(time, Rules::kBegin)));
}

std::optional<sys_seconds> CronExpression::previous(sys_seconds before,
                                                    const TimeZone& zone) const noexcept {
    const std::int64_t time = number(before);
    if (fields_.interval != 0) return instant(every_before(fields_.interval, time));
    if (has_none(fields_) || time < Rules::kBegin) return std::nullopt;
    return instant(cron::occurrence_before(fields_, zone.rules(), std::min(time, Rules::kEnd)));
}

bool CronExpression::matches(sys_seconds time, const TimeZone& zone) const noexcept {
    const std::int64_t at = number(time);
    if (at < Rules::kBegin || at > Rules::kEnd || has_none(fields_)) return false;
    if (fields_.interval != 0) return at >= 0 && at <= kLastInstant && at % fields_.interval == 0;
    return cron::is_occurrence(fields_, zone.rules(), at);
}

std::uint64_t CronExpression::count(sys_seconds after, sys_seconds until,
                                    const TimeZone& zone) const noexcept {
    if (after >= until || has_none(fields_)) return 0;
    // Nothing occurs outside of what the rules cover.
    const std::int64_t from = std::clamp(number(after), Rules::kBegin, Rules::kEnd);
    const std::int64_t to = std::clamp(number(until), Rules::kBegin, Rules::kEnd);
    if (fields_.interval != 0) {
        return every_count(fields_.interval, to) - every_count(fields_.interval, from);
    }
    return cron::count_occurrences(fields_, zone.rules(), from + 1, to + 1);
}

CronShift CronExpression::shift_at(sys_seconds time, const TimeZone& zone) const noexcept {
    if (fields_.interval != 0 || !matches(time, zone)) return CronShift::None;
    const Rules& rules = zone.rules();
    const std::size_t interval = rules.index_at(number(time));
    if (interval == 0) return CronShift::None;
    const cron::ZoneInterval& here = rules.intervals[interval];
    const std::int64_t local = number(time) + here.offset;
    if (local < rules.intervals[interval - 1].local_end()) return CronShift::Repeated;
    if (cron::local_after(fields_, local - 1) != local) return CronShift::Gap;
    return CronShift::None;
}

bool CronExpression::is_reboot() const noexcept {
    return (fields_.flags & CronFields::Reboot) != 0;
}

bool CronExpression::is_never() const noexcept {
    return (fields_.flags & CronFields::Never) != 0;
}

}  // namespace periodic
