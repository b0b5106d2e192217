#pragma once

/// @file
/// A regular expression's text as a tree.

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "periodic/error.hpp"
#include "task/pattern.hpp"

namespace periodic {

/// A part of a regular expression.
struct PatternNode {
    enum class Kind : std::uint8_t {
        Sequence,
        Alternatives,
        Repeat,
        Set,
        Begin,
        End,
        Boundary,
        NoBoundary,
    };
    static constexpr std::uint32_t kUnbounded = UINT32_MAX;

    Kind kind = Kind::Sequence;
    std::vector<PatternNode> parts{};  ///< of a sequence; alternatives; the one that is repeated
    std::uint32_t set = 0;             ///< Set: its index
    std::uint32_t least = 0;           ///< Repeat
    std::uint32_t most = 0;            ///< Repeat: or kUnbounded
};

struct PatternTree {
    PatternNode root{};
    std::vector<Pattern::CharacterSet> sets{};
};

/// Error: as `Pattern::compile`.
[[nodiscard]] Result<PatternTree> parse_pattern(std::string_view text);

}  // namespace periodic
