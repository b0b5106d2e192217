#pragma once

/// @file
/// XML text as a tree of values. The one place that includes pugixml.

#include <cstddef>
#include <optional>
#include <string_view>

#include "periodic/command.hpp"
#include "task/findings.hpp"

namespace periodic {

/// The longest XML file that is read, in bytes.
inline constexpr std::size_t kLongestXml = std::size_t{1} << 20U;

/// The document's element; none if the text is no XML, with the reason in `findings`. Mistakes that
/// leave a tree (an unknown entity, an attribute given twice) are noted and the tree is returned
/// all the same, so that its other mistakes can be found too.
[[nodiscard]] std::optional<ConfigElement> parse_xml(std::string_view text, Findings& findings);

}  // namespace periodic
