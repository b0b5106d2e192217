#pragma once

/// @file
/// Which directory is the home.

#include <optional>
#include <string>

#include "periodic/error.hpp"

namespace periodic::cli {

/// The home's absolute path: `given` (-C), else $PERIODIC_HOME, else the current directory if it
/// holds `periodic.xml` or `crontab`, else ~/.config/periodic. Error: Usage, if one of the first
/// two is no directory, or if there is none at all, naming all four.
[[nodiscard]] Result<std::string> find_home(const std::optional<std::string>& given);

}  // namespace periodic::cli
