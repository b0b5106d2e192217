#include "glob.hpp"

#include <cstddef>

namespace periodic::commands {
namespace {

// What stands at the front of a pattern: how long it is, and whether it takes the byte.
struct Step {
    std::size_t length = 0;
    bool takes = false;
};

// `[` without a `]` is an ordinary character.
Step bracket(std::string_view pattern, char byte) noexcept {
    std::size_t at = 1;
    const bool negated = at < pattern.size() && (pattern[at] == '!' || pattern[at] == '^');
    if (negated) ++at;
    bool inside = false;
    for (bool first = true; at < pattern.size(); first = false) {
        if (pattern[at] == ']' && !first) return {at + 1, inside != negated};
        const auto low = static_cast<unsigned char>(pattern[at]);
        auto high = low;
        if (at + 2 < pattern.size() && pattern[at + 1] == '-' && pattern[at + 2] != ']') {
            high = static_cast<unsigned char>(pattern[at + 2]);
            at += 2;
        }
        const auto wanted = static_cast<unsigned char>(byte);
        inside = inside || (wanted >= low && wanted <= high);
        ++at;
    }
    return {1, byte == '['};
}

Step step(std::string_view pattern, char byte) noexcept {
    switch (pattern.front()) {
        case '?':
            return {1, true};
        case '[':
            return bracket(pattern, byte);
        case '\\':
            if (pattern.size() > 1) return {2, pattern[1] == byte};
            return {1, byte == '\\'};
        default:
            return {1, pattern.front() == byte};
    }
}

}  // namespace

bool glob_matches(std::string_view pattern, std::string_view name) noexcept {
    // When something does not fit, only the last star takes one byte more: earlier ones need not.
    std::size_t at = 0;
    std::size_t in_name = 0;
    std::size_t after_star = std::string_view::npos;
    std::size_t star_takes = 0;
    while (in_name < name.size()) {
        if (at < pattern.size() && pattern[at] == '*') {
            after_star = ++at;
            star_takes = in_name;
            continue;
        }
        if (at < pattern.size()) {
            const Step next = step(pattern.substr(at), name[in_name]);
            if (next.takes) {
                at += next.length;
                ++in_name;
                continue;
            }
        }
        if (after_star == std::string_view::npos) return false;
        at = after_star;
        in_name = ++star_takes;
    }
    while (at < pattern.size() && pattern[at] == '*') ++at;
    return at == pattern.size();
}

}  // namespace periodic::commands
