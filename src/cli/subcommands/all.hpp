#pragma once

/// @file
/// The subcommands, each of which is defined in the file of its name.

#include "cli/subcommand.hpp"

namespace periodic::cli {

extern const SubcommandType kInitCommand;
extern const SubcommandType kNewCommand;
extern const SubcommandType kRunCommand;
extern const SubcommandType kDaemonCommand;
extern const SubcommandType kStartCommand;
extern const SubcommandType kStopCommand;
extern const SubcommandType kRestartCommand;
extern const SubcommandType kReviveCommand;
extern const SubcommandType kReloadCommand;
extern const SubcommandType kStatusCommand;
extern const SubcommandType kCheckCommand;
extern const SubcommandType kNextCommand;
extern const SubcommandType kPendingCommand;
extern const SubcommandType kTasksCommand;
extern const SubcommandType kCommandsCommand;
extern const SubcommandType kJobListCommand;
extern const SubcommandType kJobShowCommand;
extern const SubcommandType kJobLogCommand;
extern const SubcommandType kJobResponseCommand;
extern const SubcommandType kJobAddCommand;
extern const SubcommandType kJobStartCommand;
extern const SubcommandType kJobRunCommand;
extern const SubcommandType kJobAutoCommand;
extern const SubcommandType kJobStopCommand;
extern const SubcommandType kJobKillCommand;
extern const SubcommandType kJobRetryCommand;
extern const SubcommandType kJobEditCommand;
extern const SubcommandType kJobDeleteCommand;
extern const SubcommandType kJobResetCommand;
extern const SubcommandType kPauseCommand;
extern const SubcommandType kResumeCommand;
extern const SubcommandType kPruneCommand;
extern const SubcommandType kUnlockCommand;
extern const SubcommandType kImportCommand;
extern const SubcommandType kCompletionCommand;
extern const SubcommandType kVersionCommand;

}  // namespace periodic::cli
