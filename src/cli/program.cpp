#include "periodic/program.hpp"

#include <csignal>
#include <cstdio>
#include <exception>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cli/command_line.hpp"
#include "cli/exit_codes.hpp"
#include "cli/help.hpp"
#include "cli/job_help.hpp"
#include "cli/session.hpp"
#include "cli/subcommand.hpp"
#include "cli/worker_side.hpp"
#include "periodic/version.hpp"

namespace periodic {
namespace cli {
namespace {

int no_command(const CommandLine& line, Session& session) {
    if (line.help) {
        session.print(line.about_jobs ? job_help(session.out()) : program_help(session.out()));
        return kFine;
    }
    if (line.version) {
        session.print("periodic " + std::string(kVersion) + '\n');
        return kFine;
    }
    Arguments arguments;
    GlobalOptions options;
    options.declare(arguments);
    if (const auto parsed = arguments.parse(line.words); !parsed)
        return session.report(parsed.error());
    session.complain(program_help(session.err()));
    return kUsage;
}

// Runs one subcommand; what a broken machine throws is said here, once.
int run_guarded(Subcommand& subcommand, Session& session) {
    try {
        const auto code = subcommand.execute(session);
        return code ? *code : session.report(code.error());
    } catch (const StorageError& error) {
        return session.report(Error{.code = ErrorCode::Io, .message = error.what()});
    } catch (const std::exception& error) {
        return session.report(Error{.code = ErrorCode::Io, .message = error.what()});
    }
}

int run_line(const CommandLine& line, const CommandRegistry& commands) {
    GlobalOptions options;
    if (line.type == nullptr) {
        Session session(options, commands);
        return session.finish(no_command(line, session));
    }
    const auto subcommand = line.type->make();
    Arguments arguments;
    options.declare(arguments);
    subcommand->declare(arguments);
    const auto parsed = arguments.parse(line.words);
    Session session(options, commands);
    if (options.help || line.help) {
        session.print(subcommand_help(*line.type, arguments, session.out()));
        return session.finish(kFine);
    }
    if (!parsed) {
        Error error = parsed.error();
        if (error.hint.empty()) {
            error.hint = "'periodic help " + std::string(line.type->name) + "' lists what it takes";
        }
        return session.report(error);
    }
    return session.finish(run_guarded(*subcommand, session));
}

// The value that `--name VALUE`, `--name=VALUE`, `-C VALUE`, `-CVALUE` or `-qC VALUE` gives;
// nullopt if the word is another option.
std::optional<std::string> value_of(const std::vector<std::string>& words, std::size_t at,
                                    std::string_view name) {
    const std::string_view word = words[at];
    const auto next = [&]() -> std::optional<std::string> {
        return at + 1 < words.size() ? std::optional(words[at + 1]) : std::nullopt;
    };
    if (word.starts_with("--")) {
        if (word == name) return next();
        const bool joined = word.starts_with(name) && word.substr(name.size()).starts_with('=');
        return joined ? std::optional<std::string>(word.substr(name.size() + 1)) : std::nullopt;
    }
    if (name != "--home" || !word.starts_with('-')) return std::nullopt;
    const auto at_c = word.find_first_not_of("qhV", 1);
    if (at_c == std::string_view::npos || word[at_c] != 'C') return std::nullopt;
    return at_c + 1 < word.size() ? std::optional<std::string>(word.substr(at_c + 1)) : next();
}

// The global options that say where the home is, wherever they stand among the words.
GlobalOptions home_options(const std::vector<std::string>& words) {
    GlobalOptions options;
    for (std::size_t i = 0; i < words.size() && words[i] != "--"; ++i) {
        if (auto home = value_of(words, i, "--home")) options.home = std::move(home);
        if (auto config = value_of(words, i, "--config")) options.config = std::move(config);
    }
    return options;
}

// Only a word that is no command of ours costs a look at the configuration. One that is broken is
// told by the commands that need it; what is sound in it counts.
std::optional<std::string> find_alias(const std::string& name,
                                      const std::vector<std::string>& words,
                                      const CommandRegistry& commands) {
    Session session(home_options(words), commands);
    const auto reading = session.reading();
    if (!reading) return std::nullopt;
    for (const auto& alias : (*reading)->configuration.aliases) {
        if (alias.name == name) return alias.command;
    }
    return std::nullopt;
}

}  // namespace
}  // namespace cli

int run_program(int argc, char** argv, const CommandRegistry& commands) {
    // A reader that went away is an error of write(), not a death in the middle of a job.
    std::signal(SIGPIPE, SIG_IGN);
    // So is a file that may not grow (ulimit -f): a disk that is full.
    std::signal(SIGXFSZ, SIG_IGN);
    if (const auto code = cli::run_as_worker(argc, argv, commands)) return *code;
    std::vector<std::string> words(argv + (argc > 0 ? 1 : 0), argv + argc);
    const auto line = cli::take_apart(
        std::move(words), [&](const std::string& name, const std::vector<std::string>& all) {
            return cli::find_alias(name, all, commands);
        });
    if (!line) {
        cli::Session session({}, commands);
        return session.report(line.error());
    }
    return cli::run_line(*line, commands);
}

}  // namespace periodic
