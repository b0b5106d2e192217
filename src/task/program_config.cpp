// What commands that run programs have in common.

#include <algorithm>
#include <charconv>

#include "periodic/command.hpp"

namespace periodic {
namespace {

constexpr int kHighestCode = 255;

std::string in_quotes(std::string_view text) {
    return "'" + std::string(text) + "'";
}

Result<bool> read_leave(const CommandConfig& config) {
    const std::string_view word = config.attribute("leave", "false");
    if (word == "true" || word == "false") return word == "true";
    return Failure(CommandConfig::error_at(config.element(),
                                           "leave=: " + in_quotes(word) + " is not known here",
                                           "write true or false"));
}

Result<int> read_code(const ConfigElement& exit) {
    const std::string* const text = exit.attribute("code");
    if (text == nullptr)
        return Failure(CommandConfig::error_at(exit, "<exit> lacks code=", "write code=\"3\""));
    int code = -1;
    const char* const end = text->data() + text->size();
    const auto read = std::from_chars(text->data(), end, code);
    if (read.ec == std::errc() && read.ptr == end && code >= 0 && code <= kHighestCode) return code;
    return Failure(CommandConfig::error_at(exit, "code=: " + in_quotes(*text) + " is no exit code",
                                           "a whole number from 0 to 255; 128 + N is signal N"));
}

Result<Outcome> read_outcome(const ConfigElement& exit) {
    const std::string* const word = exit.attribute("outcome");
    const std::string hint = "write outcome=\"success\", fail, abort or reschedule";
    if (word == nullptr)
        return Failure(CommandConfig::error_at(exit, "<exit> lacks outcome=", hint));
    if (const auto outcome = outcome_from(*word)) return *outcome;
    return Failure(CommandConfig::error_at(
        exit, "outcome=: " + in_quotes(*word) + " is not known here", hint));
}

}  // namespace

std::vector<CommandChild> program_children() {
    return {{.name = "leave",
             .default_value = "false",
             .doc = "true: what the program leaves running is not ended.",
             .attribute = true},
            {.name = "exit",
             .default_value = "0 is success, 75 reschedule, all else fail",
             .doc = "What an exit code means: success, fail, abort or reschedule.",
             .repeatable = true,
             .attributes = {"code", "outcome"}}};
}

Result<Program> program_from(const CommandConfig& config) {
    Program program;
    const auto leave = read_leave(config);
    if (!leave) return Failure(leave.error());
    program.leave = *leave;
    for (const ConfigElement& child : config.element().children) {
        if (child.name != "exit") continue;
        const auto code = read_code(child);
        if (!code) return Failure(code.error());
        const auto outcome = read_outcome(child);
        if (!outcome) return Failure(outcome.error());
        const bool is_known = std::any_of(program.exits.begin(), program.exits.end(),
                                          [&](const auto& exit) { return exit.first == *code; });
        if (is_known)
            return Failure(CommandConfig::error_at(
                child, "the exit code " + std::to_string(*code) + " is given twice",
                "keep one of them"));
        program.exits.emplace_back(*code, *outcome);
    }
    return program;
}

}  // namespace periodic
