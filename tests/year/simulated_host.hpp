#pragma once

/// @file
/// Attempts that take simulated time and do nothing.

#include <chrono>
#include <optional>
#include <string>
#include <vector>

#include "support/host_in_memory.hpp"

namespace periodic::testing {

/// A job takes as many seconds as its parameter `takes` says, on the clock that never jumps, and
/// fails if it has a parameter `fails`. Used by one thread.
class SimulatedHost final : public HostInMemory {
public:
    SimulatedHost(const HostParts& parts, int slots) : HostInMemory(parts), slots_(slots) {}

    void look(Time now) override {
        const auto steady = parts().core.clock().steady_now();
        for (std::size_t i = 0; i < running().size();) {
            const RunningAttempt& attempt = running()[i];
            if (ends_[i] > steady && attempt.control->asked() == Reason::None) {
                ++i;
                continue;
            }
            const bool fails = attempt.job.parameters.contains("fails");
            end(i, fails ? AttemptResult::Failed : AttemptResult::Succeeded, now);
            ends_.erase(ends_.begin() + static_cast<std::ptrdiff_t>(i));
        }
    }

    [[nodiscard]] std::optional<Time> next_look(Time now) override {
        std::optional<Time> next;
        const auto steady = parts().core.clock().steady_now();
        for (const auto end : ends_) {
            const Time at = now + std::chrono::ceil<std::chrono::milliseconds>(end - steady);
            if (!next || at < *next) next = at;
        }
        return next;
    }

    [[nodiscard]] std::vector<FreeSlots> free_slots() override {
        return slots(static_cast<std::size_t>(slots_) - running().size());
    }

    void start(const std::vector<Job>& claimed, Time now) override {
        for (const Job& job : claimed) {
            const auto takes = job.parameters.find("takes");
            const int seconds = takes == job.parameters.end() ? 0 : std::stoi(takes->second.text);
            ends_.push_back(parts().core.clock().steady_now() + std::chrono::seconds(seconds));
            begin(job, now);
        }
    }

private:
    int slots_;
    std::vector<std::chrono::steady_clock::time_point> ends_;  ///< of each that runs
};

}  // namespace periodic::testing
