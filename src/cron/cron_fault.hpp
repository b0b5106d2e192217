#pragma once

/// @file
/// Mistakes in a cron expression: noted while reading as plain numbers, put in words afterwards.

#include <cstdint>
#include <string_view>

#include "periodic/error.hpp"

namespace periodic::cron {

enum class Field : std::uint8_t { Second, Minute, Hour, Day, Month, Weekday, Year };

/// What a field may hold.
struct FieldSpec {
    std::string_view name;
    std::string_view plural;
    int low;
    int high;   // the highest number that may be written
    int top;    // where `*` and `a/n` end: 6 in day-of-week, as 7 is Sunday again
    int cycle;  // how many values there are before they begin anew; 0 if they don't
};

[[nodiscard]] const FieldSpec& spec_of(Field field) noexcept;

enum class FaultKind : std::uint8_t {
    None,
    BadNumber,        // out of range
    LongNumber,       // more digits than fit
    BadStep,          // 0, or above the field's highest value
    MissingStep,      // nothing after the slash
    EmptyItem,        // `1,,2`, `,1`, `1,`
    MissingEnd,       // nothing after the minus or the tilde
    UnknownName,      // letters that are no name
    NameInNumbers,    // letters in a field that has no names
    QuestionMark,     // outside the day fields or not alone
    BackwardYears,    // a range of years that ends before it begins
    LastAlone,        // `L` alone in day-of-week
    LastMisplaced,    // L, W or # in a field that has none
    BadNth,           // `n#k` with k not 1 to 5
    BadLast,          // `L-n` with n not 1 to 30
    LastInRange,      // `25-L`
    HashedYear,       // H or ~ in the year
    BadHash,          // `H(` without `a-b)`
    StepAfterChoice,  // `a~b/n`
    PlusMisplaced,    // `+` elsewhere than before day-of-week
    Unexpected,       // any other character
};

/// Where and what; offsets are bytes of the expression.
struct Fault {
    FaultKind kind = FaultKind::None;
    Field field = Field::Minute;
    std::uint32_t at = 0;
    std::uint32_t size = 0;
};

/// The fault in words: `text` is the whole expression.
[[nodiscard]] Error describe_fault(const Fault& fault, std::string_view text);

/// The names of a field's values in upper case, from its lowest value on; empty if it has none.
[[nodiscard]] const std::vector<std::string_view>& names_of(Field field);

}  // namespace periodic::cron
