#pragma once

/// @file
/// A password that is asked for, and its hash.

#include <optional>
#include <string>
#include <string_view>

#include "periodic/error.hpp"

namespace periodic::cli {

/// A hash of crypt(5), by yescrypt, for `<reset hash="..."/>`. Error: Usage for an empty password;
/// Unsupported if the system's libcrypt, which is loaded now, is missing or does not know it.
[[nodiscard]] Result<std::string> hash_password(const std::string& password);

/// Whether a password has this hash, of whatever method. Error: Unsupported, as above, also for a
/// hash that libcrypt can't read.
[[nodiscard]] Result<bool> password_fits(const std::string& password, const std::string& hash);

/// The first line of a file (`-` is standard input); without one, what is typed on the terminal,
/// which does not show it. Error: Usage if there is no terminal, or it was given up with Ctrl-C;
/// of reading the file.
[[nodiscard]] Result<std::string> ask_password(std::string_view prompt,
                                               const std::optional<std::string>& file);

}  // namespace periodic::cli
