#pragma once

/// @file
/// Taking a home from an executor that hangs, by hand.

#include <cstdint>
#include <string>

#include "periodic/error.hpp"
#include "run/executor_core.hpp"

namespace periodic {

/// What an unlocking did.
struct Unlocking {
    std::string holder{};      ///< who was ended; empty: nobody held the lock
    std::int64_t settled = 0;  ///< orphans
    std::int64_t blocked = 0;  ///< orphans whose programs can't be ended: their groups stay taken
};

/// Whether an executor is ended that still answers.
enum class Force : std::uint8_t { No, Yes };

/// Ends the process that holds the home's lock, waits for the kernel to free it, and settles what
/// it left behind. Plans nothing and starts nothing. Error: Locked if the holder can't be ended, or
/// answers on its control socket and is not to be forced. Throws StorageError.
[[nodiscard]] Result<Unlocking> unlock_home(ExecutorCore& core, Force force);

}  // namespace periodic
