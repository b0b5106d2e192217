#pragma once

/// @file
/// A job's log on the terminal while it runs.

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <thread>

#include "cli/session.hpp"
#include "periodic/jobs.hpp"

namespace periodic::cli {

/// Prints the lines of one job's log as they come, from construction to `finish`, on a thread of
/// its own; nobody else prints meanwhile. The log is in the store, whoever runs the job.
class LogFollower {
public:
    LogFollower(Session& session, Jobs& jobs, JobId id);
    LogFollower(const LogFollower&) = delete;
    LogFollower& operator=(const LogFollower&) = delete;
    ~LogFollower();

    /// Prints what is left and ends. Throws StorageError.
    void finish();

private:
    void follow();
    void print_new_lines();

    Session& session_;
    Jobs& jobs_;
    const JobId id_;
    std::int64_t last_ = 0;
    std::mutex mutex_{};
    std::condition_variable changed_{};
    bool ending_ = false;
    std::thread thread_{};
};

}  // namespace periodic::cli
