#pragma once

/// @file
/// Finds the subcommand among the words of a command line.

#include <string>
#include <vector>

#include "cli/subcommand.hpp"

namespace periodic::cli {

/// A command line, taken apart: what is asked for, and all that is left for its options.
struct CommandLine {
    const SubcommandType* type = nullptr;  ///< null: none was named
    std::vector<std::string> words{};      ///< all others, in order
    bool help = false;                     ///< `help [COMMAND]`, or --help without a command
    bool version = false;                  ///< --version without a command
};

/// Takes the words after the program's name apart. Error: Usage, for an unknown command, with "did
/// you mean".
[[nodiscard]] Result<CommandLine> take_apart(std::vector<std::string> words);

}  // namespace periodic::cli
