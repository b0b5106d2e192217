#pragma once

/// @file
/// What an executor is made of, opened once: the home, its store, its tasks, the seams.

#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "periodic/clock.hpp"
#include "periodic/command_registry.hpp"
#include "periodic/configuration.hpp"
#include "periodic/crontab.hpp"
#include "periodic/error.hpp"
#include "periodic/executor.hpp"
#include "periodic/job_store.hpp"
#include "periodic/jobs.hpp"
#include "periodic/logger.hpp"
#include "periodic/process_launcher.hpp"
#include "run/crontab_source.hpp"
#include "run/home.hpp"
#include "task/task_directory.hpp"

namespace periodic {

/// The parts that a run is made with. Owned by the Executor; its parts may be used from any thread:
/// they do not change after `open`, but for the configuration.
class ExecutorCore {
public:
    /// What a home is opened for: everything, or to change its jobs. These don't need a crontab, so
    /// that one that is unsafe keeps nobody from stopping them.
    enum class Use : std::uint8_t { Everything, Jobs };

    /// Opens everything. Error: as Executor::create. Throws StorageError.
    [[nodiscard]] static Result<std::unique_ptr<ExecutorCore>> open(ExecutorOptions options,
                                                                    Use use = Use::Everything);

    ExecutorCore(const ExecutorCore&) = delete;
    ExecutorCore& operator=(const ExecutorCore&) = delete;
    ~ExecutorCore() = default;

    [[nodiscard]] const Home& home() const noexcept { return home_; }
    /// As it is now: what one call answers does not change.
    [[nodiscard]] std::shared_ptr<const Configuration> configuration() const;
    /// Goes on with another one, but for what a process that runs can't change: the elements that
    /// are answered (`<store>`) stay as they are. As root, the file must be safe. From any thread.
    /// Error: Unsafe.
    Result<std::vector<std::string>> reconfigure(Configuration configuration);
    [[nodiscard]] const CommandRegistry& commands() const noexcept { return options_.commands; }
    [[nodiscard]] const std::string& kind() const noexcept { return options_.kind; }
    [[nodiscard]] int concurrency() const noexcept { return options_.concurrency; }
    [[nodiscard]] const std::stop_token& hurry() const noexcept { return options_.hurry; }
    /// Ends this process; empty: that may not be done.
    [[nodiscard]] const std::function<void(const RunReport&)>& exit() const noexcept {
        return options_.exit;
    }
    [[nodiscard]] const TimeZone& zone() const noexcept { return zone_; }
    [[nodiscard]] Clock& clock() const noexcept { return *options_.clock; }
    [[nodiscard]] Logger& logger() const noexcept { return *options_.logger; }
    [[nodiscard]] JobStore& store() const noexcept { return *options_.store; }
    /// nullptr: none.
    [[nodiscard]] RunObserver* observer() const noexcept { return options_.observer.get(); }
    [[nodiscard]] ProcessLauncher& launcher() const noexcept { return *options_.launcher; }
    [[nodiscard]] TaskDirectory& tasks() const noexcept { return *tasks_; }
    [[nodiscard]] Jobs& jobs() noexcept { return jobs_; }

    /// The generation of this executor's latest run, which is over when the next one asks: it may
    /// not be on record as ended if the store broke. Used by the thread that runs.
    [[nodiscard]] std::int64_t own_generation() const noexcept { return own_generation_; }
    void set_own_generation(std::int64_t id) noexcept { own_generation_ = id; }

    [[nodiscard]] CrontabSource& crontab() noexcept { return crontab_; }

    /// How a loop of this process hears what it is told, from any thread; false: it is about to
    /// end.
    using Hear = std::function<bool(std::string_view request)>;
    /// Set by a loop that begins; empty again when it ends.
    void set_hearer(Hear hear);
    /// Tells whoever executes in this home: a loop of this process, or the one that listens on the
    /// control socket. Nobody may; then the next run finds by itself what it is about.
    void tell(std::string_view request);

private:
    ExecutorCore(ExecutorOptions options, Configuration configuration, Home home, TimeZone zone);

    ExecutorOptions options_;
    mutable std::mutex configuration_mutex_;
    std::shared_ptr<const Configuration> configuration_;
    Home home_;
    TimeZone zone_;
    std::unique_ptr<TaskDirectory> tasks_;
    CrontabSource crontab_;
    Jobs jobs_;
    std::int64_t own_generation_ = 0;
    std::mutex hearer_mutex_;
    Hear hearer_;
};

}  // namespace periodic
