#pragma once

/// @file
/// Deleting old jobs, in small batches, as their tasks say.

#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "periodic/clock.hpp"
#include "periodic/job.hpp"
#include "periodic/job_store.hpp"
#include "run/executor_core.hpp"

namespace periodic {

/// How long the jobs of a task are kept: as it says, or as the home does if it does not load.
[[nodiscard]] RetentionPolicy retention_of(ExecutorCore& core, const std::string& name);

/// Deletes the final jobs of a task beyond its retention, batch by batch; `progress`, if there is
/// one, hears how many they are so far. Answers how many. Throws StorageError.
std::int64_t prune_task(JobStore& store, const std::string& task, const RetentionPolicy& retention,
                        Time now, const std::function<void(std::int64_t)>& progress = {});

/// The time by which jobs are old: now, or earlier if nobody knows that it is so late. A clock that
/// jumped ahead by a year makes everything old at once; so it counts only once executors have lived
/// by it for half a day. Until then the last one before that is believed, and a week more, and what
/// this one has `lived` by the clock that can't be set.
[[nodiscard]] Time believed_time(ExecutorCore& core, Time now,
                                 std::chrono::steady_clock::duration lived);

/// Prunes every task's final jobs beyond its retention, or the home's. Answers how many were
/// deleted. Throws StorageError.
std::int64_t prune_history(ExecutorCore& core, Time now);

/// The same in small steps, for those who live long and let nobody wait. Used by one thread.
class PruningRound {
public:
    /// Prunes one batch, if one is due (`lived`: as for `believed_time`); false if there is nothing
    /// to do for now. Throws StorageError.
    bool step(ExecutorCore& core, Time now, std::chrono::steady_clock::duration lived);

    /// A job has ended: the next round is not long in coming. Without work there is one a day, as
    /// jobs also grow old.
    void note_work(Time now) noexcept;

    /// When the next round begins; `now` while one is under way.
    [[nodiscard]] Time next(Time now) const noexcept { return tasks_.empty() ? begins_ : now; }

private:
    Time begins_{};
    Time believed_{};                   ///< in this round
    std::vector<std::string> tasks_{};  ///< still to be pruned in this round
};

}  // namespace periodic
