#include "periodic/cron_iterator.hpp"

#include "cron/calendar.hpp"
#include "cron/day_search.hpp"
#include "cron/occurrences.hpp"
#include "cron/zone_rules.hpp"

namespace periodic {

using std::chrono::seconds;
using std::chrono::sys_seconds;

// The next occurrence is in another hour, or nothing is known yet. In the calendar the walk goes on
// from the day that it stands on; what a change of the clocks does is left to `settle`.
bool CronIterator::step_elsewhere() noexcept {
    if (!knows_place_) return find_place();
    const CronFields& fields = expression_.fields();
    const std::int64_t local = at_ + offset_;
    const std::int64_t midnight = day_.number() * cron::kSecondsOfDay;
    const auto now = static_cast<int>(local - midnight);
    int time = now + 1 < cron::kSecondsOfDay ? cron::time_from(fields, now + 1) : -1;
    std::int64_t found = midnight + time;
    if (time < 0) {
        if (!cron::next_day(fields, day_)) {
            knows_place_ = false;
            return find_place();
        }
        time = cron::first_time(fields);
        found = (day_.number() * cron::kSecondsOfDay) + time;
    }
    if (found - offset_ >= until_) {
        const TimeZone::Rules& rules = zone_.rules();
        cron::Place place{.interval = interval_, .from = local, .found = found};
        const std::int64_t occurrence = cron::settle(fields, rules, place);
        const cron::ZoneInterval& here = rules.intervals[place.interval];
        // Moved out of a gap, in a repeated hour, or at the end: find the place anew.
        if (occurrence == cron::kNone || occurrence + here.offset != found) {
            knows_place_ = false;
            return find_place();
        }
        interval_ = place.interval;
        offset_ = here.offset;
        until_ = here.end;
    }
    stand_at(found - offset_, time);
    return true;
}

// From nothing: the stateless search, and then the place of what it found.
bool CronIterator::find_place() noexcept {
    left_ = 0;
    const std::optional<sys_seconds> found = expression_.next(position(), zone_);
    if (!found) return false;
    at_ = found->time_since_epoch().count();
    const CronFields& fields = expression_.fields();
    if (fields.interval != 0) return true;
    const TimeZone::Rules& rules = zone_.rules();
    interval_ = rules.index_at(at_);
    const cron::ZoneInterval& here = rules.intervals[interval_];
    offset_ = here.offset;
    until_ = here.end;
    const std::int64_t local = at_ + offset_;
    const auto day = static_cast<int>(local / cron::kSecondsOfDay);
    const auto time = static_cast<int>(local % cron::kSecondsOfDay);
    // What was moved out of a gap stands at no matching time, from which the sets could go on.
    knows_place_ = cron::seek_day(fields, day, day_) && day_.number() == day &&
                   cron::time_from(fields, time) == time;
    if (knows_place_) stand_at(at_, time);
    return true;
}

// At an occurrence of this day: prepares the sets from which the next ones come.
void CronIterator::stand_at(std::int64_t time, int second_of_day) noexcept {
    const CronFields& fields = expression_.fields();
    at_ = time;
    left_ = 0;
    const auto minute = static_cast<unsigned>(second_of_day) / 60U % 60U;
    const auto second = static_cast<unsigned>(second_of_day) % 60U;
    if ((fields.seconds & (fields.seconds - 1)) != 0) {
        unit_ = 1;
        base_ = time - second;
        if (((fields.minutes >> minute) & 1U) != 0) left_ = fields.seconds & (~1ULL << second);
    } else {
        base_ = time - (static_cast<std::int64_t>(minute) * 60);
        left_ = fields.minutes & (~1ULL << minute);
    }
}

}  // namespace periodic
