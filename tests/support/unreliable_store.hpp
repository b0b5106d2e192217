#pragma once

#include <chrono>
#include <optional>
#include <random>
#include <thread>
#include <type_traits>
#include <utility>

#include "support/forwarding_store.hpp"

namespace periodic::testing {

/// A store as over a bad line: a call may come late, not at all, or have its answer lost, so that
/// the caller can't tell whether it happened. For one thread.
class UnreliableStore final : public ForwardingStore {
public:
    /// What becomes of a call.
    enum class Fate { Answered, Delayed, Failed, AnswerLost };

    UnreliableStore(std::shared_ptr<JobStore> inner, unsigned seed)
        : ForwardingStore(std::move(inner)), random_(seed) {}

    /// The fate of the next call; after that they are random again.
    void next(Fate fate) { next_ = fate; }
    /// One call in so many goes wrong; 0: none but `next`.
    void trouble(int one_in) { one_in_ = one_in; }
    [[nodiscard]] int troubles() const noexcept { return troubles_; }

    PlanResult plan(const std::vector<EntryPlan>& plans, Time now, std::string_view by) override {
        return through([&] { return ForwardingStore::plan(plans, now, by); });
    }
    Job add(const Job& job, std::string_view by) override {
        return through([&] { return ForwardingStore::add(job, by); });
    }
    std::vector<JobId> add_all(const std::vector<Job>& jobs, std::string_view by) override {
        return through([&] { return ForwardingStore::add_all(jobs, by); });
    }
    TurnResult turn(const Turn& turn) override {
        return through([&] { return ForwardingStore::turn(turn); });
    }
    std::vector<JobChanged> change(const std::vector<JobChange>& changes, Time now) override {
        return through([&] { return ForwardingStore::change(changes, now); });
    }
    std::vector<Job> running_of(std::int64_t owner) override {
        return through([&] { return ForwardingStore::running_of(owner); });
    }
    bool resume(const PauseScope& scope, Time now, std::string_view by) override {
        return through([&] { return ForwardingStore::resume(scope, now, by); });
    }
    void pause(const Pause& pause) override {
        through([&] {
            ForwardingStore::pause(pause);
            return true;
        });
    }
    std::int64_t prune(std::string_view task, const RetentionPolicy& retention, Time now,
                       int limit) override {
        return through([&] { return ForwardingStore::prune(task, retention, now, limit); });
    }

private:
    template <class Call>
    std::invoke_result_t<Call&> through(Call call) {
        const Fate fate = next_ ? *std::exchange(next_, std::nullopt) : random_fate();
        if (fate == Fate::Delayed) std::this_thread::sleep_for(std::chrono::microseconds(200));
        if (fate == Fate::Failed) lose(StorageError::Kind::Busy, "the store did not hear");
        auto answer = call();
        if (fate == Fate::AnswerLost) lose(StorageError::Kind::Other, "the answer was lost");
        return answer;
    }

    Fate random_fate() {
        if (one_in_ == 0 || std::uniform_int_distribution(1, one_in_)(random_) != 1)
            return Fate::Answered;
        return static_cast<Fate>(std::uniform_int_distribution(1, 3)(random_));
    }

    [[noreturn]] void lose(StorageError::Kind kind, const char* message) {
        ++troubles_;
        throw StorageError(kind, message);
    }

    std::mt19937 random_;
    std::optional<Fate> next_{};
    int one_in_ = 0;
    int troubles_ = 0;
};

}  // namespace periodic::testing
