#pragma once

/// @file
/// What a pause covers: pure, so that every store means the same by it.

#include <string>
#include <vector>

#include "periodic/job_store.hpp"

namespace periodic {

/// What is paused at one instant.
class Paused {
public:
    Paused() = default;
    /// Takes those of the pauses that hold then.
    Paused(const std::vector<Pause>& pauses, Time at);

    [[nodiscard]] bool nothing() const noexcept { return scopes_.empty(); }
    [[nodiscard]] bool all() const noexcept { return has(PauseScope::Kind::All, ""); }
    [[nodiscard]] bool topic(const std::string& topic) const noexcept {
        return has(PauseScope::Kind::Topic, topic);
    }
    /// Whether a job of this task and group, which may be empty, is held by a pause of these.
    [[nodiscard]] bool task_or_group(const std::string& task,
                                     const std::string& group) const noexcept {
        return has(PauseScope::Kind::Task, task) || has(PauseScope::Kind::Group, group);
    }
    [[nodiscard]] bool holds(const Job& job) const noexcept {
        return !nothing() && (all() || topic(job.topic) || task_or_group(job.task, job.group));
    }

private:
    [[nodiscard]] bool has(PauseScope::Kind kind, const std::string& name) const noexcept;

    std::vector<PauseScope> scopes_{};
};

/// Whether a pause holds at a time or later.
[[nodiscard]] bool holds_from(const Pause& pause, Time at) noexcept;

}  // namespace periodic
