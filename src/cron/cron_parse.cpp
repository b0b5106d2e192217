/// CronExpression::parse: macros, and five to seven fields.

#include <algorithm>
#include <array>
#include <string>
#include <vector>

#include "cron/cron_fault.hpp"
#include "cron/day_search.hpp"
#include "cron/field_reader.hpp"
#include "periodic/cron_expression.hpp"
#include "periodic/duration.hpp"

namespace periodic {
namespace {

using cron::Field;
using cron::FieldReader;

constexpr std::size_t kLongestExpression = 1'024;
constexpr std::string_view kBlanks = " \t";
constexpr std::string_view kForms =
    "five fields: minute hour day-of-month month day-of-week; six with seconds first, seven with "
    "the year last; or @yearly @monthly @weekly @daily @hourly @every @reboot";

struct Macro {
    std::string_view name;
    std::string_view fields;
};

constexpr std::array<Macro, 7> kMacros{{{"@yearly", "0 0 1 1 *"},
                                        {"@annually", "0 0 1 1 *"},
                                        {"@monthly", "0 0 1 * *"},
                                        {"@weekly", "0 0 * * 0"},
                                        {"@daily", "0 0 * * *"},
                                        {"@midnight", "0 0 * * *"},
                                        {"@hourly", "0 * * * *"}}};

Failure mistake(std::string message, std::string hint, std::size_t offset) {
    Failure result = failure(ErrorCode::Usage, std::move(message), std::move(hint));
    result.value().column = static_cast<std::uint32_t>(offset) + 1;
    return result;
}

std::size_t count_fields(std::string_view text) {
    std::size_t count = 0;
    for (std::size_t at = 0; (at = text.find_first_not_of(kBlanks, at)) != std::string_view::npos;
         ++count) {
        at = std::min(text.find_first_of(kBlanks, at), text.size());
    }
    return count;
}

std::string lower(std::string_view text) {
    std::string result(text);
    for (char& c : result) {
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c | 0x20);
    }
    return result;
}

bool read_five(FieldReader& reader, CronFields& fields) noexcept {
    return reader.read_fast<Field::Minute>(fields) && reader.read_fast<Field::Hour>(fields) &&
           reader.read_fast<Field::Day>(fields) && reader.read_fast<Field::Month>(fields) &&
           reader.read_fast<Field::Weekday>(fields);
}

// Sets the flags that spare the calendar: "every day", and "never", which is answered at once.
// Nearly always the first tests are enough: there is a day that every month has. Else the calendar
// is searched from its beginning, month by month.
void find_flags(CronFields& fields) noexcept {
    constexpr std::uint32_t kDaysOfEveryMonth = 0x1FFF'FFFE;
    constexpr std::uint32_t kAllDays = 0xFFFF'FFFE;
    constexpr std::uint16_t kAllMonths = 0x1FFE;
    const bool any_day = fields.days == kAllDays;
    const bool any_weekday = fields.weekdays == 0x7F;
    if (fields.years == CronFields{}.years) {
        const bool both = fields.wants_both_days();
        if (fields.months == kAllMonths &&
            (both ? any_day && any_weekday : any_day || any_weekday)) {
            fields.flags |= CronFields::EveryDay;
            return;
        }
        if (!both || (any_day && fields.weekdays != 0) ||
            (any_weekday && (fields.days & kDaysOfEveryMonth) != 0)) {
            return;
        }
    }
    cron::CalendarDay place;
    if (!cron::seek_day(fields, 0, place)) fields.flags |= CronFields::Never;
}

// Six or seven fields, or a mistake. The first five were read in vain.
Result<CronFields> read_many(std::string_view text, std::string_view seed,
                             const cron::Fault& fault) {
    const std::size_t count = count_fields(text);
    if (count == 5) return Failure(cron::describe_fault(fault, text));
    if (count != 6 && count != 7) {
        return mistake("an expression has 5, 6 or 7 fields, and this has " + std::to_string(count),
                       std::string(kForms), text.size());
    }
    CronFields fields;
    FieldReader reader(text, seed);
    if (reader.read(Field::Second, fields) && read_five(reader, fields) &&
        (count == 6 || reader.read(Field::Year, fields))) {
        return fields;
    }
    return Failure(cron::describe_fault(reader.fault(), text));
}

Result<CronFields> read_every(std::string_view text, std::size_t offset) {
    const std::string hint = "say @every 90s, @every 15m, @every 1h30m";
    const std::size_t at = text.find_first_not_of(kBlanks, offset);
    if (at == std::string_view::npos) return mistake("@every needs a duration", hint, text.size());
    const std::size_t end = text.find_last_not_of(kBlanks) + 1;
    const auto duration = parse_duration(text.substr(at, end - at));
    if (!duration) return mistake("@every: " + duration.error().message, hint, at);
    if (duration->count() == 0) return mistake("@every: the duration is 0", hint, at);
    CronFields fields;
    fields.interval = duration->count();
    return fields;
}

Result<CronFields> read_macro(std::string_view text, std::size_t start, std::string_view seed) {
    const std::size_t end = std::min(text.find_first_of(kBlanks, start), text.size());
    const std::string name = lower(text.substr(start, end - start));
    if (name == "@every") return read_every(text, end);
    const std::size_t more = text.find_first_not_of(kBlanks, end);
    if (more != std::string_view::npos) {
        return mistake("unexpected '" + std::string(text.substr(more)) + "' after " + name,
                       "nothing follows it", more);
    }
    CronFields fields;
    if (name == "@reboot") {
        fields.flags = CronFields::Reboot;
        return fields;
    }
    for (const Macro& macro : kMacros) {
        if (name != macro.name) continue;
        FieldReader reader(macro.fields, seed);
        read_five(reader, fields);
        return fields;
    }
    std::vector<std::string_view> names{"@every", "@reboot"};
    for (const Macro& macro : kMacros) names.push_back(macro.name);
    const auto near = nearest_word(name, names);
    return mistake("there is no '" + name + "'",
                   near.empty() ? std::string(kForms) : "did you mean " + std::string(near) + "?",
                   start);
}

// Everything but five fields without a mistake.
Result<CronFields> read_other(std::string_view text, std::string_view seed,
                              const cron::Fault& fault) {
    const std::size_t start = text.find_first_not_of(kBlanks);
    if (start == std::string_view::npos) {
        return mistake("the expression is empty", std::string(kForms), 0);
    }
    if (text.size() > kLongestExpression) {
        return mistake("the expression is longer than 1024 bytes", "split it into several entries",
                       kLongestExpression);
    }
    if (text[start] == '@') return read_macro(text, start, seed);
    return read_many(text, seed, fault);
}

}  // namespace

Result<CronExpression> CronExpression::parse(std::string_view text, CronOptions options) {
    const std::string_view seed = options.seed.empty() ? text : options.seed;
    CronFields fields;
    FieldReader reader(text.substr(0, kLongestExpression), seed);
    if (text.size() > kLongestExpression || !read_five(reader, fields) || !reader.at_end()) {
        Result<CronFields> other = read_other(text, seed, reader.fault());
        if (!other) return Failure(std::move(other.error()));
        fields = *other;
        if (fields.interval != 0 || (fields.flags & CronFields::Reboot) != 0) {
            return CronExpression(fields);
        }
    }
    find_flags(fields);
    return CronExpression(fields);
}

}  // namespace periodic
