#include "cli/vixie_schedule.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <span>
#include <vector>

namespace periodic::cli {
namespace {

constexpr std::array<std::string_view, 12> kMonths{"jan", "feb", "mar", "apr", "may", "jun",
                                                   "jul", "aug", "sep", "oct", "nov", "dec"};
constexpr std::array<std::string_view, 7> kDays{"sun", "mon", "tue", "wed", "thu", "fri", "sat"};

struct Field {
    std::string_view name;
    int low;
    int high;
    std::span<const std::string_view> names;  // the first one stands for `low`
    // What a step beyond the field leaves: its first value. In the day fields with a star still, as
    // that decides how they are joined.
    std::string_view only_first;
};

constexpr std::array<Field, 5> kFields{{
    {"minute", 0, 59, {}, "0"},
    {"hour", 0, 23, {}, "0"},
    {"day of month", 1, 31, {}, "*/31"},
    {"month", 1, 12, kMonths, "1"},
    {"day of week", 0, 7, kDays, "*/7"},
}};

constexpr std::array<std::string_view, 8> kMacros{"@yearly", "@annually", "@monthly", "@weekly",
                                                  "@daily",  "@midnight", "@hourly",  "@reboot"};

std::vector<std::string_view> split(std::string_view text, char separator) {
    std::vector<std::string_view> parts;
    for (;;) {
        const std::size_t end = std::min(text.find(separator), text.size());
        parts.push_back(text.substr(0, end));
        if (end == text.size()) return parts;
        text.remove_prefix(end + 1);
    }
}

bool same_letters(std::string_view text, std::string_view lower) {
    return std::equal(text.begin(), text.end(), lower.begin(), lower.end(), [](char a, char b) {
        return (a >= 'A' && a <= 'Z' ? static_cast<char>(a + ('a' - 'A')) : a) == b;
    });
}

std::optional<int> number(std::string_view text) {
    int value = 0;
    const auto read = std::from_chars(text.data(), text.data() + text.size(), value);
    if (text.empty() || text.front() == '-' || read.ec != std::errc() ||
        read.ptr != text.data() + text.size()) {
        return std::nullopt;
    }
    return value;
}

Failure refused(const Field& field, std::string_view item, std::string_view why, std::string hint) {
    return failure(ErrorCode::Invalid,
                   std::string(field.name) + ": '" + std::string(item) + "' " + std::string(why),
                   std::move(hint));
}

Result<int> value_of(const Field& field, std::string_view word, std::string_view item) {
    for (std::size_t i = 0; i < field.names.size(); ++i) {
        if (same_letters(word, field.names[i])) return field.low + static_cast<int>(i);
    }
    const auto value = number(word);
    if (value && *value >= field.low && *value <= field.high) return *value;
    return refused(
        field, item, "is nothing that cron reads",
        "the field goes from " + std::to_string(field.low) + " to " + std::to_string(field.high));
}

// `a-b`, or `a~b`, which cron takes one value of.
struct Span {
    int first = 0;
    int last = 0;
    bool is_choice = false;
    bool is_one = false;
};

Result<Span> read_span(const Field& field, std::string_view text, std::string_view item) {
    if (text == "*") return Span{field.low, field.high};
    const std::size_t middle = text.find_first_of("-~");
    const auto first = value_of(field, text.substr(0, middle), item);
    if (!first) return Failure(first.error());
    if (middle == std::string_view::npos) return Span{*first, *first, false, true};
    const auto last = value_of(field, text.substr(middle + 1), item);
    if (!last) return Failure(last.error());
    if (*last < *first) {
        return refused(field, item, "runs backward: cron refuses it, or never runs the line",
                       "write two ranges, such as 22-23,0-2");
    }
    return Span{*first, *last, text[middle] == '~'};
}

Result<std::string> read_item(const Field& field, std::string_view item) {
    const auto parts = split(item, '/');
    const auto span = read_span(field, parts.front(), item);
    if (!span) return Failure(span.error());
    if (parts.size() == 1) return std::string(item);
    if (span->is_one || span->is_choice) {
        return refused(field, item, "has a step, but no range: cron refuses it, or drops the step",
                       "write " + std::string(parts.front()) + "-" + std::to_string(field.high) +
                           "/STEP for from there on");
    }
    const auto step = parts.size() == 2 ? number(parts[1]) : std::nullopt;
    if (!step || *step == 0) {
        return refused(field, item, "has a step that cron does not read",
                       "a step is a whole number above 0");
    }
    if (*step <= span->last - span->first) return std::string(item);
    // Cron takes any step; here one that leaves the range is a mistake.
    return parts.front() == "*" ? std::string(field.only_first) : std::to_string(span->first);
}

Result<std::string> read_field(const Field& field, std::string_view text) {
    std::string read;
    for (const std::string_view item : split(text, ',')) {
        auto part = read_item(field, item);
        if (!part) return part;
        if (!read.empty()) read += ',';
        read += *part;
    }
    return read;
}

Result<std::string> read_macro(std::string_view word) {
    if (std::find(kMacros.begin(), kMacros.end(), word) != kMacros.end()) return std::string(word);
    if (word == "@every_minute") return std::string("* * * * *");
    return failure(ErrorCode::Invalid, "cron has no '" + std::string(word) + "'",
                   "it has @hourly, @daily, @weekly, @monthly, @yearly and @reboot");
}

}  // namespace

Result<std::string> schedule_from_vixie(std::string_view when) {
    if (when.starts_with('@')) return read_macro(when);
    std::string schedule;
    const auto words = split(when, ' ');
    if (words.size() != kFields.size()) {
        return failure(ErrorCode::Invalid, "the line has no five fields before its command",
                       "minute, hour, day of month, month, day of week");
    }
    for (std::size_t i = 0; i < kFields.size(); ++i) {
        const auto field = read_field(kFields[i], words[i]);
        if (!field) return field;
        if (i != 0) schedule += ' ';
        schedule += *field;
    }
    return schedule;
}

}  // namespace periodic::cli
