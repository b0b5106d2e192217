#pragma once

/// @file
/// Which directory is the home.

#include <optional>
#include <string>

#include "periodic/configuration.hpp"
#include "periodic/error.hpp"

namespace periodic::cli {

/// The home's absolute path: `given` (-C), else $PERIODIC_HOME, else the current directory if it
/// holds `periodic.xml` or `crontab`, else ~/.config/periodic. Error: Usage, if one of the first
/// two is no directory, or if there is none at all, naming all four.
[[nodiscard]] Result<std::string> find_home(const std::optional<std::string>& given);

/// Error: Usage, if nothing of a home is in the directory: no `periodic.xml`, unless one was named
/// elsewhere, no crontab, no tasks, no state. What is made in a home is not to be left in a
/// directory that was named by a slip.
[[nodiscard]] Result<void> check_is_home(const std::string& directory,
                                         const Configuration& configuration);

}  // namespace periodic::cli
