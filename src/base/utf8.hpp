#pragma once

/// @file
/// Making text of bytes that may be anything.

#include <cstddef>
#include <string>
#include <string_view>

namespace periodic {

/// The bytes of the well-formed UTF-8 sequence (1 to 4) that `text` begins with; 0 if it begins
/// with none. `text` must not be empty.
[[nodiscard]] std::size_t utf8_sequence(std::string_view text) noexcept;

/// `text` with U+FFFD for every byte that belongs to no well-formed sequence.
[[nodiscard]] std::string valid_utf8(std::string_view text);

/// The largest length up to `limit` at which `text` can be cut without parting a sequence.
[[nodiscard]] std::size_t utf8_cut(std::string_view text, std::size_t limit) noexcept;

}  // namespace periodic
