#include "base/utf8.hpp"

#include <algorithm>

namespace periodic {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

bool is_continuation(char byte) noexcept {
    return (static_cast<unsigned char>(byte) & 0xC0U) == 0x80U;
}

// The second byte's range is narrower after some leads: no overlong forms, no surrogates, nothing
// above U+10FFFF (the Unicode Standard, table 3-7).
bool second_fits(unsigned char lead, unsigned char second) noexcept {
    switch (lead) {
        case 0xE0:
            return second >= 0xA0 && second <= 0xBF;
        case 0xED:
            return second >= 0x80 && second <= 0x9F;
        case 0xF0:
            return second >= 0x90 && second <= 0xBF;
        case 0xF4:
            return second >= 0x80 && second <= 0x8F;
        default:
            return second >= 0x80 && second <= 0xBF;
    }
}

}  // namespace

std::size_t utf8_sequence(std::string_view text) noexcept {
    const auto lead = static_cast<unsigned char>(text[0]);
    if (lead < 0x80) return 1;
    std::size_t length = 0;
    if (lead >= 0xC2 && lead <= 0xDF) length = 2;
    if (lead >= 0xE0 && lead <= 0xEF) length = 3;
    if (lead >= 0xF0 && lead <= 0xF4) length = 4;
    if (length == 0 || text.size() < length) return 0;
    if (!second_fits(lead, static_cast<unsigned char>(text[1]))) return 0;
    for (std::size_t i = 2; i < length; ++i)
        if (!is_continuation(text[i])) return 0;
    return length;
}

std::string valid_utf8(std::string_view text) {
    std::string valid;
    valid.reserve(text.size());
    while (!text.empty()) {
        const auto is_ascii = [](char byte) { return static_cast<unsigned char>(byte) < 0x80; };
        const auto plain = static_cast<std::size_t>(
            std::find_if_not(text.begin(), text.end(), is_ascii) - text.begin());
        valid.append(text.substr(0, plain));
        text.remove_prefix(plain);
        if (text.empty()) break;
        const std::size_t length = utf8_sequence(text);
        valid.append(length == 0 ? kReplacement : text.substr(0, length));
        text.remove_prefix(std::max<std::size_t>(length, 1));
    }
    return valid;
}

std::size_t utf8_cut(std::string_view text, std::size_t limit) noexcept {
    if (text.size() <= limit) return text.size();
    std::size_t cut = limit;
    while (cut > 0 && limit - cut < 4 && is_continuation(text[cut])) --cut;
    // More than three continuations in a row are no sequence: cut anywhere.
    return cut > 0 && !is_continuation(text[cut]) ? cut : limit;
}

}  // namespace periodic
