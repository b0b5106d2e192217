#pragma once

/// @file
/// What a subcommand of the program is, and which there are.

#include <memory>
#include <span>
#include <string_view>

#include "cli/arguments.hpp"
#include "cli/session.hpp"
#include "periodic/error.hpp"

namespace periodic::cli {

/// One subcommand, for one call: its options are its members.
class Subcommand {
public:
    Subcommand() = default;
    Subcommand(const Subcommand&) = delete;
    Subcommand& operator=(const Subcommand&) = delete;
    virtual ~Subcommand() = default;

    virtual void declare(Arguments& arguments) = 0;

    /// Does the work; answers the exit code. An error is printed and gives its own. May throw
    /// StorageError.
    virtual Result<int> execute(Session& session) = 0;
};

/// A subcommand before it is made: making it is what costs, so only the one that is asked for is.
struct SubcommandType {
    std::string_view name;      ///< one word, or two as in "job list"
    std::string_view summary;   ///< one line, without a full stop
    std::string_view details;   ///< for the help text; whole sentences
    std::string_view examples;  ///< lines, without indent
    std::unique_ptr<Subcommand> (*make)();
};

/// Makes a subcommand without arguments: for a type's `make`.
template <class T>
std::unique_ptr<Subcommand> make_subcommand() {
    return std::make_unique<T>();
}

/// All subcommands, in the order of the help text.
[[nodiscard]] std::span<const SubcommandType* const> subcommands() noexcept;

}  // namespace periodic::cli
