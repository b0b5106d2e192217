#pragma once

/// @file
/// One call of the program: its global options, its streams, its home.

#include <cstdio>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/arguments.hpp"
#include "cli/terminal.hpp"
#include "periodic/clock.hpp"
#include "periodic/command_registry.hpp"
#include "periodic/configuration.hpp"
#include "periodic/error.hpp"
#include "periodic/time_zone.hpp"
#include "run/home.hpp"

namespace periodic::cli {

/// The options that stand before or after every command.
struct GlobalOptions {
    std::optional<std::string> home{};
    std::optional<std::string> config{};
    std::optional<std::string> log_level{};
    std::optional<std::string> log_format{};
    std::optional<std::string> output{};
    bool quiet = false;
    bool help = false;

    void declare(Arguments& arguments);
};

/// What a subcommand works with. What it does not ask for is neither looked up nor loaded. Used by
/// one thread.
class Session {
public:
    Session(GlobalOptions options, const CommandRegistry& commands);

    [[nodiscard]] const GlobalOptions& options() const noexcept { return options_; }
    [[nodiscard]] const CommandRegistry& commands() const noexcept { return *commands_; }
    [[nodiscard]] Clock& clock();
    [[nodiscard]] bool json() const noexcept { return options_.output == "json"; }
    [[nodiscard]] bool quiet() const noexcept { return options_.quiet; }

    /// Standard output and standard error as terminals.
    [[nodiscard]] const Terminal& out() const noexcept { return out_; }
    [[nodiscard]] const Terminal& err() const noexcept { return err_; }

    /// Writes to standard output; what fails is found by `finish`.
    void print(std::string_view text);
    /// Hands what was printed to the reader now; false if nobody reads any more.
    [[nodiscard]] bool flush();
    /// Writes to standard error, unbuffered.
    void complain(std::string_view text);

    /// Prints an error as a compiler does; answers its exit code.
    int report(const Error& error);
    /// Prints findings, the first twenty of them; answers 78 if one of them all is an error.
    int report(const std::vector<Problem>& problems);
    /// The same without warnings, which only `check` shows.
    int report_errors(const std::vector<Problem>& problems);

    /// Flushes standard output. Answers `code`, or 74 if the document could not be written. A
    /// reader that went away (`| head`) wanted no more: that is no error.
    int finish(int code);

    /// The home's directory. Error: Usage if there is none.
    [[nodiscard]] Result<std::string> directory() const;
    /// What the configuration file says, or --config's. Error: Usage, Io. Its problems may be
    /// errors.
    [[nodiscard]] Result<const ConfigurationReading*> reading();
    /// The configuration, with warnings left out. Error: the last mistake; those before it are
    /// reported.
    [[nodiscard]] Result<Configuration> configuration();
    /// The file that `configuration` is read from, whether it is there or not. Error: Usage.
    [[nodiscard]] Result<std::string> configuration_file() const;
    /// Where the home's things are. Error: of `configuration` and `resolve_home`.
    [[nodiscard]] Result<Home> home();
    /// The same by what is sound in the configuration; its mistakes are reported. For commands that
    /// show or end what runs.
    [[nodiscard]] Result<Home> home_of_what_runs();
    /// The home's zone. Error: Invalid.
    [[nodiscard]] Result<TimeZone> zone();

    /// What is sound in the configuration, for commands that look at jobs and stop them, which must
    /// work while somebody edits it. Its mistakes are reported, once; a zone that does not load
    /// is UTC. Error: Invalid, if nobody can tell where the jobs are.
    [[nodiscard]] Result<Configuration> configuration_of_jobs();
    /// Where the home's jobs are, and the zone to show them in. Error: of `configuration_of_jobs`.
    [[nodiscard]] Result<Home> home_of_jobs();
    [[nodiscard]] Result<TimeZone> zone_of_jobs();

private:
    GlobalOptions options_;
    const CommandRegistry* commands_;
    std::FILE* output_ = stdout;
    std::FILE* errors_ = stderr;
    Terminal out_;
    Terminal err_;
    std::unique_ptr<Clock> clock_{};
    std::optional<ConfigurationReading> reading_{};
    std::optional<Configuration> sound_{};
    bool told_mistakes_ = false;
};

/// The findings without warnings.
[[nodiscard]] std::vector<Problem> errors_of(std::vector<Problem> problems);

/// Puts what the command line says in the place of what the file says.
void apply(const GlobalOptions& options, Configuration& configuration);

/// The zone that a configuration's `<timeZone>` names, else the system's. Error: Invalid.
[[nodiscard]] Result<TimeZone> zone_of(const Configuration& configuration);

}  // namespace periodic::cli
