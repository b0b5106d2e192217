#pragma once

/// @file
/// Which tasks a home has.

#include <string>
#include <string_view>
#include <vector>

#include "periodic/error.hpp"
#include "run/home.hpp"

namespace periodic::cli {

/// The names of a home's tasks, in order. Error: Invalid, if the directory can't be listed: that is
/// how the home is set up, not a broken disk.
[[nodiscard]] Result<std::vector<std::string>> list_tasks(const Home& home);

/// The error for a task that is not among those, with the nearest one that is.
[[nodiscard]] Failure no_such_task(std::string_view name, const std::vector<std::string>& names);

}  // namespace periodic::cli
