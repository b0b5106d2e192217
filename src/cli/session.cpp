#include "cli/session.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <filesystem>
#include <system_error>
#include <utility>

#include <unistd.h>

#include "base/first_problems.hpp"
#include "cli/error_text.hpp"
#include "cli/exit_codes.hpp"
#include "cli/find_home.hpp"

namespace periodic::cli {
namespace {

// So many mistakes are read at once, and more hide the first ones.
constexpr std::size_t kMostShown = 20;

}  // namespace

void GlobalOptions::declare(Arguments& arguments) {
    arguments.group(Arguments::Group::Global);
    arguments.text("-C,--home", "DIR", home, "the home directory");
    arguments.text("--config", "FILE", config, "instead of the home's periodic.xml");
    arguments.choice("--log-level", "LEVEL", log_level, {"debug", "info", "warning", "error"},
                     "what is logged at least; also makes 'run' log to standard error");
    arguments.choice("--log-format", "FORMAT", log_format, {"text", "json"}, "text or json");
    arguments.choice("--output", "FORMAT", output, {"text", "json"},
                     "json: one document on standard output");
    arguments.flag("-q,--quiet", quiet, "no progress and no summary");
    arguments.flag("-h,--help", help, "this text");
    arguments.group(Arguments::Group::Own);
}

Session::Session(GlobalOptions options, const CommandRegistry& commands)
    : options_(std::move(options)),
      commands_(&commands),
      out_(look_at_terminal(STDOUT_FILENO)),
      err_(look_at_terminal(STDERR_FILENO)) {}

Clock& Session::clock() {
    if (!clock_) clock_ = make_system_clock();
    return *clock_;
}

void Session::print(std::string_view text) {
    std::fwrite(text.data(), 1, text.size(), output_);
}

bool Session::flush() {
    return std::fflush(output_) == 0 && std::ferror(output_) == 0;
}

void Session::complain(std::string_view text) {
    std::fwrite(text.data(), 1, text.size(), errors_);
}

int Session::report(const Error& error) {
    complain(error_text(error, Severity::Error, err_));
    return exit_code_of(error.code);
}

int Session::report(const std::vector<Problem>& problems) {
    for (const Problem& each : first_problems(problems, kMostShown))
        complain(error_text(each.error, each.severity, err_));
    const bool broken = std::ranges::any_of(
        problems, [](const Problem& each) { return each.severity == Severity::Error; });
    return broken ? kBroken : kFine;
}

int Session::report_errors(const std::vector<Problem>& problems) {
    return report(errors_of(problems));
}

int Session::finish(int code) {
    errno = 0;
    const bool failed = std::fflush(output_) != 0 || std::ferror(output_) != 0;
    if (!failed || errno == EPIPE) return code;
    report(Error{.code = ErrorCode::Io,
                 .message = std::string("standard output can't be written: ") +
                            std::generic_category().message(errno)});
    return graver(kStorage, code);
}

Result<std::string> Session::directory() const {
    return find_home(options_.home);
}

Result<const ConfigurationReading*> Session::reading() {
    if (reading_) return &*reading_;
    if (options_.config) {
        std::error_code problem;
        if (!std::filesystem::is_regular_file(*options_.config, problem)) {
            return failure(ErrorCode::Usage, "--config '" + *options_.config + "' is no file");
        }
        reading_ = read_configuration_file(*options_.config);
        return &*reading_;
    }
    const auto found = directory();
    if (!found) return Failure(found.error());
    reading_ = read_configuration_file(*found + "/periodic.xml");
    return &*reading_;
}

Result<std::string> Session::configuration_file() const {
    if (options_.config) return *options_.config;
    return directory().map([](const std::string& found) { return found + "/periodic.xml"; });
}

Result<Configuration> Session::configuration() {
    const auto read = reading();
    if (!read) return Failure(read.error());
    const auto errors = first_problems(errors_of((*read)->problems), kMostShown);
    for (std::size_t i = 0; i + 1 < errors.size() && !told_mistakes_; ++i) report(errors[i].error);
    if (!errors.empty()) return Failure(errors.back().error);
    Configuration configuration = (*read)->configuration;
    apply(options_, configuration);
    return configuration;
}

Result<Home> Session::home() {
    const auto found = directory();
    if (!found) return Failure(found.error());
    const auto settings = configuration();
    if (!settings) return Failure(settings.error());
    return resolve_home(*found, *settings);
}

Result<Home> Session::home_of_what_runs() {
    const auto found = directory();
    if (!found) return Failure(found.error());
    const auto read = reading();
    if (!read) return Failure(read.error());
    report_errors((*read)->problems);
    auto home = resolve_home(*found, (*read)->configuration);
    if (home && !(*read)->finds_jobs)
        complain("periodic: <state> and <store> can't be read; looks in " + home->state + '\n');
    return home;
}

Result<TimeZone> Session::zone() {
    const auto settings = configuration();
    if (!settings) return Failure(settings.error());
    return zone_of(*settings);
}

Result<Configuration> Session::configuration_of_jobs() {
    if (sound_) return *sound_;
    const auto read = reading();
    if (!read) return Failure(read.error());
    report_errors((*read)->problems);
    told_mistakes_ = true;
    if (!(*read)->finds_jobs) {
        return failure(ErrorCode::Invalid,
                       "where the jobs are can't be told, as <state> and <store> can't be read",
                       "mend what stands above; 'periodic check' shows all that is wrong");
    }
    Configuration configuration = (*read)->configuration;
    apply(options_, configuration);
    const auto zone = zone_of(configuration);
    if (!zone && !configuration.time_zone.empty()) {
        report(zone.error());
        complain("periodic: times are in UTC\n");
        configuration.time_zone = "UTC";
    }
    sound_ = std::move(configuration);
    return *sound_;
}

Result<Home> Session::home_of_jobs() {
    const auto found = directory();
    if (!found) return Failure(found.error());
    const auto settings = configuration_of_jobs();
    if (!settings) return Failure(settings.error());
    return resolve_home(*found, *settings);
}

Result<TimeZone> Session::zone_of_jobs() {
    const auto settings = configuration_of_jobs();
    if (!settings) return Failure(settings.error());
    return zone_of(*settings);
}

std::vector<Problem> errors_of(std::vector<Problem> problems) {
    std::erase_if(problems, [](const Problem& each) { return each.severity != Severity::Error; });
    return problems;
}

void apply(const GlobalOptions& options, Configuration& configuration) {
    if (options.log_level) configuration.log.level = *log_level_from(*options.log_level);
    if (options.log_format) {
        configuration.log.format =
            *options.log_format == "json" ? LogFormat::Json : LogFormat::Text;
    }
}

Result<TimeZone> zone_of(const Configuration& configuration) {
    auto zone = configuration.time_zone.empty() ? TimeZone::local()
                                                : TimeZone::load(configuration.time_zone);
    if (!zone) {
        zone.error().code = ErrorCode::Invalid;
        if (zone.error().file.empty())
            zone.error().file = configuration.time_zone.empty() ? "" : configuration.file;
    }
    return zone;
}

}  // namespace periodic::cli
