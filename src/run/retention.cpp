#include "run/retention.hpp"

namespace periodic {
namespace {

// A batch holds the database for a few milliseconds, also when its pages must be read first.
constexpr int kBatch = 20;

}  // namespace

RetentionPolicy retention_of(ExecutorCore& core, const std::string& name) {
    const auto task = core.tasks().find(name);
    return task ? (*task)->retention.value_or(core.configuration().retention)
                : core.configuration().retention;
}

std::int64_t prune_task(JobStore& store, const std::string& task, const RetentionPolicy& retention,
                        Time now) {
    std::int64_t pruned = 0;
    std::int64_t batch = 0;
    do {
        batch = store.prune(task, retention, now, kBatch);
        pruned += batch;
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

}  // namespace periodic
