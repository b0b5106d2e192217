#include <array>

#include "cli/subcommand.hpp"
#include "cli/subcommands/all.hpp"

namespace periodic::cli {

std::span<const SubcommandType* const> subcommands() noexcept {
    static constexpr std::array kAll{
        &kInitCommand,     &kNewCommand,      &kRunCommand,        &kDaemonCommand,
        &kStartCommand,    &kStopCommand,     &kRestartCommand,    &kReviveCommand,
        &kReloadCommand,   &kStatusCommand,   &kCheckCommand,      &kNextCommand,
        &kPendingCommand,  &kTasksCommand,    &kCommandsCommand,   &kJobAddCommand,
        &kJobListCommand,  &kJobShowCommand,  &kJobLogCommand,     &kJobResponseCommand,
        &kJobStartCommand, &kJobRunCommand,   &kJobAutoCommand,    &kJobStopCommand,
        &kJobKillCommand,  &kJobRetryCommand, &kJobEditCommand,    &kJobDeleteCommand,
        &kJobResetCommand, &kPauseCommand,    &kResumeCommand,     &kPruneCommand,
        &kUnlockCommand,   &kImportCommand,   &kCompletionCommand, &kVersionCommand};
    return kAll;
}

}  // namespace periodic::cli
