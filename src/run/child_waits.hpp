#pragma once

/// @file
/// Which running jobs wait for jobs that they have queued.

#include <cstddef>
#include <functional>
#include <map>
#include <mutex>
#include <string>
#include <utility>
#include <vector>

#include "periodic/error.hpp"
#include "periodic/job.hpp"
#include "periodic/job_store.hpp"

namespace periodic {

/// The longest chain of jobs of which each waits for the next.
inline constexpr std::size_t kLongestChain = 16;

/// Knows who waits for whom, and refuses a wait that could never end: for a job that needs a group,
/// or a place within its task's concurrency, that is held by those who would wait for it. May be
/// used from any thread.
class ChildWaits {
public:
    /// `changed` is called when a wait has begun, so that the executor gives the slot away.
    ChildWaits(JobStore& store, std::function<void()> changed)
        : store_(store), changed_(std::move(changed)) {}

    /// A wait, for as long as it lives. Belongs to the thread that waits.
    class Wait {
    public:
        Wait(ChildWaits& waits, JobId parent) noexcept : waits_(&waits), parent_(parent) {}
        Wait(Wait&& other) noexcept
            : waits_(std::exchange(other.waits_, nullptr)), parent_(other.parent_) {}
        Wait& operator=(Wait&&) = delete;
        Wait(const Wait&) = delete;
        Wait& operator=(const Wait&) = delete;
        ~Wait() {
            if (waits_ != nullptr) waits_->end(parent_);
        }

    private:
        ChildWaits* waits_;
        JobId parent_;
    };

    /// A running job begins to wait for another. Error: Conflict, saying what would never come
    /// free. Throws StorageError.
    [[nodiscard]] Result<Wait> begin(const Job& parent, const Job& child, Time now);

    /// How many jobs wait.
    [[nodiscard]] std::size_t count() const;
    /// The jobs that are waited for.
    [[nodiscard]] std::vector<JobId> awaited() const;

private:
    struct Pair {
        Job parent{};
        JobId child = 0;
    };

    /// What was found out about jobs so far: why each never becomes free; empty if it does.
    using Verdicts = std::map<JobId, std::string>;

    void end(JobId parent);
    // The lock is held in all of these.
    [[nodiscard]] std::size_t chain_above(JobId job) const;
    [[nodiscard]] std::string why_never(const Job& child, const Job& parent, Time now,
                                        Verdicts& verdicts) const;
    [[nodiscard]] std::string never_free(const Job& child, const Job& parent, Time now,
                                         Verdicts& verdicts) const;
    [[nodiscard]] bool never_ends(const Job& holder, const Job& parent, Time now,
                                  Verdicts& verdicts) const;

    JobStore& store_;
    std::function<void()> changed_;
    mutable std::mutex mutex_;
    std::map<JobId, Pair> waits_;  // by parent
};

}  // namespace periodic
