#pragma once

/// @file
/// A program that is started to tell somebody.

#include <chrono>
#include <stop_token>
#include <string>
#include <utility>
#include <vector>

#include "periodic/error.hpp"
#include "periodic/process_launcher.hpp"

namespace periodic {

/// Runs a shell command in `directory`, with this process's environment and `variables`, and waits
/// for its end; what it prints is dropped, but for the end of its standard error. Killed, with all
/// of its group, after `limit` and when asked to stop. Error: Io, with its exit code.
[[nodiscard]] Result<void> run_told_program(
    ProcessLauncher& launcher, const std::string& command, const std::string& directory,
    const std::vector<std::pair<std::string, std::string>>& variables,
    std::chrono::milliseconds limit, const std::stop_token& stop);

}  // namespace periodic
