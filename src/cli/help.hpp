#pragma once

/// @file
/// The help texts.

#include <string>
#include <string_view>

#include "cli/subcommand.hpp"

namespace periodic::cli {

/// What the program does, in a sentence.
inline constexpr std::string_view kAboutProgram =
    "Runs tasks: on a cron schedule, on request, and from queues.";

/// Which home a command is about.
inline constexpr std::string_view kAboutHome =
    "The home is -C, $PERIODIC_HOME, the current directory if it holds periodic.xml or crontab, or "
    "~/.config/periodic.";

/// What to type first; lines, without indent.
inline constexpr std::string_view kFirstLook =
    "periodic init ~/jobs && cd ~/jobs\n"
    "periodic run hello name=World\n"
    "periodic next\n"
    "* * * * * /usr/bin/periodic -C ~/jobs run   # in the system's crontab\n";

/// What `periodic help` says.
[[nodiscard]] std::string program_help(const Terminal& terminal);

/// What `periodic COMMAND --help` says.
[[nodiscard]] std::string subcommand_help(const SubcommandType& type, const Arguments& arguments,
                                          const Terminal& terminal);

}  // namespace periodic::cli
