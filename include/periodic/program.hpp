#pragma once

/// @file
/// The `periodic` program as a function, for a host's own program with its own commands.

#include "periodic/command_registry.hpp"

namespace periodic {

/// Runs the program: every subcommand knows the given commands. Answers the exit code. It owns the
/// process: it installs signal handlers and makes it a child subreaper.
///
///     int main(int argc, char** argv) { return periodic::run_program(argc, argv, commands); }
int run_program(int argc, char** argv, const CommandRegistry& commands);

}  // namespace periodic
