#pragma once

/// @file
/// How long a task usually takes, and from when on a run of it is stuck. Pure.

#include <chrono>
#include <optional>
#include <vector>

namespace periodic {

/// After how long a run is taken for stuck: three times the median of the last runs, a minute at
/// least; nullopt with fewer than three runs, which say nothing.
[[nodiscard]] std::optional<std::chrono::milliseconds> stuck_after(
    std::vector<std::chrono::milliseconds> last_runs);

}  // namespace periodic
