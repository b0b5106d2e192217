#pragma once

/// @file
/// Planning: which jobs the occurrences between an entry's watermark and now become. Pure: no
/// clock, no file, no store.

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "periodic/crontab.hpp"
#include "periodic/job.hpp"
#include "periodic/job_store.hpp"
#include "periodic/task.hpp"

namespace periodic {

/// A clock that went back by less is waited for; one that went back by more is believed.
inline constexpr std::chrono::seconds kPatienceWithClock{3 * 3600};

/// How long after a start of the machine an `@reboot` entry that is seen for the first time runs.
inline constexpr std::chrono::seconds kFreshStart{600};

/// What planning asks of a task, when one of its entries is due: the task, or why it can't run.
using FindTask = std::function<Result<const Task*>(std::string_view name)>;

/// The definition of an entry that is no longer in the crontab, from the store.
using FindDefinition = std::function<std::string(std::int64_t id)>;

struct PlanningInput {
    const Crontab* crontab = nullptr;
    const std::vector<EntryMark>* marks = nullptr;  ///< in order of id
    std::chrono::sys_seconds now{};
    /// Occurrences up to here are planned: now, or up to a second later.
    std::chrono::sys_seconds horizon{};
    std::int64_t start = 0;  ///< identity of this start of the machine
    std::chrono::sys_seconds start_time{};
    std::vector<Pause> pauses{};  ///< that concern what is due: also those that are over
    /// Since when an entry that is new stands in the crontab; nullopt: it begins now.
    std::function<std::optional<std::chrono::sys_seconds>(const CrontabEntry&)> stands_since{};
    FindTask find_task{};
    FindDefinition find_definition{};
};

struct Planning {
    std::vector<EntryPlan> plans{};  ///< entries with something to write, in order of id
    /// The first instant after the horizon at which an entry is due; nullopt: never.
    std::optional<std::chrono::sys_seconds> next_due{};
    std::vector<Error> errors{};  ///< why due tasks can't run
};

/// Plans every entry of the crontab. Reads a task only if one of its entries is due.
[[nodiscard]] Planning plan_entries(const PlanningInput& input);

/// The job of an occurrence of an entry, with what its task says of jobs; for the planner and for
/// those who add jobs by hand.
void apply_task(Job& job, const Task& task);

}  // namespace periodic
