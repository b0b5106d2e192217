#pragma once

/// @file
/// Finds everything that can be wrong with a home, without running anything.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "periodic/command_registry.hpp"
#include "periodic/configuration.hpp"
#include "periodic/crontab.hpp"
#include "periodic/error.hpp"
#include "periodic/task.hpp"
#include "periodic/time_zone.hpp"
#include "run/home.hpp"

namespace periodic::cli {

/// Goes through a home in the order in which a run would meet its parts; each part adds to the
/// findings, and what is sound is used for the parts that follow. Used by one thread.
class Checkup {
public:
    struct Result {
        std::vector<Problem> problems{};
        std::size_t entries = 0;
        std::size_t tasks = 0;
    };

    Checkup(std::string directory, const CommandRegistry& commands)
        : directory_(std::move(directory)), commands_(commands) {}

    /// Checks all. Changes nothing but what opening a store changes. Throws nothing but
    /// std::bad_alloc.
    [[nodiscard]] Result run(const ConfigurationReading& reading);

private:
    using Excerpts = std::map<std::uint32_t, std::vector<std::string>>;

    void check_trust(const Home& home, const Configuration& configuration);
    void check_secrets(const Configuration& configuration);
    void check_aliases(const Configuration& configuration);
    void check_state(const Home& home);
    void check_store(const Home& home);
    void check_tasks(const Home& home);
    void check_strays(const std::string& tasks);
    void check_task(const Task& task);
    void check_crontab(const Home& home, const TimeZone& zone);
    void check_below_bad_zones(const Crontab& crontab, const TimeZone& zone);
    void check_entry(const Crontab& crontab, const CrontabEntry& entry);

    void add(Error error, Severity severity = Severity::Error);
    void add_unsafe(Error error);
    void warn(const std::string& file, std::string message, std::string hint);
    void add_at(const Crontab& crontab, const CrontabEntry& entry, std::uint32_t column,
                Error error);
    [[nodiscard]] std::string line_of(const Crontab& crontab, const CrontabEntry& entry);

    std::string directory_;
    const CommandRegistry& commands_;
    Result result_{};
    std::map<std::string, std::optional<Task>, std::less<>> tasks_{};  // none: its file is broken
    Excerpts lines_{};
};

}  // namespace periodic::cli
