#pragma once

/// @file
/// Which job a step by hand takes next.

#include <optional>
#include <set>
#include <string>
#include <vector>

#include "periodic/clock.hpp"
#include "periodic/executor.hpp"
#include "periodic/job.hpp"
#include "run/executor_core.hpp"

namespace periodic {

/// Chooses among the queued and idle jobs that nothing holds back: by the rules of a step, else the
/// highest priority, then the oldest by id (the newest with `latest`). Each job is chosen once.
/// Used by one thread.
class StepChoice {
public:
    StepChoice(ExecutorCore& core, const StepOptions& options) : core_(core), options_(options) {}

    /// The next one; none if there is none any more.
    [[nodiscard]] std::optional<Job> next(Time now);

    /// The jobs of this step that were begun, in order.
    void note_begun(JobId id) { begun_.push_back(id); }
    [[nodiscard]] const std::vector<JobId>& begun() const noexcept { return begun_; }

private:
    enum class Order : std::uint8_t { Oldest, Newest, PriorityThenOldest, PriorityThenNewest };

    [[nodiscard]] std::optional<Job> best(const std::string& phase, Order order, Time now) const;

    ExecutorCore& core_;
    const StepOptions& options_;
    std::set<JobId> chosen_;
    std::vector<JobId> begun_;
};

}  // namespace periodic
