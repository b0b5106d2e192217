#pragma once

/// @file
/// SHA-256 (FIPS 180-4), to tell task files apart.

#include <string>
#include <string_view>

namespace periodic {

/// The digest in 64 hexadecimal digits.
[[nodiscard]] std::string sha256(std::string_view bytes);

}  // namespace periodic
