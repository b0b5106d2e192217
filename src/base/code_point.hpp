#pragma once

/// @file
/// Characters of UTF-8 text, one by one.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace periodic {

/// The character at the front of a text, and the bytes it takes.
struct CodePoint {
    std::uint32_t value = 0;
    std::size_t length = 0;  ///< 0: the text is empty or does not begin with a valid sequence
};

/// Decodes the front of `text`.
[[nodiscard]] CodePoint first_code_point(std::string_view text) noexcept;

/// The offset of the first byte that is not UTF-8; the text's size if all of it is.
[[nodiscard]] std::size_t valid_utf8_prefix(std::string_view text) noexcept;

}  // namespace periodic
