/// completion: the script that completes command lines in a shell.

#include "cli/completion_script.hpp"
#include "cli/exit_codes.hpp"
#include "cli/subcommands/all.hpp"

namespace periodic::cli {
namespace {

class Completion final : public Subcommand {
public:
    void declare(Arguments& arguments) override { arguments.required("bash|zsh", shell_); }

    Result<int> execute(Session& session) override {
        if (shell_ != "bash" && shell_ != "zsh") {
            return failure(ErrorCode::Usage, "there is no completion for '" + shell_ + "'",
                           "there is one for bash and one for zsh");
        }
        session.print(shell_ == "bash" ? bash_completion() : zsh_completion());
        return kFine;
    }

private:
    std::string shell_{};
};

}  // namespace

const SubcommandType kCompletionCommand{
    .name = "completion",
    .summary = "Prints the script that completes command lines in bash or zsh",
    .details =
        "It completes commands, options, names of tasks, states and the ids of the latest jobs. "
        "Needs no home; tasks and jobs are those of the home that the command line names.",
    .examples =
        "source <(periodic completion bash)\n"
        "periodic completion bash > ~/.local/share/bash-completion/completions/periodic",
    .make = &make_subcommand<Completion>};

}  // namespace periodic::cli
