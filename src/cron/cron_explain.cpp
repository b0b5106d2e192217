/// CronExpression::explain_shift: what the clocks do, in words.

#include <cstdlib>
#include <string>

#include "cron/calendar.hpp"
#include "cron/occurrences.hpp"
#include "periodic/cron_expression.hpp"

namespace periodic {
namespace {

using cron::ZoneInterval;

std::string two_digits(std::int64_t number) {
    return (number < 10 ? "0" : "") + std::to_string(number);
}

std::string date_text(std::int64_t local) {
    const cron::Date date =
        cron::date_of(static_cast<int>(cron::floor_divide(local, cron::kSecondsOfDay)));
    return std::to_string(date.year) + '-' + two_digits(date.month) + '-' + two_digits(date.day);
}

std::string clock_text(std::int64_t local) {
    const std::int64_t time =
        local - (cron::floor_divide(local, cron::kSecondsOfDay) * cron::kSecondsOfDay);
    std::string text = two_digits(time / 3'600) + ':' + two_digits(time / 60 % 60);
    if (time % 60 != 0) text += ':' + two_digits(time % 60);
    return text;
}

// With the date where it is not the day that the sentence is about.
std::string clock_on(std::int64_t local, std::int64_t day_of) {
    const bool same = cron::floor_divide(local, cron::kSecondsOfDay) ==
                      cron::floor_divide(day_of, cron::kSecondsOfDay);
    return same ? clock_text(local) : clock_text(local) + " on " + date_text(local);
}

std::string skipped_text(const CronFields& fields, const ZoneInterval& before,
                         const ZoneInterval& here, const std::string& zone) {
    const std::int64_t begin = before.local_end();
    const std::int64_t first = cron::local_after(fields, begin - 1);
    const std::int64_t last = cron::local_before(fields, here.local_start());
    std::string text = clock_text(first);
    text += first == last ? " is" : " to " + clock_text(last) + " are";
    return text + " skipped on " + date_text(begin) + " in " + zone +
           ", where the clocks go from " + clock_text(begin) + " to " +
           clock_on(here.local_start(), begin);
}

std::string repeated_text(std::int64_t local, const ZoneInterval& before, const ZoneInterval& after,
                          const std::string& zone) {
    return clock_text(local) + " comes twice on " + date_text(local) + " in " + zone +
           ", where the clocks go back from " + clock_on(before.local_end(), local) + " to " +
           clock_on(after.local_start(), local);
}

bool is_correction(const ZoneInterval& a, const ZoneInterval& b) {
    return std::abs(a.offset - b.offset) >= cron::kCalendarCorrection;
}

std::string second_pass(bool correction) {
    if (correction) {
        return "; this is the second time. So long a shift corrects the calendar, and every entry "
               "runs both times.";
    }
    return "; this is the second time. As its minute or hour begins with *, the entry runs both "
           "times.";
}

std::string first_pass(bool correction, bool wild) {
    if (correction) {
        return "; this is the first time. So long a shift corrects the calendar, and every entry "
               "runs both times.";
    }
    if (wild) {
        return "; this is the first time. As its minute or hour begins with *, the entry runs both "
               "times.";
    }
    return "; the entry runs the first time only.";
}

}  // namespace

std::string CronExpression::explain_shift(std::chrono::sys_seconds time,
                                          const TimeZone& zone) const {
    if (fields_.interval != 0 || !matches(time, zone)) return {};
    const TimeZone::Rules& rules = zone.rules();
    const std::int64_t at = time.time_since_epoch().count();
    const std::size_t index = rules.index_at(at);
    const ZoneInterval& here = rules.intervals[index];
    const std::int64_t local = at + here.offset;
    if (index != 0) {
        const ZoneInterval& before = rules.intervals[index - 1];
        if (local < before.local_end()) {
            return repeated_text(local, before, here, zone.name()) +
                   second_pass(is_correction(before, here));
        }
        if (at == here.start && cron::has_moved_to_start(fields_, rules, index)) {
            const bool is_due_anyway = cron::local_after(fields_, local - 1) == local;
            return skipped_text(fields_, before, here, zone.name()) +
                   (is_due_anyway ? "; it runs together with this occurrence."
                                  : "; the entry runs once, right after the gap.");
        }
    }
    if (index + 1 < rules.intervals.size()) {
        const ZoneInterval& next = rules.intervals[index + 1];
        if (local >= next.local_start() && next.offset < here.offset) {
            return repeated_text(local, here, next, zone.name()) +
                   first_pass(is_correction(here, next), fields_.is_wild());
        }
    }
    return {};
}

}  // namespace periodic
