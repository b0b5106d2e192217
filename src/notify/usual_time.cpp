#include "notify/usual_time.hpp"

#include <algorithm>

namespace periodic {

std::optional<std::chrono::milliseconds> stuck_after(
    std::vector<std::chrono::milliseconds> last_runs) {
    if (last_runs.size() < 3) return std::nullopt;
    const auto middle = last_runs.begin() + static_cast<std::ptrdiff_t>(last_runs.size() / 2);
    std::nth_element(last_runs.begin(), middle, last_runs.end());
    return std::max<std::chrono::milliseconds>(3 * *middle, std::chrono::minutes(1));
}

}  // namespace periodic
