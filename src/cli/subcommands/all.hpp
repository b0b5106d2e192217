#pragma once

/// @file
/// The subcommands, each of which is defined in the file of its name.

#include "cli/subcommand.hpp"

namespace periodic::cli {

extern const SubcommandType init_command;
extern const SubcommandType new_command;
extern const SubcommandType run_command;
extern const SubcommandType check_command;
extern const SubcommandType next_command;
extern const SubcommandType pending_command;
extern const SubcommandType tasks_command;
extern const SubcommandType commands_command;
extern const SubcommandType job_list_command;
extern const SubcommandType job_show_command;
extern const SubcommandType job_log_command;
extern const SubcommandType job_response_command;
extern const SubcommandType unlock_command;
extern const SubcommandType version_command;

}  // namespace periodic::cli
