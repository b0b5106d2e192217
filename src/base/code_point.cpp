#include "base/code_point.hpp"

#include "base/utf8.hpp"

namespace periodic {

CodePoint first_code_point(std::string_view text) noexcept {
    if (text.empty()) return {};
    const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
    const std::size_t length = utf8_sequence(text);
    if (length == 0) return {};
    if (length == 1) return {byte(0), 1};
    // The lead byte keeps 5, 4 or 3 bits for the value.
    std::uint32_t value = byte(0) & (0xFFU >> (length + 1));
    for (std::size_t i = 1; i < length; ++i) value = (value << 6U) | (byte(i) & 0x3FU);
    return {value, length};
}

std::size_t valid_utf8_prefix(std::string_view text) noexcept {
    std::size_t at = 0;
    while (at < text.size()) {
        const std::size_t length = utf8_sequence(text.substr(at));
        if (length == 0) break;
        at += length;
    }
    return at;
}

}  // namespace periodic
