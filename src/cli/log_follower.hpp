#pragma once

/// @file
/// A job's log on the terminal while it runs.

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <thread>

#include "cli/progress_line.hpp"
#include "cli/session.hpp"
#include "periodic/jobs.hpp"

namespace periodic::cli {

/// Prints the lines of one job's log as they come, from construction to `finish`, on a thread of
/// its own; nobody else prints meanwhile. Where standard error is a terminal, a line below them
/// shows how far the job is, and one says what it waits for if it is not begun soon. The log is in
/// the store, whoever runs the job.
class LogFollower {
public:
    /// Where the lines go.
    enum class Into : std::uint8_t { Output, Errors };

    /// Begins after the lines that `job` has already, if it has run before.
    LogFollower(Session& session, Jobs& jobs, const Job& job, Into into = Into::Output);
    LogFollower(const LogFollower&) = delete;
    LogFollower& operator=(const LogFollower&) = delete;
    ~LogFollower() = default;

    /// Prints what is left and ends. Throws StorageError.
    void finish();

private:
    void follow(const std::stop_token& stop);
    void print_new_lines();
    void show_state();
    void say_wait(const Job& job);
    [[nodiscard]] std::string line_text(const LogLine& line) const;

    Session& session_;
    Jobs& jobs_;
    const JobId id_;
    const Into into_;
    Clock& clock_;
    std::int64_t last_ = 0;
    std::optional<std::chrono::steady_clock::time_point> queued_since_{};
    bool said_wait_ = false;
    ProgressLine progress_;
    std::jthread thread_{};  // last: it uses the rest
};

}  // namespace periodic::cli
