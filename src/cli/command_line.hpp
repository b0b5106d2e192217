#pragma once

/// @file
/// Finds the subcommand among the words of a command line.

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/subcommand.hpp"

namespace periodic::cli {

/// A command line, taken apart: what is asked for, and all that is left for its options.
struct CommandLine {
    const SubcommandType* type = nullptr;  ///< null: none was named
    std::vector<std::string> words{};      ///< all others, in order
    bool help = false;                     ///< `help [COMMAND]`, or --help without a command
    bool version = false;                  ///< --version without a command
    bool about_jobs = false;               ///< help for `job` without a second word
};

/// What an unknown command means here, given it and all words of the command line; nullopt if it
/// means nothing.
using AliasLookup = std::function<std::optional<std::string>(
    const std::string& name, const std::vector<std::string>& words)>;

/// Takes the words after the program's name apart. Only a word that is no command of ours is looked
/// up as an alias, and what that means is not looked up again. Error: Usage, for an unknown
/// command, with "did you mean".
[[nodiscard]] Result<CommandLine> take_apart(std::vector<std::string> words,
                                             const AliasLookup& alias = {});

/// Whether a command's name is this word, or begins with it: `run`, `job`; also `help`.
[[nodiscard]] bool is_command_word(std::string_view word);

/// The words of a text, split at blanks.
[[nodiscard]] std::vector<std::string> split_words(std::string_view text);

}  // namespace periodic::cli
