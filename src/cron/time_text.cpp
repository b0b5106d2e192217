/// Times as people write and read them: RFC 3339.

#include <array>
#include <charconv>
#include <cstdlib>
#include <optional>

#include "periodic/duration.hpp"
#include "periodic/time_zone.hpp"

namespace periodic {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::sys_days;
using std::chrono::sys_seconds;

constexpr std::string_view kAllowed =
    "give 2026-03-29T03:00:00+02:00, @1774746000 (seconds since 1970), or a duration from now: 2h, "
    "-30m; 'date -Is -d \"tomorrow 14:00\"' prints the first of these";

void put(std::string& text, std::int64_t number, std::size_t digits) {
    const std::string written = std::to_string(number);
    if (written.size() < digits) text.append(digits - written.size(), '0');
    text += written;
}

std::string format(sys_seconds time, std::optional<milliseconds> fraction, const TimeZone& zone) {
    const seconds offset = zone.offset_at(time);
    const sys_seconds local = time + offset;
    const auto day = std::chrono::floor<std::chrono::days>(local);
    const std::chrono::year_month_day date(day);
    const std::int64_t of_day = (local - day).count();
    std::string text;
    put(text, static_cast<int>(date.year()), 4);
    text += '-';
    put(text, static_cast<unsigned>(date.month()), 2);
    text += '-';
    put(text, static_cast<unsigned>(date.day()), 2);
    text += 'T';
    put(text, of_day / 3'600, 2);
    text += ':';
    put(text, of_day / 60 % 60, 2);
    text += ':';
    put(text, of_day % 60, 2);
    if (fraction) {
        text += '.';
        put(text, fraction->count(), 3);
    }
    // RFC 3339 has no seconds in an offset; those of before 1972 are cut off.
    const std::int64_t minutes = std::abs(offset.count()) / 60;
    text += offset.count() < 0 && minutes != 0 ? '-' : '+';
    put(text, minutes / 60, 2);
    text += ':';
    put(text, minutes % 60, 2);
    return text;
}

/// Reads the fixed parts of a text from left to right.
class Scanner {
public:
    explicit Scanner(std::string_view text) : rest_(text) {}

    /// A number of exactly so many digits, in a range; nullopt ends everything.
    std::optional<int> number(std::size_t digits, int low, int high) {
        if (rest_.size() < digits) return std::nullopt;
        int value = 0;
        for (const char c : rest_.substr(0, digits)) {
            if (c < '0' || c > '9') return std::nullopt;
            value = (value * 10) + (c - '0');
        }
        rest_.remove_prefix(digits);
        return value < low || value > high ? std::nullopt : std::optional(value);
    }

    bool any_of(std::string_view characters) {
        if (rest_.empty() || characters.find(rest_.front()) == std::string_view::npos) return false;
        rest_.remove_prefix(1);
        return true;
    }

    /// The digits after a decimal point, as milliseconds; finer ones are cut off.
    std::optional<milliseconds> fraction() {
        int value = 0;
        std::size_t digits = 0;
        for (; !rest_.empty() && rest_.front() >= '0' && rest_.front() <= '9'; ++digits) {
            if (digits < 3) value = (value * 10) + (rest_.front() - '0');
            rest_.remove_prefix(1);
        }
        if (digits == 0 || digits > 9) return std::nullopt;
        for (; digits < 3; ++digits) value *= 10;
        return milliseconds(value);
    }

    std::optional<seconds> offset() {
        if (any_of("Zz")) return seconds(0);
        const bool negative = rest_.starts_with('-');
        if (!any_of("+-")) return std::nullopt;
        const auto hours = number(2, 0, 23);
        if (!hours || !any_of(":")) return std::nullopt;
        const auto minutes = number(2, 0, 59);
        if (!minutes) return std::nullopt;
        const seconds value((*hours * 3'600) + (*minutes * 60));
        return negative ? -value : value;
    }

    [[nodiscard]] bool at_end() const { return rest_.empty(); }

private:
    std::string_view rest_;
};

std::optional<Time> parse_rfc3339(std::string_view text) {
    Scanner scanner(text);
    const auto year = scanner.number(4, 1970, 9999);
    if (!year || !scanner.any_of("-")) return std::nullopt;
    const auto month = scanner.number(2, 1, 12);
    if (!month || !scanner.any_of("-")) return std::nullopt;
    const auto day = scanner.number(2, 1, 31);
    if (!day || !scanner.any_of("Tt ")) return std::nullopt;
    const std::chrono::year_month_day date(std::chrono::year{*year},
                                           std::chrono::month(static_cast<unsigned>(*month)),
                                           std::chrono::day(static_cast<unsigned>(*day)));
    if (!date.ok()) return std::nullopt;
    const auto hour = scanner.number(2, 0, 23);
    if (!hour || !scanner.any_of(":")) return std::nullopt;
    const auto minute = scanner.number(2, 0, 59);
    if (!minute || !scanner.any_of(":")) return std::nullopt;
    const auto second = scanner.number(2, 0, 59);
    if (!second) return std::nullopt;
    milliseconds fraction(0);
    if (scanner.any_of(".")) {
        const auto read = scanner.fraction();
        if (!read) return std::nullopt;
        fraction = *read;
    }
    const auto offset = scanner.offset();
    if (!offset || !scanner.at_end()) return std::nullopt;
    return Time(sys_days(date)) + std::chrono::hours(*hour) + std::chrono::minutes(*minute) +
           seconds(*second) + fraction - *offset;
}

std::optional<Time> parse_epoch(std::string_view text) {
    std::int64_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    // Up to the year 9999, so that no arithmetic on it can overflow.
    if (error != std::errc{} || end != text.data() + text.size() || value < 0 ||
        value > 253'402'300'799) {
        return std::nullopt;
    }
    return Time(seconds(value));
}

}  // namespace

std::string format_rfc3339(sys_seconds time, const TimeZone& zone) {
    return format(time, std::nullopt, zone);
}

std::string format_rfc3339(Time time, const TimeZone& zone) {
    const auto whole = std::chrono::floor<seconds>(time);
    return format(whole, time - whole, zone);
}

Result<Time> parse_time(std::string_view text, Time now) {
    const std::string_view relative = text.starts_with('-') ? text.substr(1) : text;
    if (text.starts_with('@')) {
        if (const auto time = parse_epoch(text.substr(1))) return *time;
    } else if (const auto time = parse_rfc3339(text)) {
        return *time;
    } else if (const auto duration = parse_duration(relative)) {
        return text.starts_with('-') ? now - *duration : now + *duration;
    }
    return failure(ErrorCode::Usage, "'" + std::string(text) + "' is not a time",
                   std::string(kAllowed));
}

}  // namespace periodic
