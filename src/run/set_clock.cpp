#include "run/set_clock.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "run/planner.hpp"

namespace periodic {

bool ClockLooks::went_back(Time now) noexcept {
    const auto last = std::exchange(last_, now);
    return last && *last - now >= kPatienceWithClock;
}

bool began_ahead(ExecutorCore& core, Time now) {
    const auto before = core.store().find_generation(core.own_generation() - 1);
    if (!before) return false;
    return std::max(before->started, before->ended.value_or(before->started)) - now >=
           kPatienceWithClock;
}

void heed_set_clock(ExecutorCore& core, Time now, std::string_view by) {
    const auto moved = core.store().set_clock_back(now, now + kPatienceWithClock, by);
    std::string text = "the clock was set back";
    if (moved > 0)
        text += "; times of " + std::to_string(moved) + (moved == 1 ? " job were" : " jobs were") +
                " given by it before, and are moved";
    core.logger().warning(text);
}

}  // namespace periodic
