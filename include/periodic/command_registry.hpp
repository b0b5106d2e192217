#pragma once

/// @file
/// The types of command that task files may use.

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "periodic/command.hpp"
#include "periodic/error.hpp"

namespace periodic {

/// Maps the names of commands to their types: a plain value that a host fills and hands over.
///
///     CommandRegistry commands = builtin_commands();
///     commands.add({.name = "app.reindex", .summary = "Rebuilds the index", .create =
///     &Reindex::create}).value();
class CommandRegistry {
public:
    /// Adds a type under its name and aliases, and answers it; it lives as long as the registry.
    /// Error: Conflict if a name is taken; Usage if one is not `[a-z][a-z0-9._-]*` or there is no
    /// factory. Nothing is added then.
    Result<const CommandType*> add(CommandType type);

    /// Lets a second name stand for a type, and answers that. Error: Conflict, NotFound, Usage.
    Result<const CommandType*> add_alias(std::string alias, std::string_view name);

    /// The type of a name or an alias; nullptr if there is none.
    [[nodiscard]] const CommandType* find(std::string_view name) const noexcept;

    /// All types in order of name, without aliases.
    [[nodiscard]] std::vector<const CommandType*> all() const;

    /// All names and aliases, for "did you mean".
    [[nodiscard]] std::vector<std::string_view> names() const;

private:
    std::map<std::string, CommandType, std::less<>> types_;
    std::map<std::string, std::string, std::less<>> aliases_;
};

/// The commands that Periodic brings.
[[nodiscard]] CommandRegistry builtin_commands();

}  // namespace periodic
