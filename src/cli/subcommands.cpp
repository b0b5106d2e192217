#include <array>

#include "cli/subcommand.hpp"
#include "cli/subcommands/all.hpp"

namespace periodic::cli {

std::span<const SubcommandType* const> subcommands() noexcept {
    static constexpr std::array kAll{&init_command,     &new_command,      &run_command,
                                     &check_command,    &next_command,     &pending_command,
                                     &tasks_command,    &commands_command, &job_list_command,
                                     &job_show_command, &job_log_command,  &job_response_command,
                                     &unlock_command,   &version_command};
    return kAll;
}

}  // namespace periodic::cli
