#pragma once

/// @file
/// Secrets, from where they are kept: a file or the environment.

#include <string>

#include "periodic/error.hpp"

namespace periodic {

/// The first line of `file` (below `directory` if it is relative), or the value of the environment
/// variable `variable`; `otherwise` if neither is named. Read each time, so that a new secret needs
/// no restart. Error: NotFound or Invalid, naming the file or variable and never the secret.
[[nodiscard]] Result<std::string> read_secret(const std::string& directory, const std::string& file,
                                              const std::string& variable,
                                              const std::string& otherwise);

}  // namespace periodic
