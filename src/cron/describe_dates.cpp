#include <algorithm>
#include <array>
#include <bit>

#include "cron/describe.hpp"

namespace periodic::cron {
namespace {

constexpr std::array<const char*, 7> kWeekdays{"Sunday",   "Monday", "Tuesday", "Wednesday",
                                               "Thursday", "Friday", "Saturday"};
constexpr std::array<const char*, 13> kMonths{
    "",     "January", "February",  "March",   "April",    "May",     "June",
    "July", "August",  "September", "October", "November", "December"};

std::string weekday_name(int weekday) {
    return kWeekdays[static_cast<std::size_t>(weekday % 7)];
}
std::string month_name(int month) {
    return kMonths[static_cast<std::size_t>(month)];
}

// The plain weekdays as people list them: the week begins with Monday.
std::vector<Run> weekday_runs(const CronFields& fields) {
    std::vector<Run> runs;
    for (int day = 1; day <= 7; ++day) {
        if (((fields.weekdays >> unsigned(day % 7)) & 1U) == 0) continue;
        if (!runs.empty() && runs.back().last + 1 == day) {
            runs.back().last = day;
        } else {
            runs.push_back({day, day});
        }
    }
    return runs;
}

std::vector<std::string> plain_weekdays(const CronFields& fields) {
    std::vector<std::string> parts;
    for (const Run& run : weekday_runs(fields)) {
        if (run.last - run.first >= 2) {
            parts.push_back(weekday_name(run.first) + " to " + weekday_name(run.last));
        } else {
            for (int day = run.first; day <= run.last; ++day) parts.push_back(weekday_name(day));
        }
    }
    return parts;
}

std::string months_text(const CronFields& fields) {
    std::vector<std::string> parts;
    for (const Run& run : ValueSet(fields, Field::Month).runs()) {
        if (run.last - run.first >= 2) {
            parts.push_back(month_name(run.first) + " to " + month_name(run.last));
        } else {
            for (int month = run.first; month <= run.last; ++month) {
                parts.push_back(month_name(month));
            }
        }
    }
    return joined(parts);
}

std::string years_text(const CronFields& fields) {
    const ValueSet years(fields, Field::Year);
    if (const auto steps = years.progression()) {
        return "every " + ordinal(steps->step) + " year from " + std::to_string(steps->first) +
               " to " + std::to_string(steps->last);
    }
    std::vector<std::string> parts;
    for (const Run& run : years.runs()) {
        if (run.last - run.first >= 2) {
            parts.push_back(std::to_string(run.first) + " to " + std::to_string(run.last));
        } else {
            for (int year = run.first; year <= run.last; ++year) {
                parts.push_back(std::to_string(year));
            }
        }
    }
    return joined(parts);
}

/// The parts of a date, written down one by one.
class Dates {
public:
    explicit Dates(const CronFields& fields)
        : fields_(fields),
          days_(fields, Field::Day),
          any_day_(days_.is_full()),
          any_weekday_(fields.weekdays == 0x7F),
          any_month_(ValueSet(fields, Field::Month).is_full()) {}

    [[nodiscard]] std::string describe() const {
        std::string text = day_part();
        if (fields_.years != CronFields{}.years) {
            text += (text.empty() ? "in " : ", in ") + years_text(fields_);
        }
        return text;
    }

private:
    [[nodiscard]] std::string day_part() const {
        const bool both = fields_.wants_both_days();
        if (both ? any_day_ && any_weekday_ : any_day_ || any_weekday_) {
            return any_month_ ? "" : "every day in " + months_text(fields_);
        }
        if (both && any_day_) return weekdays_alone();
        if (both && any_weekday_) return days_alone();
        if (!both) return days_alone() + ", and " + weekdays_alone();
        return days_alone() + ", if that is " + condition();
    }

    [[nodiscard]] std::string of_month() const {
        return any_month_ ? "of the month" : "of " + months_text(fields_);
    }

    [[nodiscard]] std::string in_month() const {
        return any_month_ ? "" : " in " + months_text(fields_);
    }

    // "on days 1 and 15 and the last day of the month"
    [[nodiscard]] std::string days_alone() const {
        std::vector<std::string> parts;
        if (!days_.is_empty()) parts.push_back(plain_days());
        for (std::uint32_t rest = fields_.days_before_last; rest != 0; rest &= rest - 1) {
            const int before = std::countr_zero(rest);
            if (before == 0) parts.emplace_back("the last day");
            if (before == 1) parts.emplace_back("the day before the last");
            if (before > 1) parts.push_back("the " + ordinal(before) + " day before the last");
        }
        for (std::uint32_t rest = fields_.nearest_weekdays; rest != 0; rest &= rest - 1) {
            const int day = std::countr_zero(rest);
            parts.push_back(day == 0 ? "the last weekday (Monday to Friday)"
                                     : "the weekday (Monday to Friday) nearest to day " +
                                           std::to_string(day));
        }
        return "on " + joined(parts) + ' ' + of_month();
    }

    [[nodiscard]] std::string plain_days() const {
        if (const auto steps = days_.progression(); steps && days_.values().size() > 3) {
            return "every " + ordinal(steps->step) + " day from " + std::to_string(steps->first) +
                   " to " + std::to_string(steps->last);
        }
        std::vector<std::string> parts;
        for (const Run& run : days_.runs()) {
            if (run.last - run.first >= 2) {
                parts.push_back(std::to_string(run.first) + " to " + std::to_string(run.last));
            } else {
                for (int day = run.first; day <= run.last; ++day) {
                    parts.push_back(std::to_string(day));
                }
            }
        }
        return (days_.values().size() == 1 ? "day " : "days ") + joined(parts);
    }

    [[nodiscard]] std::vector<std::string> nth_weekdays() const {
        constexpr std::array<const char*, 6> kWhich{"first",  "second", "third",
                                                    "fourth", "fifth",  "last"};
        std::vector<std::string> parts;
        for (std::uint64_t rest = fields_.nth_weekdays; rest != 0; rest &= rest - 1) {
            const int bit = std::countr_zero(rest);
            parts.push_back("the " + std::string(kWhich[static_cast<std::size_t>(bit / 7)]) + ' ' +
                            weekday_name(bit % 7));
        }
        return parts;
    }

    // "on Monday to Friday in May", "on Monday, and on the last Friday of the month"
    [[nodiscard]] std::string weekdays_alone() const {
        const auto nth = nth_weekdays();
        if (any_weekday_ || nth.empty()) {
            return "on " + joined(plain_weekdays(fields_)) + in_month();
        }
        std::string last = "on " + joined(nth) + ' ' + of_month();
        if (fields_.weekdays == 0) return last;
        return "on " + joined(plain_weekdays(fields_)) + in_month() + ", and " + last;
    }

    // "a Monday, a Friday or the last Sunday of the month"
    [[nodiscard]] std::string condition() const {
        std::vector<std::string> parts;
        for (const Run& run : weekday_runs(fields_)) {
            for (int day = run.first; day <= run.last; ++day) {
                parts.push_back("a " + weekday_name(day));
            }
        }
        for (const std::string& part : nth_weekdays()) parts.push_back(part + " of its month");
        return joined(parts, "or");
    }

    const CronFields& fields_;
    ValueSet days_;
    bool any_day_;
    bool any_weekday_;
    bool any_month_;
};

}  // namespace

std::string describe_dates(const CronFields& fields) {
    return Dates(fields).describe();
}

}  // namespace periodic::cron
