#include "cron/field_reader.hpp"

#include <algorithm>
#include <array>

#include "cron/stable_hash.hpp"

namespace periodic::cron {
namespace {

constexpr bool is_digit(char c) noexcept {
    return c >= '0' && c <= '9';
}
constexpr char lower(char c) noexcept {
    return static_cast<char>(c | 0x20);
}
constexpr bool is_letter(char c) noexcept {
    return lower(c) >= 'a' && lower(c) <= 'z';
}

constexpr std::uint32_t packed(const char* name) noexcept {
    return (static_cast<std::uint32_t>(static_cast<unsigned char>(lower(name[0]))) << 16U) |
           (static_cast<std::uint32_t>(static_cast<unsigned char>(lower(name[1]))) << 8U) |
           static_cast<std::uint32_t>(static_cast<unsigned char>(lower(name[2])));
}

constexpr std::array<std::uint32_t, 12> kMonths{
    packed("jan"), packed("feb"), packed("mar"), packed("apr"), packed("may"), packed("jun"),
    packed("jul"), packed("aug"), packed("sep"), packed("oct"), packed("nov"), packed("dec")};
constexpr std::array<std::uint32_t, 7> kWeekdays{packed("sun"), packed("mon"), packed("tue"),
                                                 packed("wed"), packed("thu"), packed("fri"),
                                                 packed("sat")};

// Bits low, low + step, ... up to high. The pattern of every step-th bit is doubled until it fills
// the word.
constexpr std::uint64_t every(int low, int high, int step) noexcept {
    std::uint64_t pattern = ~0ULL;
    if (step > 1) {
        pattern = 1;
        for (int width = step; width < 64; width *= 2) pattern |= pattern << unsigned(width);
    }
    return (pattern << unsigned(low)) & (~0ULL >> unsigned(63 - high));
}

}  // namespace

bool FieldReader::at_end() noexcept {
    while (at_ != end_ && is_blank(*at_)) ++at_;
    return at_ == end_;
}

bool FieldReader::fail(FaultKind kind, const char* start, const char* end) noexcept {
    fault_ = {.kind = kind,
              .field = field_,
              .at = static_cast<std::uint32_t>(start - begin_),
              .size = static_cast<std::uint32_t>(end - start)};
    return false;
}

// At the next character, or at what stands there instead of what was expected.
bool FieldReader::fail_here(FaultKind kind) noexcept {
    const char* end = at_ == end_ ? at_ : at_ + 1;
    // A character of several bytes is shown whole.
    while (end != end_ && (static_cast<unsigned char>(*end) & 0xC0U) == 0x80U) ++end;
    return fail(kind, at_, end);
}

// The end of the letters and digits from here on.
const char* FieldReader::token_end(const char* from) const noexcept {
    while (from != end_ && (is_digit(*from) || is_letter(*from))) ++from;
    return from;
}

bool FieldReader::read(Field field, CronFields& fields) noexcept {
    field_ = field;
    item_ = 0;
    while (at_ != end_ && is_blank(*at_)) ++at_;
    std::uint64_t set = 0;
    if (field == Field::Year) fields.years = {};
    if (!read_items(fields, set)) return false;
    store(field, set, fields);
    return true;
}

bool FieldReader::read_items(CronFields& fields, std::uint64_t& set) noexcept {
    const bool has_day_rule = field_ == Field::Day || field_ == Field::Weekday;
    if (peek() == '*') {
        fields.flags |= star_flag(field_);
    } else if (peek() == '?') {
        const bool alone = at_ + 1 == end_ || is_blank(at_[1]);
        if (!has_day_rule || !alone) return fail_here(FaultKind::QuestionMark);
        ++at_;
        fields.flags |= star_flag(field_);
        add(fields, set, {limits(field_).low, limits(field_).top, 1});
        return true;
    } else if (peek() == '+') {
        if (field_ != Field::Weekday) return fail_here(FaultKind::PlusMisplaced);
        ++at_;
        if (peek() == '*' || peek() == '?') return fail_here(FaultKind::Unexpected);
        // A star in day-of-month asks for both already.
        if ((fields.flags & CronFields::DayStar) == 0) fields.flags |= CronFields::BothDays;
    }
    for (;; ++item_) {
        if (!read_item(fields, set)) return false;
        if (at_ == end_ || is_blank(*at_)) return true;
        if (*at_ != ',') return fail_here(FaultKind::Unexpected);
        ++at_;
    }
}

bool FieldReader::read_item(CronFields& fields, std::uint64_t& set) noexcept {
    const Limits& limit = limits(field_);
    const char* const start = at_;
    if (peek() == '*') {
        ++at_;
        int step = 1;
        if (peek() == '/' && !read_step(step)) return false;
        add(fields, set, {limit.low, limit.top, step});
        return true;
    }
    int low = 0;
    if (!is_digit(peek())) {
        if (at_ == end_ || *at_ == ',' || is_blank(*at_)) return fail_here(FaultKind::EmptyItem);
        const char c = lower(*at_);
        const char after = at_ + 1 == end_ ? '\0' : at_[1];
        if ((c == 'h' || c == 'l') && !(is_letter(after) && lower(after) != 'w')) {
            return read_special(fields, set);
        }
    }
    if (!read_value(low)) return false;
    Range range{.low = low, .high = low, .step = 1};
    if (peek() == '-') {
        if (!read_range_end(start, low, range.high)) return false;
        if (peek() == '/' && !read_step(range.step)) return false;
    } else if (peek() == '/') {
        if (!read_step(range.step)) return false;
        if (low > limit.top) range.low = 0;  // 7 is Sunday, and the week begins with it
        range.high = limit.top;
    } else if (peek() == '~') {
        if (field_ == Field::Year) return fail_here(FaultKind::HashedYear);
        if (!read_range_end(start, low, range.high)) return false;
        if (peek() == '/') return fail_here(FaultKind::StepAfterChoice);
        const int span = range.high >= low ? range.high - low : range.high + limit.cycle - low;
        int chosen = low + static_cast<int>(choose(static_cast<std::uint64_t>(span) + 1));
        if (chosen > limit.high) chosen -= limit.cycle;
        range.low = range.high = chosen;
    } else if (at_ != end_ && *at_ != ',' && !is_blank(*at_)) {
        bool taken = false;
        if (!read_suffix(low, start, fields, taken)) return false;
        if (taken) return true;
    }
    add(fields, set, range);
    return true;
}

// H and L, with what may follow them.
bool FieldReader::read_special(CronFields& fields, std::uint64_t& set) noexcept {
    if (lower(*at_) == 'h') return read_choice(fields, set);
    if (field_ == Field::Weekday) return fail(FaultKind::LastAlone, at_, at_ + 1);
    if (field_ != Field::Day) return fail(FaultKind::LastMisplaced, at_, token_end(at_));
    return read_last_day(fields);
}

bool FieldReader::read_choice(CronFields& fields, std::uint64_t& set) noexcept {
    const Limits& limit = limits(field_);
    const char* const start = at_;
    if (field_ == Field::Year) return fail(FaultKind::HashedYear, at_, at_ + 1);
    if (at_ + 1 != end_ && is_letter(at_[1])) {
        return fail(FaultKind::Unexpected, at_ + 1, at_ + 2);
    }
    ++at_;
    int low = limit.low;
    // Every month has 28 days, so that a choice among them comes in every month.
    int high = field_ == Field::Day ? 28 : limit.top;
    if (peek() == '(') {
        ++at_;
        if (!is_digit(peek()) && !is_letter(peek())) return fail(FaultKind::BadHash, start, at_);
        if (!read_value(low)) return false;
        if (peek() != '-') return fail(FaultKind::BadHash, start, at_);
        if (!read_range_end(start, low, high)) return false;
        if (peek() != ')') return fail(FaultKind::BadHash, start, at_);
        ++at_;
    }
    const int last = high >= low ? high : high + limit.cycle;
    const int span = last - low + 1;
    int step = 0;
    if (peek() == '/' && !read_step(step)) return false;
    const int choices = step == 0 ? span : std::min(step, span);
    const int first = low + static_cast<int>(choose(static_cast<std::uint64_t>(choices)));
    for (int value = first; value <= last; value += step == 0 ? span : step) {
        const int wrapped = value > limit.high ? value - limit.cycle : value;
        add(fields, set, {wrapped, wrapped, 1});
    }
    return true;
}

bool FieldReader::read_last_day(CronFields& fields) noexcept {
    ++at_;
    if (lower(peek()) == 'w') {
        ++at_;
        fields.nearest_weekdays |= 1U;
        return true;
    }
    int before = 0;
    if (peek() == '-') {
        ++at_;
        const char* const start = at_;
        if (!is_digit(peek())) return fail_here(FaultKind::BadLast);
        if (!read_number(before)) return false;
        if (before < 1 || before > 30) return fail(FaultKind::BadLast, start, at_);
    }
    fields.days_before_last |= 1U << static_cast<unsigned>(before);
    return true;
}

// W after a day, # or L after a weekday.
bool FieldReader::read_suffix(int value, const char* start, CronFields& fields,
                              bool& taken) noexcept {
    const char c = lower(*at_);
    if (c != 'w' && c != 'l' && c != '#') return fail_here(FaultKind::Unexpected);
    const bool fits = c == 'w' ? field_ == Field::Day : field_ == Field::Weekday;
    if (!fits) return fail_here(FaultKind::LastMisplaced);
    taken = true;
    ++at_;
    const auto number = static_cast<unsigned>(value);
    if (c == 'w') {
        fields.nearest_weekdays |= 1U << number;
        return true;
    }
    const unsigned weekday = number % 7U;
    if (c == 'l') {
        fields.nth_weekdays |= 1ULL << (35U + weekday);
        return true;
    }
    const char* const digits = at_;
    int nth = 0;
    if (!is_digit(peek())) return fail(FaultKind::BadNth, start, token_end(at_));
    if (!read_number(nth)) return false;
    if (nth < 1 || nth > 5) return fail(FaultKind::BadNth, digits, at_);
    fields.nth_weekdays |= 1ULL << ((7U * (static_cast<unsigned>(nth) - 1U)) + weekday);
    return true;
}

// A number or a name of the field, within its limits.
bool FieldReader::read_value(int& value) noexcept {
    const char* const start = at_;
    if (is_letter(peek())) return read_name(value);
    if (!is_digit(peek())) return fail_here(FaultKind::Unexpected);
    if (!read_number(value)) return false;
    const Limits& limit = limits(field_);
    if (value < limit.low || value > limit.high) return fail(FaultKind::BadNumber, start, at_);
    return true;
}

bool FieldReader::read_number(int& value) noexcept {
    const char* const start = at_;
    int number = 0;
    while (at_ != end_ && is_digit(*at_)) {
        number = (number * 10) + (*at_ - '0');
        if (++at_ - start > 4) {
            while (at_ != end_ && is_digit(*at_)) ++at_;
            return fail(FaultKind::LongNumber, start, at_);
        }
    }
    value = number;
    return true;
}

bool FieldReader::read_name(int& value) noexcept {
    const char* const start = at_;
    const char* const end = token_end(at_);
    if (field_ != Field::Month && field_ != Field::Weekday) {
        const bool is_special = lower(*start) == 'l' || lower(*start) == 'w';
        return fail(
            is_special && end - start <= 2 ? FaultKind::LastMisplaced : FaultKind::NameInNumbers,
            start, end);
    }
    const bool has_suffix = end - start == 4 && field_ == Field::Weekday && lower(start[3]) == 'l';
    if (end - start == 3 || has_suffix) {
        const std::uint32_t name = packed(start);
        const auto* const table = field_ == Field::Month ? kMonths.data() : kWeekdays.data();
        const int count = field_ == Field::Month ? 12 : 7;
        for (int i = 0; i < count; ++i) {
            if (table[i] == name) {
                value = i + limits(field_).low;
                at_ = start + 3;
                return true;
            }
        }
    }
    return fail(FaultKind::UnknownName, start, end);
}

bool FieldReader::read_step(int& step) noexcept {
    ++at_;
    const char* const start = at_;
    if (!is_digit(peek())) return fail_here(FaultKind::MissingStep);
    if (!read_number(step)) return false;
    if (step < 1 || step > limits(field_).high) return fail(FaultKind::BadStep, start, at_);
    return true;
}

bool FieldReader::read_range_end(const char* start, int low, int& high) noexcept {
    ++at_;
    if (at_ == end_ || *at_ == ',' || is_blank(*at_)) {
        return fail(FaultKind::MissingEnd, start, at_);
    }
    const char* const here = at_;
    if (field_ == Field::Day && lower(*at_) == 'l') {
        return fail(FaultKind::LastInRange, here, token_end(here));
    }
    if (!read_value(high)) return false;
    if (field_ == Field::Year && high < low) return fail(FaultKind::BackwardYears, start, at_);
    return true;
}

void FieldReader::add(CronFields& fields, std::uint64_t& set, Range range) const noexcept {
    if (field_ == Field::Year) {
        for (int year = range.low; year <= range.high; year += range.step) {
            const auto bit = static_cast<unsigned>(year - limits(Field::Year).low);
            fields.years[bit / 64U] |= 1ULL << (bit % 64U);
        }
        return;
    }
    if (range.low <= range.high) {
        set |= every(range.low, range.high, range.step);
        return;
    }
    const Limits& limit = limits(field_);
    const int low = range.low > limit.top ? 0 : range.low;  // 7-2 is Sunday to Tuesday
    const int last = low > range.high ? range.high + limit.cycle : range.high;
    for (int value = low; value <= last; value += range.step) {
        set |= 1ULL << static_cast<unsigned>(value > limit.top ? value - limit.cycle : value);
    }
}

// A number below `count`, the same whenever seed, field and item are the same.
std::uint64_t FieldReader::choose(std::uint64_t count) const noexcept {
    StableHash hash;
    hash.add(seed_);
    hash.add(static_cast<char>('a' + static_cast<int>(field_)));
    hash.add(static_cast<char>(item_));
    return hash.mixed() % count;
}

}  // namespace periodic::cron
