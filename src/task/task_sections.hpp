#pragma once

/// @file
/// The parts of a task file, each read by a source of its own.

#include "periodic/command_registry.hpp"
#include "periodic/task.hpp"
#include "task/element_reader.hpp"
#include "task/findings.hpp"

namespace periodic {

/// `<config>` into the task's settings.
void read_task_config(const ConfigElement& config, Task& task, Findings& findings);

/// `<parameters>` into declarations; patterns are compiled and defaults checked.
void read_parameter_declarations(const ConfigElement& parameters, Task& task, Findings& findings);

/// `<parameter name="n">value</parameter>` of a follow-up.
void read_parameter_value(const ConfigElement& parameter, Values& values, Findings& findings);

/// One `<command>`: its type is known, its children and attributes are, and it can be made.
[[nodiscard]] std::optional<TaskCommand> read_command(const ConfigElement& element,
                                                      const CommandRegistry& commands,
                                                      Findings& findings);

/// One `<phase>`.
[[nodiscard]] TaskPhase read_phase(const ConfigElement& element, const CommandRegistry& commands,
                                   Findings& findings);

/// The JSON kind of a declared parameter, if `text` is a good value for it. Error: Usage.
[[nodiscard]] Result<Value> typed_value(const ParameterDeclaration& declaration, std::string text);

/// `1 to 64 KiB`: the largest parameter value, in bytes.
inline constexpr std::size_t kLongestValue = std::size_t{64} << 10U;

}  // namespace periodic
