// A `periodic` of one's own: every subcommand knows app.greet and app.newsletter besides the
// built-in commands.

#include <iostream>
#include <memory>
#include <string>
#include <utility>

#include "newsletter.hpp"
#include "periodic/command_registry.hpp"
#include "periodic/program.hpp"

namespace {

class Greet final : public periodic::Command {
public:
    explicit Greet(std::string greeting) : greeting_(std::move(greeting)) {}

    static periodic::Result<std::unique_ptr<periodic::Command>> create(
        const periodic::CommandConfig& config) {
        return std::make_unique<Greet>(std::string(config.attribute("greeting", "Hello")));
    }

    periodic::Outcome execute(periodic::CommandContext& context) override {
        const auto name = context.parameters().find("name");
        const std::string whom = name == context.parameters().end() ? "you" : name->second.text;
        context.log(periodic::LogLevel::Info, greeting_ + ", " + whom);
        return periodic::Outcome::Success;
    }

private:
    std::string greeting_;
};

periodic::CommandType greet() {
    return {.name = "app.greet",
            .summary = "Greets the one whom the parameter `name` names",
            .children = {{.name = "greeting",
                          .default_value = "Hello",
                          .doc = "The first word.",
                          .attribute = true}},
            .examples = {"<command type='app.greet' greeting='Good morning'/>"},
            .create = &Greet::create};
}

}  // namespace

int main(int argc, char** argv) {
    periodic::CommandRegistry commands = periodic::builtin_commands();
    for (const periodic::CommandType& type : {greet(), newsletter()}) {
        if (const auto added = commands.add(type); !added) {
            std::cerr << to_string(added.error()) << '\n';
            return 1;
        }
    }
    return periodic::run_program(argc, argv, commands);
}
