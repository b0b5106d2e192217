#pragma once

/// @file
/// Refuses what is not XML, or more of it than a configuration needs, before a parser sees it.

#include <cstddef>
#include <string_view>
#include <vector>

#include "task/findings.hpp"

namespace periodic {

/// Where the elements and attributes of a document begin, in its order.
struct XmlOffsets {
    std::vector<std::size_t> elements{};
    std::vector<std::size_t> attributes{};
};

/// How deep elements may be nested.
inline constexpr std::size_t kDeepestElement = 64;

/// Checks that `text` is one well-formed XML 1.0 document in UTF-8 without a DOCTYPE, nested at
/// most 64 deep, and notes each mistake. The answer is false if the structure itself is broken, so
/// that no tree can be made; time and memory are linear in the text.
[[nodiscard]] bool guard_xml(std::string_view text, Findings& findings, XmlOffsets& offsets);

}  // namespace periodic
