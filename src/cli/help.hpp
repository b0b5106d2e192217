#pragma once

/// @file
/// The help texts.

#include <string>

#include "cli/subcommand.hpp"

namespace periodic::cli {

/// What `periodic help` says.
[[nodiscard]] std::string program_help(const Terminal& terminal);

/// What `periodic COMMAND --help` says.
[[nodiscard]] std::string subcommand_help(const SubcommandType& type, const Arguments& arguments,
                                          const Terminal& terminal);

}  // namespace periodic::cli
