#pragma once

/// @file
/// Patterns for base names.

#include <string_view>

namespace periodic::commands {

/// Whether a name matches a pattern of `*` (any bytes), `?` (one byte), `[abc]`, `[a-z]`, `[!abc]`
/// and
/// `\` before a character that is meant itself. A leading dot is nothing special. Takes at most
/// the product of both lengths in time.
[[nodiscard]] bool glob_matches(std::string_view pattern, std::string_view name) noexcept;

}  // namespace periodic::commands
