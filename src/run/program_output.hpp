#pragma once

/// @file
/// What a program says of its job in the file PERIODIC_OUTPUT.

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "periodic/command.hpp"

namespace periodic {

/// Lines `KEY=value`, or `KEY<<END`, the value's lines, and `END` by itself. Blank lines are left
/// out. Never throws for what a program wrote.
struct ProgramOutput {
    std::vector<std::pair<std::string, std::string>> values{};  ///< in order; the last one counts
    /// Of lines that were left out, for the log: the first 20, and how many more there are.
    std::vector<std::string> problems{};
};
[[nodiscard]] ProgramOutput parse_program_output(std::string_view text);

/// Tells the job: `phase message code progress comment interval parameter.NAME attribute.NAME
/// delete`. What is unknown or has no sound value is a warning in the job's log.
void apply_program_output(const ProgramOutput& output, CommandContext& context);

/// The same while the program runs: only what is for people who look (`message code progress
/// comment attribute.NAME`), and without a word about what is wrong.
void apply_live_output(const ProgramOutput& output, CommandContext& context);

}  // namespace periodic
