#include "run/executor_core.hpp"

#include <algorithm>
#include <thread>
#include <utility>

#include <unistd.h>

#include "base/file_stamp.hpp"
#include "base/files.hpp"
#include "run/control.hpp"
#include "run/observed_logger.hpp"

namespace periodic {
namespace {

// The first mistake of a configuration; a host or a program has had the chance to show them all.
Result<void> first_error(const std::vector<Problem>& problems) {
    for (const Problem& problem : problems) {
        if (problem.severity == Severity::Error) return Failure(problem.error);
    }
    return {};
}

Result<TimeZone> home_zone(const Configuration& configuration) {
    if (configuration.time_zone.empty()) {
        // TZ is part of how the home is set up: a mistake there is not one of the command line.
        return TimeZone::local().map_error([](Error error) {
            error.code = ErrorCode::Invalid;
            return error;
        });
    }
    return TimeZone::load(configuration.time_zone).map_error([&](Error error) {
        error.code = ErrorCode::Invalid;
        error.file = configuration.file;
        return error;
    });
}

// What was built from it when the process began.
void keep_fixed(const Configuration& now, Configuration& next, std::vector<std::string>& kept) {
    const auto keep = [&kept](const char* element, const auto& old, auto& value) {
        if (old == value) return;
        value = old;
        if (kept.empty() || kept.back() != element) kept.emplace_back(element);
    };
    keep("<state>", now.state, next.state);
    keep("<crontab>", now.crontabs, next.crontabs);
    keep("<tasks>", now.tasks, next.tasks);
    keep("<timeZone>", now.time_zone, next.time_zone);
    keep("<store>", now.store_url, next.store_url);
    keep("<store>", now.delete_journal, next.delete_journal);
    keep("<log>", now.log.file, next.log.file);
    keep("<log>", now.log.level, next.log.level);
    keep("<log>", now.log.format, next.log.format);
    keep("<log>", now.log.max_size, next.log.max_size);
    keep("<log>", now.log.keep, next.log.keep);
}

// As root, nobody else may be able to change what will be executed.
Result<void> check_trust(const Home& home, const Configuration& configuration,
                         ExecutorCore::Use use) {
    if (auto trusted = check_safe_to_execute(home.directory); !trusted) return trusted;
    if (!configuration.file.empty()) {
        if (auto trusted = check_safe_to_execute(configuration.file); !trusted) return trusted;
    }
    if (use == ExecutorCore::Use::Jobs) return {};
    for (const std::string& crontab : home.crontabs) {
        if (::access(crontab.c_str(), F_OK) != 0) continue;
        if (auto trusted = check_safe_to_execute(crontab); !trusted) return trusted;
    }
    return {};
}

}  // namespace

Result<std::unique_ptr<ExecutorCore>> ExecutorCore::open(ExecutorOptions options, Use use) {
    Configuration configuration;
    if (options.configuration) {
        configuration = *options.configuration;
    } else {
        ConfigurationReading reading = read_configuration_file(options.home + "/periodic.xml");
        if (auto sound = first_error(reading.problems); !sound) return Failure(sound.error());
        configuration = std::move(reading.configuration);
    }
    auto home = resolve_home(options.home, configuration);
    if (!home) return Failure(home.error());
    if (auto trusted = check_trust(*home, configuration, use); !trusted)
        return Failure(trusted.error());
    auto zone = home_zone(configuration);
    if (!zone) return Failure(zone.error());
    prepare_state_directory(*home);

    if (!options.logger) {
        LogOptions log = configuration.log;
        log.file = home->log;
        auto logger = make_logger(log);
        if (!logger) return Failure(logger.error());
        options.logger = std::move(*logger);
    }
    if (options.observer) {
        options.logger = std::make_shared<ObservedLogger>(options.logger, options.observer);
    }
    if (!options.clock) options.clock = make_system_clock();
    if (!options.launcher) options.launcher = make_process_launcher({.gate = installed_gate()});
    if (!options.store) options.store = open_sqlite_store(store_options(*home));
    if (options.concurrency <= 0) {
        options.concurrency =
            static_cast<int>(std::clamp(4 * std::thread::hardware_concurrency(), 8U, 64U));
    }
    return std::unique_ptr<ExecutorCore>(
        new ExecutorCore(std::move(options), std::move(configuration), std::move(*home), *zone));
}

ExecutorCore::ExecutorCore(ExecutorOptions options, Configuration configuration, Home home,
                           TimeZone zone)
    : options_(std::move(options)),
      configuration_(std::make_shared<const Configuration>(std::move(configuration))),
      home_(std::move(home)),
      zone_(zone),
      tasks_(std::make_unique<TaskDirectory>(home_.tasks, options_.commands, &read_safe_file,
                                             &stamp_of)),
      crontab_([this] {
          return options_.crontab ? options_.crontab() : Crontab::read(home_.crontabs, zone_);
      }),
      jobs_(*this) {}

std::shared_ptr<const Configuration> ExecutorCore::configuration() const {
    const std::lock_guard guard(configuration_mutex_);
    return configuration_;
}

Result<std::vector<std::string>> ExecutorCore::reconfigure(Configuration configuration) {
    if (!configuration.file.empty()) {
        if (auto trusted = check_safe_to_execute(configuration.file); !trusted)
            return Failure(trusted.error());
    }
    std::vector<std::string> kept;
    const std::lock_guard guard(configuration_mutex_);
    keep_fixed(*configuration_, configuration, kept);
    configuration_ = std::make_shared<const Configuration>(std::move(configuration));
    return kept;
}

void ExecutorCore::set_hearer(Hear hear) {
    const std::lock_guard guard(hearer_mutex_);
    hearer_ = std::move(hear);
}

void ExecutorCore::tell(std::string_view request) {
    {
        const std::lock_guard guard(hearer_mutex_);
        if (hearer_ && hearer_(request)) return;
    }
    tell_holder(home_.state, request);
}

}  // namespace periodic
