/// shell: runs its text as a script.

#include <sstream>

#include "periodic/command.hpp"

namespace periodic::commands {
namespace {

class Shell final : public Command {
public:
    explicit Shell(Program program) : program_(std::move(program)) {}

    static Result<std::unique_ptr<Command>> create(const CommandConfig& config);

    Outcome execute(CommandContext& context) override { return context.run_program(program_); }

private:
    Program program_;
};

std::vector<std::string> words_of(std::string_view text) {
    std::istringstream stream{std::string(text)};
    std::vector<std::string> words;
    for (std::string word; stream >> word;) words.push_back(std::move(word));
    return words;
}

Result<std::unique_ptr<Command>> Shell::create(const CommandConfig& config) {
    auto program = program_from(config);
    if (!program) return Failure(program.error());
    std::string script = config.text();
    if (script.empty())
        return Failure(CommandConfig::error_at(config.element(), "the command shell has no script",
                                               "write <command type=\"shell\">SCRIPT</command>"));
    std::vector<std::string> interpreter = words_of(config.attribute("interpreter", "/bin/sh"));
    if (interpreter.empty())
        return Failure(CommandConfig::error_at(config.element(), "interpreter= is empty",
                                               "write for example interpreter=\"bash -e\""));
    // Or a shell would take it for an option.
    if (script.front() == '-') script.insert(0, 1, ' ');
    program->path = std::move(interpreter.front());
    program->arguments.assign(interpreter.begin() + 1, interpreter.end());
    program->arguments.insert(program->arguments.end(), {"-c", std::move(script)});
    return std::make_unique<Shell>(std::move(*program));
}

std::vector<CommandChild> children() {
    std::vector<CommandChild> all = program_children();
    all.push_back({.name = "interpreter",
                   .default_value = "/bin/sh",
                   .doc = "What runs the script, with its options; it is given -c and the script.",
                   .attribute = true});
    return all;
}

}  // namespace

CommandType shell() {
    return {.name = "shell",
            .aliases = {"system.exec"},
            .summary = "Runs its text as a shell script",
            .children = children(),
            .examples =
                {"<command type=\"shell\">echo \"job $PERIODIC_JOB_ID\"</command>",
                 "<command type=\"shell\" interpreter=\"bash -e\">echo one; echo two</command>",
                 "<command type=\"shell\">exit 3<exit code=\"3\" outcome=\"abort\"/></command>"},
            .takes_text = true,
            .create = &Shell::create};
}

}  // namespace periodic::commands
