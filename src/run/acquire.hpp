#pragma once

/// @file
/// Becoming the executor of a home.

#include <optional>
#include <string>

#include "run/executor_core.hpp"
#include "run/lock.hpp"

namespace periodic {

/// The lock with a generation on record, or who has it.
struct Acquisition {
    std::optional<Lock> lock{};
    LockOwner owner{};  ///< of the lock: this process, or the one that holds it
};

/// Takes the home's lock and puts a new generation on record. If another process holds it, wakes
/// that one and answers it; a holder that is about to end is waited for. A holder whose heartbeat
/// is older than the configured `releaseAfter`, and that has none when it is woken, is ended first.
/// Throws StorageError.
[[nodiscard]] Acquisition acquire_home(ExecutorCore& core);

/// Who executes in this home now; nullopt if nobody does. Looks at the store too, as the lock's
/// file may have been removed.
[[nodiscard]] std::optional<LockOwner> current_owner(ExecutorCore& core);

}  // namespace periodic
