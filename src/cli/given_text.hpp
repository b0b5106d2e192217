#pragma once

/// @file
/// A text on the command line, or `-` for what standard input holds.

#include <cstddef>
#include <string>

#include "periodic/error.hpp"

namespace periodic::cli {

/// The text itself, or for `-` standard input to its end. Error: Usage for more than `most` bytes;
/// Io if it can't be read.
[[nodiscard]] Result<std::string> given_text(const std::string& text, std::size_t most);

}  // namespace periodic::cli
