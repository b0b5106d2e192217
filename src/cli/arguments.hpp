#pragma once

/// @file
/// The options and arguments of one subcommand: declared, then read from the command line.

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/terminal.hpp"
#include "periodic/error.hpp"

namespace periodic::cli {

/// What a command line may hold. Declaring is cheap: nothing is parsed before `parse`. The targets
/// must outlive the call of `parse`; an option that is given twice counts as it was given last, but
/// for `texts`.
///
///     Arguments arguments;
///     arguments.flag("--explain", explain, "say it in words");
///     arguments.number("-n,--count", "N", count, {1, 10'000}, "occurrences in all");
///     arguments.optional("TASK", task);
///     if (auto parsed = arguments.parse(words); !parsed) ...
class Arguments {
public:
    /// Options stand under headings in the help text; hidden ones, for calls of our own, do not.
    enum class Group : std::uint8_t { Own, Global, Hidden };

    struct Range {
        std::int64_t least = 0;
        std::int64_t most = 0;
    };

    /// Which heading the declarations that follow belong to.
    void group(Group group) noexcept { group_ = group; }

    void flag(std::string names, bool& target, std::string help);
    void text(std::string names, std::string value, std::optional<std::string>& target,
              std::string help);
    void number(std::string names, std::string value, std::optional<std::int64_t>& target,
                Range range, std::string help);
    void duration(std::string names, std::optional<std::chrono::seconds>& target, std::string help);
    /// Each of the values, where the option is given several times.
    void texts(std::string names, std::string value, std::vector<std::string>& target,
               std::string help);
    /// One of a few words.
    void choice(std::string names, std::string value, std::optional<std::string>& target,
                std::vector<std::string_view> words, std::string help);

    /// Positional arguments, in order: needed ones, one that may be left out, all that remain.
    void required(std::string name, std::string& target);
    void optional(std::string name, std::optional<std::string>& target);
    void rest(std::string name, std::vector<std::string>& target);

    /// Fills the targets. Error: Usage, with "did you mean" where something is near.
    Result<void> parse(const std::vector<std::string>& given_words) const;

    /// `[OPTION...] TASK [KEY=VALUE...]`.
    [[nodiscard]] std::string synopsis() const;

    /// The options of a group with what they do, a line each, for the help text.
    [[nodiscard]] std::string options_help(Group group, std::size_t columns) const;

    /// The error for an option that is not declared, with the nearest one that is.
    [[nodiscard]] Error unknown_option(std::string_view word) const;

    /// What there is to complete.
    struct Shown {
        std::vector<std::string> names{};  ///< of an option: `-n`, `--count`; empty: positional
        std::string value{};               ///< `TASK`; empty: a flag
        std::string help{};
        std::vector<std::string> words{};  ///< the values, if they are a few words
        bool many = false;                 ///< a positional that takes all that follows
        Group group = Group::Own;
    };
    /// All options and positional arguments, in order.
    [[nodiscard]] std::vector<Shown> all() const;

    /// Whether the option takes a value as the next word; nullopt if there is no such option.
    [[nodiscard]] std::optional<bool> takes_value(std::string_view option) const;

private:
    struct Option {
        std::string names;  ///< "-n,--count"
        std::string value;  ///< empty: a flag
        std::string help;
        std::function<Result<void>(const std::string&)> take;
        Group group;
        bool many = false;                 ///< each value is taken, not only the last
        std::vector<std::string> words{};  ///< of a choice
    };
    struct Positional {
        enum class Kind : std::uint8_t { Required, Optional, Rest };
        Kind kind;
        std::string name;
        std::function<void(std::string)> take;
    };

    void add(std::string names, std::string value, std::string help,
             std::function<Result<void>(const std::string&)> take);
    [[nodiscard]] std::vector<std::string> with_empty_values(
        const std::vector<std::string>& words) const;
    [[nodiscard]] Result<void> place(const std::vector<std::string>& words) const;
    [[nodiscard]] std::string hint_for_unexpected(std::string_view word) const;

    Group group_ = Group::Own;
    std::vector<Option> options_{};
    std::vector<Positional> positionals_{};
};

}  // namespace periodic::cli
