#include "cron/cron_fault.hpp"

#include <array>
#include <string>
#include <vector>

namespace periodic::cron {
namespace {

constexpr std::array<FieldSpec, 7> kSpecs{{
    {.name = "second", .plural = "seconds", .low = 0, .high = 59, .top = 59, .cycle = 60},
    {.name = "minute", .plural = "minutes", .low = 0, .high = 59, .top = 59, .cycle = 60},
    {.name = "hour", .plural = "hours", .low = 0, .high = 23, .top = 23, .cycle = 24},
    {.name = "day-of-month", .plural = "days", .low = 1, .high = 31, .top = 31, .cycle = 31},
    {.name = "month", .plural = "months", .low = 1, .high = 12, .top = 12, .cycle = 12},
    {.name = "day-of-week", .plural = "weekdays", .low = 0, .high = 7, .top = 6, .cycle = 7},
    {.name = "year", .plural = "years", .low = 1970, .high = 2199, .top = 2199, .cycle = 0},
}};

std::string in_quotes(std::string_view text) {
    return "'" + std::string(text) + "'";
}

std::string range_of(const FieldSpec& spec) {
    return std::to_string(spec.low) + " to " + std::to_string(spec.high);
}

// What a field takes, in a few words.
std::string allowed_in(Field field) {
    const FieldSpec& spec = spec_of(field);
    std::string text = std::string(spec.plural) + " are " + range_of(spec);
    if (field == Field::Month) text += " or JAN to DEC";
    if (field == Field::Weekday) text += " (0 and 7 are Sunday) or SUN to SAT";
    return text;
}

std::string hint_for_number(Field field, std::string_view found) {
    std::string hint = allowed_in(field);
    if (field == Field::Hour && found == "24") hint += "; midnight is hour 0";
    if ((field == Field::Minute || field == Field::Second) && found == "60") {
        hint +=
            "; for the full " + std::string(field == Field::Minute ? "hour" : "minute") + " say 0";
    }
    if (field == Field::Day && found == "0") hint += "; the last day of the month is L";
    if (field == Field::Day && found == "32") hint += "; the last day of the month is L";
    return hint;
}

std::string hint_for_name(Field field, std::string_view found) {
    const auto& names = names_of(field);
    for (const auto name : names) {
        // A name written in full: MONDAY begins with MON.
        if (found.size() > 3 && nearest_word(found.substr(0, 3), {name}) == name &&
            (found[0] | 0x20) == (name[0] | 0x20) && (found[1] | 0x20) == (name[1] | 0x20) &&
            (found[2] | 0x20) == (name[2] | 0x20)) {
            return "did you mean " + std::string(name) + "?";
        }
    }
    if (const auto near = nearest_word(found, names); !near.empty()) {
        return "did you mean " + std::string(near) + "?";
    }
    return allowed_in(field);
}

std::string hint_for_step(Field field) {
    return "a step is 1 to " + std::to_string(spec_of(field).high) + ", as in */" +
           (field == Field::Weekday || field == Field::Month || field == Field::Year ? "2" : "5");
}

struct Words {
    std::string message;
    std::string hint;
};

Words words_for_structure(const Fault& fault, std::string_view found) {
    const std::string quote = in_quotes(found);
    switch (fault.kind) {
        case FaultKind::QuestionMark:
            return {"'?' stands alone, and only in the day fields", "say * instead"};
        case FaultKind::BackwardYears:
            return {"the range " + quote + " ends before it begins",
                    "years do not wrap: write the lower one first"};
        case FaultKind::LastAlone:
            return {"'L' needs a weekday before it",
                    "say SAT for Saturday, FRIL for the last Friday"};
        case FaultKind::LastMisplaced:
            return {"there is no " + quote + " in this field",
                    "L, L-n, nW and LW belong into day-of-month, n#k and nL into day-of-week"};
        case FaultKind::BadNth:
            return {quote + " is not the number of a weekday in its month",
                    "say #1 to #5, or L for the last: FRI#2, FRIL"};
        case FaultKind::BadLast:
            return {quote + " is not a number of days before the last",
                    "say L for the last day, L-1 to L-30 for those before it"};
        case FaultKind::LastInRange:
            return {"a range cannot end with 'L'",
                    "list the days: 25-31 ends with the month's last day anyway"};
        case FaultKind::HashedYear:
            return {"a year is not chosen by a hash", "name the years, or say *"};
        case FaultKind::BadHash:
            return {"'H(' needs a range and a parenthesis", "say H(0-29)"};
        case FaultKind::StepAfterChoice:
            return {"'~' chooses one value and takes no step",
                    "say H(a-b)/n for steps from a choice"};
        case FaultKind::PlusMisplaced:
            return {"'+' has no meaning here",
                    "it stands before day-of-week and asks for both days: 0 0 13 * +FRI"};
        default:
            return {"unexpected " + quote,
                    "a field is a list of numbers, ranges and steps: *, */5, 1,2, 1-5, 10-50/10"};
    }
}

Words words_for(const Fault& fault, std::string_view found) {
    switch (fault.kind) {
        case FaultKind::BadNumber:
            return {in_quotes(found) + " is out of range", hint_for_number(fault.field, found)};
        case FaultKind::LongNumber:
            return {"the number has more digits than fit", allowed_in(fault.field)};
        case FaultKind::BadStep:
            return {"the step " + in_quotes(found) + " is out of range",
                    hint_for_step(fault.field)};
        case FaultKind::MissingStep:
            return {"a number is missing after '/'", hint_for_step(fault.field)};
        case FaultKind::EmptyItem:
            return {"an item of the list is empty", "remove the comma, or write a value beside it"};
        case FaultKind::MissingEnd:
            return {"the range has no end", allowed_in(fault.field)};
        case FaultKind::UnknownName:
            return {"unknown name " + in_quotes(found), hint_for_name(fault.field, found)};
        case FaultKind::NameInNumbers:
            return {in_quotes(found) + " is not a number, and this field has no names",
                    allowed_in(fault.field)};
        default:
            return words_for_structure(fault, found);
    }
}

}  // namespace

const FieldSpec& spec_of(Field field) noexcept {
    return kSpecs[static_cast<std::size_t>(field)];
}

const std::vector<std::string_view>& names_of(Field field) {
    static const std::vector<std::string_view> months{"JAN", "FEB", "MAR", "APR", "MAY", "JUN",
                                                      "JUL", "AUG", "SEP", "OCT", "NOV", "DEC"};
    static const std::vector<std::string_view> weekdays{"SUN", "MON", "TUE", "WED",
                                                        "THU", "FRI", "SAT"};
    static const std::vector<std::string_view> none;
    if (field == Field::Month) return months;
    return field == Field::Weekday ? weekdays : none;
}

Error describe_fault(const Fault& fault, std::string_view text) {
    Words words = words_for(fault, text.substr(fault.at, fault.size));
    Error error;
    error.code = ErrorCode::Usage;
    error.message = std::string(spec_of(fault.field).name) + ": " + words.message;
    error.hint = std::move(words.hint);
    error.column = fault.at + 1;
    return error;
}

}  // namespace periodic::cron
