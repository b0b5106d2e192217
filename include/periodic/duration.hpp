#pragma once

/// @file
/// Durations and sizes as people write them.

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "periodic/error.hpp"

namespace periodic {

/// The longest duration that is accepted: 100 years of 365 days. It fits into nanoseconds, and so
/// does a time that is that far from now.
inline constexpr std::chrono::seconds kLongestDuration{3'153'600'000};

/// Reads whole seconds (`90`), or a number with a unit, or a sum of them: `s m h d`, as in
/// `1h30m`. Units may stand in any order, each once. Negative values and fractions are refused.
/// Error: Usage, naming what is allowed.
[[nodiscard]] Result<std::chrono::seconds> parse_duration(std::string_view text);

/// The shortest form that `parse_duration` reads back: `1h30m`, `45s`, `0s`.
[[nodiscard]] std::string format_duration(std::chrono::seconds duration);

/// Reads a number of bytes with an optional unit `K M G` (powers of 1024): `10M`.
/// Error: Usage. At most 2^62.
[[nodiscard]] Result<std::uint64_t> parse_size(std::string_view text);

}  // namespace periodic
