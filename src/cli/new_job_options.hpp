#pragma once

/// @file
/// What people say of a job that they add, whether it is queued or run at once.

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "cli/arguments.hpp"
#include "cli/session.hpp"
#include "periodic/jobs.hpp"

namespace periodic::cli {

/// The options that `job add` and `run TASK` share.
class NewJobOptions {
public:
    /// `arguments` must not outlive this.
    void declare(Arguments& arguments);

    /// The first that was given, as it is written (`--key`); empty if there is none.
    [[nodiscard]] std::string first_given() const;

    /// Error: Usage.
    [[nodiscard]] Result<JobOptions> read() const;

    /// The job that had the key before `begun`, which was answered instead of a new one: people are
    /// told that. nullopt if the job was added.
    [[nodiscard]] std::optional<Job> tell_older(Session& session, const Jobs& jobs, JobId id,
                                                Time begun) const;

private:
    std::optional<std::string> key_{}, group_{}, comment_{};
    std::optional<std::int64_t> priority_{};
    std::optional<std::chrono::seconds> interval_{};
    std::vector<std::string> attributes_{};
};

}  // namespace periodic::cli
