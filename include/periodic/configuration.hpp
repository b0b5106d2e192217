#pragma once

/// @file
/// The configuration of a home: what `periodic.xml` says, or a host sets in code.

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "periodic/error.hpp"
#include "periodic/logger.hpp"
#include "periodic/task.hpp"

namespace periodic {

/// One pool of the daemon's workers.
struct PoolOptions {
    std::string topic{"default"};
    int static_workers = 2;    ///< 1 to 1024
    int dynamic_workers = 30;  ///< 0 to 1024
    int slots = 1;             ///< jobs at once in one worker, 1 to 1024
    int grow_at = 1;           ///< waiting jobs above which a dynamic worker is added
    int alert_at = 100;
    std::int64_t recycle_jobs = 10'000;
    std::chrono::seconds recycle_after{3600};
    std::uint64_t max_memory = 256U << 20U;  ///< bytes
    std::chrono::seconds idle{60};
};

/// Settings of a home. A default-constructed one is sound. Paths are relative to the home.
struct Configuration {
    std::string file{};  ///< where it was read from; empty: nowhere
    std::string state{"var"};
    std::vector<std::string> crontabs{"crontab"};
    std::string tasks{"tasks"};
    std::string time_zone{};                  ///< empty: TZ, then the system's
    std::chrono::seconds release_after{0};    ///< of the lock; 0: never
    std::string store_url{"sqlite:periodic.db"};  ///< relative to the state directory
    LogOptions log{.file = "periodic.log"};   ///< relative to the state directory
    RetentionPolicy retention{};
    std::vector<PoolOptions> pools{};
};

struct ConfigurationReading {
    Configuration configuration{};
    std::vector<Problem> problems{};
};

/// Reads `periodic.xml`'s text. All mistakes are found at once; what is sound is kept.
[[nodiscard]] ConfigurationReading read_configuration(std::string_view xml, std::string file);

/// Reads the file if it exists; one that does not is a sound, empty configuration.
[[nodiscard]] ConfigurationReading read_configuration_file(const std::string& path);

}  // namespace periodic
