#pragma once

/// @file
/// The environment of a program that a job runs.

#include <string>
#include <utility>
#include <vector>

#include "periodic/command.hpp"
#include "run/program_files.hpp"
#include "run/program_runner.hpp"

namespace periodic {

/// The whole environment, each name once: what `ProgramRunner` says it holds.
[[nodiscard]] std::vector<std::pair<std::string, std::string>> program_environment(
    const ProgramSettings& settings, const CommandContext& context, const ProgramFiles& files);

}  // namespace periodic
