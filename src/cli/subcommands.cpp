#include <array>

#include "cli/subcommand.hpp"
#include "cli/subcommands/all.hpp"

namespace periodic::cli {

std::span<const SubcommandType* const> subcommands() noexcept {
    static constexpr std::array kAll{&kInitCommand,    &kNewCommand,      &kRunCommand,
                                     &kCheckCommand,   &kNextCommand,     &kPendingCommand,
                                     &kTasksCommand,   &kCommandsCommand, &kJobListCommand,
                                     &kJobShowCommand, &kJobLogCommand,   &kJobResponseCommand,
                                     &kUnlockCommand,  &kVersionCommand};
    return kAll;
}

}  // namespace periodic::cli
