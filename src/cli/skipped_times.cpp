#include "cli/skipped_times.hpp"

#include <algorithm>
#include <optional>

namespace periodic::cli {
namespace {

using std::chrono::seconds;
using std::chrono::sys_seconds;

// No zone moves its clocks twice within this.
constexpr std::chrono::hours kLookEvery{12};
// A longer shift corrects the calendar: nothing makes up for what it skips.
constexpr std::chrono::hours kCalendarCorrection{3};

// The first instant of (from, until] with another offset than `from` has.
sys_seconds find_change(const TimeZone& zone, sys_seconds from, sys_seconds until) {
    const seconds before = zone.offset_at(from);
    while (until - from > seconds(1)) {
        const sys_seconds middle = from + (until - from) / 2;
        (zone.offset_at(middle) == before ? from : until) = middle;
    }
    return until;
}

// Local times are told as those of UTC.
std::string date_text(sys_seconds local) {
    return format_rfc3339(local).substr(0, 10);
}

std::string clock_text(sys_seconds local) {
    const std::string text = format_rfc3339(local).substr(11, 8);
    return text.ends_with(":00") ? text.substr(0, 5) : text;
}

// The date too where it is not that of another time.
std::string clock_beside(sys_seconds local, sys_seconds other) {
    const bool same = date_text(local) == date_text(other);
    return same ? clock_text(local) : clock_text(local) + " on " + date_text(local);
}

bool has_none(const Schedule& schedule, const ClockGap& gap) {
    const auto day = std::chrono::floor<std::chrono::days>(gap.at + gap.before);
    const sys_seconds begin = sys_seconds(day) - gap.before;
    const sys_seconds end = sys_seconds(day + std::chrono::days(1)) - gap.after;
    const auto next = schedule.expression.next(begin - seconds(1), schedule.zone);
    return !next || *next >= end;
}

}  // namespace

std::vector<ClockGap> find_gaps(const TimeZone& zone, sys_seconds from, sys_seconds until) {
    std::vector<ClockGap> gaps;
    for (sys_seconds at = from; at < until;) {
        const sys_seconds next = std::min<sys_seconds>(at + kLookEvery, until);
        const seconds before = zone.offset_at(at);
        if (zone.offset_at(next) != before) {
            const sys_seconds change = find_change(zone, at, next);
            const seconds after = zone.offset_at(change);
            if (after > before) gaps.push_back({.at = change, .before = before, .after = after});
        }
        at = next;
    }
    return gaps;
}

std::string explain_skipped(const Schedule& schedule, const ClockGap& gap) {
    const CronExpression& expression = schedule.expression;
    const bool corrects = gap.after - gap.before >= kCalendarCorrection;
    const bool follows_clocks = expression.fields().interval == 0 && !expression.is_reboot();
    if (!follows_clocks || !(corrects || expression.fields().is_wild())) return {};
    const sys_seconds begin = gap.at + gap.before;
    const sys_seconds end = gap.at + gap.after;
    const auto first = expression.next(begin - seconds(1));
    if (!first || *first >= end) return {};
    const sys_seconds last = *expression.previous(end);
    std::string text = has_none(schedule, gap) ? date_text(begin) + " has none: in "
                                               : "On " + date_text(begin) + ", in ";
    text += schedule.zone.name() + ", the clocks skip from " + clock_text(begin) + " to " +
            clock_beside(end, begin) + ", and with that " + clock_text(*first);
    if (last != *first) text += " to " + clock_beside(last, begin);
    return text + (corrects ? "; so long a shift corrects the calendar, and what it skips is left "
                              "out."
                            : "; as its minute or hour begins with *, the entry does not make up "
                              "for it.");
}

}  // namespace periodic::cli
