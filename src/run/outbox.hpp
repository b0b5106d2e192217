#pragma once

/// @file
/// Results on their way to the store: kept in memory until the store has taken them.

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "periodic/clock.hpp"
#include "periodic/job_store.hpp"

namespace periodic {

/// Collects live updates and settlements and writes them in one turn. When the disk is full they
/// wait here, and are tried again each second; what a turn has written whose answer was lost is not
/// written twice, and what it has claimed is found. Used by one thread.
class Outbox {
public:
    /// What an outbox is told by its executor.
    struct Executor {
        std::int64_t generation = 0;
        /// Whether a claimed job runs, as far as the executor knows.
        std::function<bool(JobId)> runs{};
        /// Frees space when the disk is full, once for each time that it fills; may be empty.
        std::function<void()> relief{};
    };

    Outbox(JobStore& store, Executor executor) : store_(store), executor_(std::move(executor)) {}

    void add(LiveUpdate update) { waiting_.updates.push_back(std::move(update)); }
    void add(Settlement settlement) { waiting_.settlements.push_back(std::move(settlement)); }

    /// Whether there is something to write.
    [[nodiscard]] bool empty() const noexcept {
        return waiting_.updates.empty() && waiting_.settlements.empty();
    }

    /// What one commit did.
    struct Committed {
        TurnResult
            result{};  ///< claimed also has the jobs of an earlier turn whose answer was lost
        std::vector<Settlement> settlements{};  ///< those that are written now, late ones too
    };

    /// Writes all that waits and claims, if asked to. nullopt if the store did not take it, or if
    /// it is too early to try again: then nothing was claimed, and all waits on. `early`: the time
    /// of the claims is still to come (Turn::early).
    [[nodiscard]] std::optional<Committed> commit(std::vector<ClaimRequest> claims, Time now,
                                                  bool early = false);

    /// Since when the store has refused; nullopt while it is sound.
    [[nodiscard]] std::optional<Time> broken_since() const noexcept { return broken_since_; }
    /// Whether nothing may be claimed: what waits comes first, or it is too early to try again.
    [[nodiscard]] bool holds_back(Time now) const noexcept {
        return broken_since_ && (!empty() || now < retry_at_);
    }
    /// When the next try makes sense.
    [[nodiscard]] Time retry_at() const noexcept { return retry_at_; }
    /// What the store said last.
    [[nodiscard]] const std::optional<StorageError>& problem() const noexcept { return problem_; }
    /// The jobs whose results are not in the store.
    [[nodiscard]] std::vector<JobId> unsettled() const;

private:
    void refused(const StorageError& error, Time now);
    void reconcile();

    JobStore& store_;
    Executor executor_;
    Turn waiting_{};
    Committed found_{};  ///< what a turn did whose answer was lost
    std::optional<Time> broken_since_{};
    Time retry_at_{};
    std::optional<StorageError> problem_{};
};

}  // namespace periodic
