#pragma once

/// @file
/// Regular expressions for parameters, matched in bounded time.

#include <cstdint>
#include <string_view>
#include <vector>

#include "periodic/error.hpp"

namespace periodic {

/// A regular expression in ECMAScript's notation that a whole value must match.
///
/// What is there: characters, `.`, classes with ranges, `\d \w \s` and their opposites, `\n \r \t
/// \f \v \xHH \uHHHH`, groups, `|`, `* + ? {n} {n,} {n,m}` (also lazy, which makes no difference
/// here),
/// `^ $ \b \B`. What would need backtracking (back references, looking ahead) is refused. Matching
/// takes time linear in the value, by Thompson's simulation of all states at once, and never
/// recurses, so that no pattern and no value can hang or crash the program. A value is compared by
/// its UTF-8 characters. A pattern is immutable and may be used from any thread.
class Pattern {
public:
    /// Error: Usage, with the byte (from 1) in `column`; also for patterns over 1 KiB and those
    /// whose counted repeats come to more than 2,000 steps.
    [[nodiscard]] static Result<Pattern> compile(std::string_view text);

    /// Whether all of `value` matches; false if it is not UTF-8.
    [[nodiscard]] bool matches(std::string_view value) const;

    /// Characters, as ranges of code points.
    struct Range {
        std::uint32_t first = 0;
        std::uint32_t last = 0;
    };
    struct CharacterSet {
        std::vector<Range> ranges{};  ///< in order, apart from each other
        bool negated = false;

        [[nodiscard]] bool contains(std::uint32_t c) const noexcept;
    };
    /// One state of the machine. It goes on to the state after it, but for Split and Jump.
    struct Step {
        enum class Kind : std::uint8_t {
            Set,
            Split,
            Jump,
            Begin,
            End,
            Boundary,
            NoBoundary,
            Match
        };
        Kind kind = Kind::Match;
        std::uint32_t target = 0;  ///< Set: which; Split and Jump: the state to go to (too)
    };

private:
    std::vector<Step> steps_;
    std::vector<CharacterSet> sets_;
};

}  // namespace periodic
