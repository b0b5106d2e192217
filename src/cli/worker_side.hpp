#pragma once

/// @file
/// `periodic worker`, which is for the daemon alone and in no list.

#include <optional>

#include "periodic/command_registry.hpp"

namespace periodic::cli {

/// Runs this process as a worker if its words say so, and answers its exit code. First of all in a
/// program: it takes the words and the environment for its title.
[[nodiscard]] std::optional<int> run_as_worker(int argc, char** argv,
                                               const CommandRegistry& commands);

}  // namespace periodic::cli
