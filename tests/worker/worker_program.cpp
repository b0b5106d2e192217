// A host's program: the built-in commands, and some that no worker should have.

#include <csignal>
#include <cstdlib>
#include <string>
#include <thread>
#include <vector>

#include <unistd.h>

#include "periodic/command_registry.hpp"
#include "periodic/program.hpp"

namespace {

using periodic::CommandConfig;
using periodic::CommandContext;
using periodic::CommandType;
using periodic::Outcome;
using periodic::Result;

template <Outcome (*Work)(CommandContext&)>
class Simple final : public periodic::Command {
public:
    static Result<std::unique_ptr<periodic::Command>> create(const CommandConfig& /*config*/) {
        return std::make_unique<Simple>();
    }
    Outcome execute(CommandContext& context) override { return Work(context); }
};

Outcome nothing(CommandContext& /*context*/) {
    return Outcome::Success;
}

Outcome crash(CommandContext& /*context*/) {
    std::signal(SIGSEGV, SIG_DFL);  // a sanitizer would take it for its own
    std::raise(SIGSEGV);
    return Outcome::Success;
}

// Only the first time: what runs alone afterwards gets through.
Outcome crash_once(CommandContext& context) {
    const std::string mark = context.home() + "/crashed";
    if (::access(mark.c_str(), F_OK) == 0) return Outcome::Success;
    if (std::FILE* const file = std::fopen(mark.c_str(), "w")) std::fclose(file);
    std::raise(SIGKILL);
    return Outcome::Success;
}

Outcome hang(CommandContext& context) {
    context.set_message("hangs");
    for (;;) std::this_thread::sleep_for(std::chrono::hours(1));
}

Outcome until_stopped(CommandContext& context) {
    context.set_message("waiting");
    while (!context.stop_token().stop_requested())
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    return Outcome::Fail;
}

Outcome grow(CommandContext& /*context*/) {
    static std::vector<char> kept;
    kept.resize(kept.size() + (std::size_t{64} << 20U), 'x');
    return Outcome::Success;
}

// To one and a half times what the test allows, for as long as it wants.
Outcome grow_and_wait(CommandContext& context) {
    const std::vector<char> kept(std::size_t{96} << 20U, 'x');
    while (::access((context.home() + "/go").c_str(), F_OK) != 0)
        std::this_thread::sleep_for(std::chrono::milliseconds(10));
    return kept.back() == 'x' ? Outcome::Success : Outcome::Fail;
}

// Far beyond what the test allows, and no end of it.
Outcome grow_on(CommandContext& /*context*/) {
    const std::vector<char> kept(std::size_t{256} << 20U, 'x');
    for (;;) std::this_thread::sleep_for(std::chrono::hours(1) + std::chrono::seconds(kept.back()));
}

Outcome queue_and_wait(CommandContext& context) {
    const auto id = context.enqueue("child", {{"from", std::to_string(context.job().id)}});
    if (!id) {
        context.log(periodic::LogLevel::Error, id.error().message);
        return Outcome::Fail;
    }
    const auto child = context.wait_for(*id);
    if (!child || !*child) return Outcome::Fail;
    context.set_message("child " + std::string(to_string((*child)->state)));
    return Outcome::Success;
}

template <Outcome (*Work)(CommandContext&)>
CommandType type(std::string name) {
    return {.name = std::move(name), .summary = "For tests", .create = &Simple<Work>::create};
}

}  // namespace

int main(int argc, char** argv) {
    // As a program that can't live until somebody mends what it needs.
    const char* const needed = std::getenv("WORKER_DIES_WITHOUT");
    if (needed != nullptr && ::access(needed, F_OK) != 0) return 7;
    periodic::CommandRegistry commands = periodic::builtin_commands();
    commands.add(type<&nothing>("test.nothing")).value();
    commands.add(type<&crash>("test.crash")).value();
    commands.add(type<&crash_once>("test.crash-once")).value();
    commands.add(type<&hang>("test.hang")).value();
    commands.add(type<&until_stopped>("test.until-stopped")).value();
    commands.add(type<&grow>("test.grow")).value();
    commands.add(type<&grow_and_wait>("test.grow-and-wait")).value();
    commands.add(type<&grow_on>("test.grow-on")).value();
    commands.add(type<&queue_and_wait>("test.queue")).value();
    return periodic::run_program(argc, argv, commands);
}
