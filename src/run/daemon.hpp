#pragma once

/// @file
/// The daemon: an executor that lives on, keeps what it has read, and can be asked.

#include <chrono>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "base/directory_watch.hpp"
#include "base/service_notice.hpp"
#include "run/acquire.hpp"
#include "run/attempt_host.hpp"
#include "run/executor_core.hpp"
#include "run/loop_listener.hpp"

namespace periodic {

/// How the end of a generation is put on record that a person asked for, and not a signal; what it
/// has left follows.
inline constexpr std::string_view kStoppedByRequest = "stopped by request";

/// How a daemon runs.
struct DaemonOptions {
    /// How long running jobs may go on after a stop, before they are asked to end.
    std::chrono::seconds stop_within{30};
    std::stop_token stop{};   ///< ends it, as the request `stop` does
    std::stop_token hurry{};  ///< goes on to the next step of that, as a second `stop` does
    MakeHost host{};          ///< of what its jobs run in; none: threads of this process
    /// Reads the configuration as its file is now; none: it stays as it was at the start.
    std::function<ConfigurationReading()> configuration{};
    std::string configuration_file{};  ///< that is watched; empty: none
    std::function<void()> ready{};     ///< it has the home and has planned for the first time
    /// The lock is held by one that is no daemon, which was asked to give it up: called once.
    std::function<void(const std::string& holder)> waits{};
};

/// One daemon. Its thread is the one that calls `run`.
class Daemon final : private LoopListener {
public:
    Daemon(ExecutorCore& core, DaemonOptions options);
    Daemon(const Daemon&) = delete;
    Daemon& operator=(const Daemon&) = delete;
    ~Daemon() override;

    /// Takes the home, waiting for one that is no daemon to give it up, and runs until it is asked
    /// to stop. Error: Locked, naming the daemon that has the home. Throws StorageError if the
    /// store can't be used at the beginning, or takes no results at the end.
    Result<RunReport> run();

    struct Reloaded {
        std::vector<Problem> mistakes{};  ///< the files that have them stay as they were
        std::vector<std::string> kept{};  ///< changed elements that want a restart
    };
    /// Reads configuration and crontab anew. May be called from any thread.
    Reloaded reload(std::string_view by);

private:
    void on_ready() override;
    [[nodiscard]] std::string end_reason() const override;
    void on_problems(const std::vector<Problem>& problems) override;
    Answer on_request(std::string_view request, const LoopState& state) override;
    [[nodiscard]] Result<std::optional<Acquisition>> take_home();
    void tell_of_death(std::int64_t own_generation);
    void watch_files();
    void feed_watchdog(const std::stop_token& over);
    void log_mistakes(const std::vector<Problem>& problems, std::string_view what);
    [[nodiscard]] std::string status(const LoopState& state) const;
    [[nodiscard]] std::string stop();
    [[nodiscard]] std::string reload_text(std::string_view by);
    void reconfigure(Reloaded& reloaded);

    ExecutorCore& core_;
    DaemonOptions options_;
    ServiceNotice notice_;
    std::stop_source stop_;   ///< by a request or by options_.stop
    std::stop_source hurry_;  ///< likewise
    bool requested_ = false;  ///< by a request; the loop's thread alone
    std::mutex mutex_;
    std::vector<Problem> known_;  ///< mistakes that were logged
    std::unique_ptr<DirectoryWatch> watch_;
    std::unique_ptr<DirectoryWatch> state_watch_;
    std::jthread watchdog_;  // last: it uses the rest
};

}  // namespace periodic
