#include "run/retention.hpp"

#include <algorithm>
#include <chrono>
#include <optional>

namespace periodic {
namespace {

// A batch holds the database for a few milliseconds, also when its pages must be read first.
constexpr int kBatch = 20;
// From one round to the next: while there is work, and without.
constexpr std::chrono::minutes kAfterWork{10};
constexpr std::chrono::hours kWithoutWork{24};

// A clock that so many hours of executors agree with is right.
constexpr std::chrono::hours kAgreement{12};
// How long a machine may well be off.
constexpr std::chrono::hours kAbsence{24 * 8};

// The latest start of an executor up to a time. Starts follow their numbers, but for clocks that
// were set.
std::optional<Time> last_start(JobStore& store, std::int64_t own, Time until) {
    std::optional<Time> found;
    std::int64_t low = std::max<std::int64_t>(own - kGenerationsKept, 0);
    std::int64_t high = own;  // its start is not later than `until`, or nobody's is
    while (low < high) {
        const std::int64_t middle = low + (high - low) / 2 + 1;
        const auto generation = store.find_generation(middle);
        if (!generation || generation->started <= until) {
            if (generation) found = generation->started;
            low = middle;
        } else {
            high = middle - 1;
        }
    }
    return found;
}

}  // namespace

Time believed_time(ExecutorCore& core, Time now, std::chrono::steady_clock::duration lived) {
    const auto last = last_start(core.store(), core.own_generation(), now - kAgreement);
    const auto own = std::chrono::floor<std::chrono::milliseconds>(lived);
    return last ? std::min<Time>(now, *last + kAbsence + own) : now;
}

RetentionPolicy retention_of(ExecutorCore& core, const std::string& name) {
    const auto task = core.tasks().find(name);
    const RetentionPolicy otherwise = core.configuration()->retention;
    return task ? (*task)->retention.value_or(otherwise) : otherwise;
}

std::int64_t prune_task(JobStore& store, const std::string& task, const RetentionPolicy& retention,
                        Time now, const std::function<void(std::int64_t)>& progress) {
    std::int64_t pruned = 0;
    std::int64_t batch = 0;
    do {
        batch = store.prune(task, retention, now, kBatch);
        pruned += batch;
        if (progress) progress(pruned);
    } while (batch == kBatch);
    return pruned;
}

std::int64_t prune_history(ExecutorCore& core, Time now) {
    std::int64_t pruned = 0;
    for (const std::string& name : core.store().tasks_with_history()) {
        pruned += prune_task(core.store(), name, retention_of(core, name), now);
    }
    return pruned;
}

void PruningRound::note_work(Time now) noexcept {
    begins_ = std::min<Time>(begins_, now + kAfterWork);
}

bool PruningRound::step(ExecutorCore& core, Time now, std::chrono::steady_clock::duration lived) {
    if (tasks_.empty()) {
        // A clock that was set back makes a round early, not late by as much.
        if (now < begins_ && begins_ - now <= kWithoutWork) return false;
        begins_ = now + kWithoutWork;
        tasks_ = core.store().tasks_with_history();
        if (!tasks_.empty()) believed_ = believed_time(core, now, lived);
        return !tasks_.empty();
    }
    const std::string& task = tasks_.back();
    if (core.store().prune(task, retention_of(core, task), believed_, kBatch) < kBatch)
        tasks_.pop_back();
    return true;
}

}  // namespace periodic
