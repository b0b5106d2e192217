#include "cli/first_wait_clock.hpp"

#include <system_error>
#include <utility>

namespace periodic::cli {

Clock::Wake FirstWaitClock::wait_until(Time deadline, std::stop_token stop) {
    if (told_) {
        try {
            told_();
            told_ = {};
        } catch (const std::system_error&) {
            // As the class says.
        }
    }
    return clock_->wait_until(deadline, std::move(stop));
}

}  // namespace periodic::cli
