#pragma once

/// @file
/// Results on their way to the store: kept in memory until the store has taken them.

#include <cstddef>
#include <cstdint>
#include <deque>
#include <exception>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "periodic/clock.hpp"
#include "periodic/job_store.hpp"

namespace periodic {

/// Collects live updates and settlements and writes them in turns. A turn is begun, is on its way
/// to the disk while the next one is carried out, and is answered in order when it is durable.
///
/// When the disk is full what waits stays here, and is tried again each second; what a turn has
/// written whose answer was lost is not written twice, and what it has claimed is found. Used by
/// one thread.
class Outbox {
public:
    /// What an outbox is told by its executor.
    struct Executor {
        std::int64_t generation = 0;
        /// Whether a claimed job runs, as far as the executor knows.
        std::function<bool(JobId)> runs{};
        /// Frees space when the disk is full, once for each time that it fills; may be empty.
        std::function<void()> relief{};
        /// A turn has landed: `take_kept` has something to say. From any thread; may be empty.
        std::function<void()> landed{};
    };

    Outbox(JobStore& store, Executor executor) : store_(store), executor_(std::move(executor)) {}
    Outbox(const Outbox&) = delete;
    Outbox& operator=(const Outbox&) = delete;
    /// Waits for turns that are on their way.
    ~Outbox();

    void add(LiveUpdate update) { waiting_.updates.push_back(std::move(update)); }
    void add(Settlement settlement) { waiting_.settlements.push_back(std::move(settlement)); }

    /// Whether there is nothing to write.
    [[nodiscard]] bool empty() const noexcept {
        return waiting_.updates.empty() && waiting_.settlements.empty();
    }
    /// Whether there is nothing to write and nothing on its way.
    [[nodiscard]] bool is_idle() const noexcept { return empty() && flights_.empty(); }

    /// What one turn did.
    struct Committed {
        TurnResult
            result{};  ///< claimed also has the jobs of an earlier turn whose answer was lost
        std::vector<Settlement> settlements{};  ///< those that are written now, late ones too
    };

    /// How a turn is to be written.
    struct How {
        bool early = false;    ///< the time of the claims is still to come (Turn::early)
        bool at_once = false;  ///< it is durable when this returns
    };

    /// Begins to write all that waits and claims, if asked to; answers how many jobs that claimed.
    /// nullopt if the store did not take it, or if it is too early to try again: then nothing was
    /// claimed, and all waits on. Precondition: has_room().
    [[nodiscard]] std::optional<std::size_t> begin(std::vector<ClaimRequest> claims, Time now,
                                                   How how);
    /// Whether another turn may be begun: while one is on its way to the disk the next is carried
    /// out, and no more, so that a slow disk gets large turns.
    [[nodiscard]] bool has_room() const noexcept { return flights_.size() < 2; }

    /// What has become durable since the last call, in order. Where a turn could not be made so, it
    /// and all after it wait again, and the store counts as broken.
    [[nodiscard]] std::vector<Committed> take_kept(Time now);

    /// Waits until nothing is on its way any more.
    void land() const;

    /// The workers of the jobs that were claimed by turns on their way.
    [[nodiscard]] std::vector<std::int64_t> claiming() const;

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
    /// The jobs whose results are not in the store, as far as is known.
    [[nodiscard]] std::vector<JobId> unsettled() const;

private:
    struct Flight;

    void refused(const StorageError& error, Time now);
    void reconcile();
    void take_back(std::exception_ptr error, Time now);

    JobStore& store_;
    Executor executor_;
    Turn waiting_{};
    Committed found_{};  ///< what a turn did whose answer was lost
    std::deque<std::shared_ptr<Flight>> flights_{};
    std::optional<Time> broken_since_{};
    Time retry_at_{};
    std::optional<StorageError> problem_{};
};

}  // namespace periodic
