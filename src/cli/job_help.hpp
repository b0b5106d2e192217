#pragma once

/// @file
/// The page on jobs: `periodic job --help`.

#include <string>

#include "cli/terminal.hpp"

namespace periodic::cli {

/// What a job is, its states, the commands for it in groups, and examples.
[[nodiscard]] std::string job_help(const Terminal& terminal);

}  // namespace periodic::cli
