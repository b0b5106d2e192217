#pragma once

/// @file
/// `NAME=VALUE` on the command line.

#include <string>
#include <string_view>
#include <vector>

#include "periodic/error.hpp"
#include "periodic/value.hpp"

namespace periodic::cli {

/// Reads words such as `target=/mnt`, all of them texts. `what` names one in an error: "parameter".
/// Error: Usage, for a word that is none and for a name that is given twice.
[[nodiscard]] Result<Values> parse_key_values(const std::vector<std::string>& words,
                                              std::string_view what);

}  // namespace periodic::cli
