#pragma once

/// @file
/// A clock that was far ahead and was set back: times in the store that it gave.

#include <optional>
#include <string_view>

#include "periodic/clock.hpp"
#include "run/executor_core.hpp"

namespace periodic {

/// Tells, from one look at the clock to the next, whether it went back by what is not waited for.
/// Used by one thread.
class ClockLooks {
public:
    [[nodiscard]] bool went_back(Time now) noexcept;

private:
    std::optional<Time> last_;
};

/// Whether the executor before this one began or ended far ahead of now.
[[nodiscard]] bool began_ahead(ExecutorCore& core, Time now);

/// Lets jobs whose time is of the clock that was ahead begin as they were to: an event of each, and
/// a warning. Throws StorageError.
void heed_set_clock(ExecutorCore& core, Time now, std::string_view by);

}  // namespace periodic
