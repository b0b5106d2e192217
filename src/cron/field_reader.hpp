#pragma once

/// @file
/// Reads the fields of a cron expression into sets.

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "cron/cron_fault.hpp"
#include "periodic/cron_expression.hpp"

namespace periodic::cron {

struct Limits {
    int low;
    int high;
    int top;
    int cycle;
};

/// The numbers of `spec_of`, where the hot path finds them without a call.
inline constexpr std::array<Limits, 7> kLimits{{{0, 59, 59, 60},
                                                {0, 59, 59, 60},
                                                {0, 23, 23, 24},
                                                {1, 31, 31, 31},
                                                {1, 12, 12, 12},
                                                {0, 7, 6, 7},
                                                {1970, 2199, 2199, 0}}};

constexpr const Limits& limits(Field field) noexcept {
    return kLimits[static_cast<std::size_t>(field)];
}

/// The flag of a field that begins with a star; 0 where that means nothing.
constexpr std::uint8_t star_flag(Field field) noexcept {
    constexpr std::array<std::uint8_t, 7> kFlags{0,
                                                 CronFields::MinuteStar,
                                                 CronFields::HourStar,
                                                 CronFields::DayStar,
                                                 0,
                                                 CronFields::WeekdayStar,
                                                 0};
    return kFlags[static_cast<std::size_t>(field)];
}

constexpr bool is_blank(char c) noexcept {
    return c == ' ' || c == '\t';
}

/// Reads one field after the other. Allocates nothing: a mistake ends the reading and is kept as a
/// `Fault`.
class FieldReader {
public:
    /// `seed` is what `H` and `~` are hashed from.
    FieldReader(std::string_view text, std::string_view seed) noexcept
        : begin_(text.data()), at_(begin_), end_(begin_ + text.size()), seed_(seed) {}

    /// Reads the next field, and the blanks before it, into its part of `fields`.
    bool read(Field field, CronFields& fields) noexcept;

    /// The same, with a short way for what most fields are: a star, or one number.
    template <Field kField>
    bool read_fast(CronFields& fields) noexcept {
        constexpr Limits kLimit = limits(kField);
        const char* at = at_;
        while (at != end_ && is_blank(*at)) ++at;
        const auto is_over = [this](const char* p) { return p == end_ || is_blank(*p); };
        if (at != end_ && *at == '*' && is_over(at + 1)) {
            constexpr std::uint64_t kAll =
                (~0ULL >> unsigned(63 - kLimit.top)) & (~0ULL << unsigned(kLimit.low));
            store(kField, kAll, fields);
            fields.flags |= star_flag(kField);
            at_ = at + 1;
            return true;
        }
        unsigned value = 0;
        const char* end = at;
        while (end != end_ && end - at < 2 && *end >= '0' && *end <= '9') {
            value = (value * 10) + static_cast<unsigned>(*end - '0');
            ++end;
        }
        if (end != at && is_over(end) && value >= unsigned(kLimit.low) &&
            value <= unsigned(kLimit.high)) {
            store(kField, 1ULL << value, fields);
            at_ = end;
            return true;
        }
        return read(kField, fields);
    }

    /// Whether nothing but blanks is left.
    [[nodiscard]] bool at_end() noexcept;

    [[nodiscard]] const Fault& fault() const noexcept { return fault_; }

private:
    // A value, or a range that may wrap, with a step.
    struct Range {
        int low;
        int high;
        int step;
    };

    static void store(Field field, std::uint64_t set, CronFields& fields) noexcept {
        switch (field) {
            case Field::Second:
                fields.seconds = set;
                break;
            case Field::Minute:
                fields.minutes = set;
                break;
            case Field::Hour:
                fields.hours = static_cast<std::uint32_t>(set);
                break;
            case Field::Day:
                fields.days = static_cast<std::uint32_t>(set);
                break;
            case Field::Month:
                fields.months = static_cast<std::uint16_t>(set);
                break;
            case Field::Weekday:  // 7 is Sunday, too
                fields.weekdays = static_cast<std::uint8_t>((set | (set >> 7U)) & 0x7FU);
                break;
            case Field::Year:
                break;
        }
    }

    bool read_items(CronFields& fields, std::uint64_t& set) noexcept;
    bool read_item(CronFields& fields, std::uint64_t& set) noexcept;
    bool read_special(CronFields& fields, std::uint64_t& set) noexcept;
    bool read_choice(CronFields& fields, std::uint64_t& set) noexcept;
    bool read_last_day(CronFields& fields) noexcept;
    bool read_suffix(int value, const char* start, CronFields& fields, bool& taken) noexcept;
    bool read_value(int& value) noexcept;
    bool read_number(int& value) noexcept;
    bool read_name(int& value) noexcept;
    bool read_step(int& step) noexcept;
    bool read_range_end(const char* start, int low, int& high) noexcept;
    void add(CronFields& fields, std::uint64_t& set, Range range) const noexcept;
    [[nodiscard]] std::uint64_t choose(std::uint64_t count) const noexcept;
    bool fail(FaultKind kind, const char* start, const char* end) noexcept;
    bool fail_here(FaultKind kind) noexcept;
    [[nodiscard]] const char* token_end(const char* from) const noexcept;
    // The next character; 0 at the end of the text.
    [[nodiscard]] char peek() const noexcept { return at_ != end_ ? *at_ : '\0'; }

    const char* begin_;
    const char* at_;
    const char* end_;
    std::string_view seed_;
    Field field_ = Field::Minute;
    unsigned item_ = 0;  // the item's number in its field
    Fault fault_{};
};

}  // namespace periodic::cron
