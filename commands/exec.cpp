/// exec: runs a program, without a shell.

#include "periodic/command.hpp"

namespace periodic::commands {
namespace {

class Exec final : public Command {
public:
    explicit Exec(Program program) : program_(std::move(program)) {}

    static Result<std::unique_ptr<Command>> create(const CommandConfig& config) {
        auto program = program_from(config);
        if (!program) return Failure(program.error());
        auto path = config.required("program");
        if (!path) return Failure(path.error());
        program->path = std::move(*path);
        // As written: blanks may matter to the program.
        for (const ConfigElement& child : config.element().children)
            if (child.name == "argument") program->arguments.push_back(child.text);
        return std::make_unique<Exec>(std::move(*program));
    }

    Outcome execute(CommandContext& context) override { return context.run_program(program_); }

private:
    Program program_;
};

std::vector<CommandChild> children() {
    std::vector<CommandChild> all = program_children();
    all.push_back({.name = "program",
                   .required = true,
                   .doc = "A path, or a name that is looked up in PATH."});
    all.push_back({.name = "argument",
                   .doc = "One argument, passed on as it is written, blanks too.",
                   .repeatable = true});
    return all;
}

}  // namespace

CommandType exec() {
    return {
        .name = "exec",
        .summary = "Runs a program without a shell",
        .children = children(),
        .examples = {"<command type=\"exec\"><program>echo</program>"
                     "<argument>two words</argument><argument>$HOME as it is</argument></command>"},
        .create = &Exec::create};
}

}  // namespace periodic::commands
