#include "run/retention.hpp"

namespace periodic {
namespace {

// A batch holds the database for a few milliseconds.
constexpr int kBatch = 500;

}  // namespace

std::int64_t prune_history(ExecutorCore& core, Time now) {
    std::int64_t pruned = 0;
    for (const std::string& name : core.store().tasks_with_history()) {
        const auto task = core.tasks().find(name);
        const RetentionPolicy retention =
            task ? (*task)->retention.value_or(core.configuration().retention)
                 : core.configuration().retention;
        std::int64_t batch = 0;
        do {
            batch = core.store().prune(name, retention, now, kBatch);
            pruned += batch;
        } while (batch == kBatch);
    }
    return pruned;
}

}  // namespace periodic
