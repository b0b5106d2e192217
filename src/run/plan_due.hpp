#pragma once

/// @file
/// One planning of a home: reads the crontab and the watermarks, plans, and writes the plan.

#include <chrono>
#include <optional>
#include <string_view>
#include <vector>

#include "periodic/clock.hpp"
#include "periodic/error.hpp"
#include "periodic/job_store.hpp"
#include "run/executor_core.hpp"
#include "run/planner.hpp"

namespace periodic {

/// What a planning did.
struct PlanRound {
    PlanResult result{};
    bool clock_was_ahead = false;  ///< when entries were planned before
    std::optional<std::chrono::sys_seconds> next_due{};
    std::vector<Problem> problems{};  ///< lines and tasks that are broken
};

/// Plans in memory only: nothing is written. `crontab` must outlive the result.
[[nodiscard]] Planning plan_in_memory(ExecutorCore& core, const Crontab& crontab, Time now,
                                      std::chrono::seconds ahead);

/// Plans what is due up to `now` + `ahead` and writes it in one transaction. Throws StorageError.
[[nodiscard]] PlanRound plan_due(ExecutorCore& core, Time now, std::chrono::seconds ahead,
                                 std::string_view by);

}  // namespace periodic
