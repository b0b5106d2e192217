/// CronExpression::to_string: the expression in numbers.

#include <array>
#include <bit>
#include <string>
#include <vector>

#include "cron/value_set.hpp"
#include "periodic/cron_expression.hpp"
#include "periodic/duration.hpp"

namespace periodic {
namespace {

using cron::Field;
using cron::ValueSet;

/// The items of one field, joined by commas.
class Items {
public:
    void add(const std::string& item) {
        if (!text_.empty()) text_ += ',';
        text_ += item;
    }

    void add_values(const ValueSet& set) {
        if (const auto steps = set.progression()) {
            add(std::to_string(steps->first) + '-' + std::to_string(steps->last) + '/' +
                std::to_string(steps->step));
            return;
        }
        for (const cron::Run& run : set.runs()) {
            add(std::to_string(run.first));
            if (run.last != run.first) {
                text_ += (run.last == run.first + 1 ? ',' : '-') + std::to_string(run.last);
            }
        }
    }

    /// A field that begins with a star: the widest `*/n` in it, and what is left.
    void add_star(const ValueSet& set) {
        const int step = set.star_step().value_or(1);
        add(step == 1 ? "*" : "*/" + std::to_string(step));
        add_values(set.without_star(step));
    }

    [[nodiscard]] std::string text() && { return std::move(text_); }

private:
    std::string text_{};
};

// `begins_with_star` is what a field must say again where the star has a meaning of its own.
std::string field_text(const CronFields& fields, Field field, bool begins_with_star) {
    const ValueSet set(fields, field);
    Items items;
    if (begins_with_star) {
        items.add_star(set);
    } else {
        items.add_values(set);
    }
    return std::move(items).text();
}

// Second, month and year: with or without a star they mean the same, so the shorter is taken.
std::string plain_text(const CronFields& fields, Field field) {
    const ValueSet set(fields, field);
    const auto step = set.star_step();
    const bool is_star =
        set.is_full() || (step && set.values().size() > 2 && set.without_star(*step).is_empty());
    return field_text(fields, field, is_star);
}

std::string day_text(const CronFields& fields) {
    Items items;
    const ValueSet set(fields, Field::Day);
    if ((fields.flags & CronFields::DayStar) != 0) {
        items.add_star(set);
    } else {
        items.add_values(set);
    }
    for (std::uint32_t rest = fields.days_before_last; rest != 0; rest &= rest - 1) {
        const int before = std::countr_zero(rest);
        items.add(before == 0 ? "L" : "L-" + std::to_string(before));
    }
    for (std::uint32_t rest = fields.nearest_weekdays; rest != 0; rest &= rest - 1) {
        const int day = std::countr_zero(rest);
        items.add(day == 0 ? "LW" : std::to_string(day) + 'W');
    }
    return std::move(items).text();
}

std::string weekday_text(const CronFields& fields) {
    Items items;
    const ValueSet set(fields, Field::Weekday);
    if ((fields.flags & CronFields::WeekdayStar) != 0) {
        items.add_star(set);
    } else {
        items.add_values(set);
    }
    for (std::uint64_t rest = fields.nth_weekdays; rest != 0; rest &= rest - 1) {
        const int bit = std::countr_zero(rest);
        items.add(std::to_string(bit % 7) +
                  (bit < 35 ? '#' + std::to_string(1 + (bit / 7)) : std::string("L")));
    }
    return ((fields.flags & CronFields::BothDays) != 0 ? "+" : "") + std::move(items).text();
}

}  // namespace

std::string CronExpression::to_string() const {
    if (is_reboot()) return "@reboot";
    if (fields_.interval != 0) {
        return "@every " + format_duration(std::chrono::seconds(fields_.interval));
    }
    const bool has_years = fields_.years != CronFields{}.years;
    std::string text;
    if (fields_.seconds != 1 || has_years) text = plain_text(fields_, Field::Second) + ' ';
    const auto starred = [this](unsigned flag) { return (fields_.flags & flag) != 0; };
    text += field_text(fields_, Field::Minute, starred(CronFields::MinuteStar)) + ' ';
    text += field_text(fields_, Field::Hour, starred(CronFields::HourStar)) + ' ';
    text += day_text(fields_) + ' ';
    text += plain_text(fields_, Field::Month) + ' ';
    text += weekday_text(fields_);
    if (has_years) text += ' ' + plain_text(fields_, Field::Year);
    return text;
}

}  // namespace periodic
