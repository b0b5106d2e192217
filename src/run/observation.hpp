#pragma once

/// @file
/// The time in which an observer is told of a run.

#include <exception>
#include <memory>

#include "periodic/run_observer.hpp"
#include "run/executor_core.hpp"

namespace periodic {

/// Tells an observer, if there is one, of a run's end.
inline void end_observation(RunObserver* observer) noexcept {
    if (observer == nullptr) return;
    try {
        observer->end();
    } catch (const std::exception&) {
        // The run itself is over, or ends by an exception that says more.
    }
}

/// Tells the executor's observer, if it has one, of a run's begin, and of its end however that
/// comes. It lives longer than the run's lock: an end may wait.
class Observation {
public:
    explicit Observation(ExecutorCore& core)
        : observer_(core.observer()), configuration_(core.configuration()) {
        if (observer_ == nullptr) return;
        observer_->begin({.store = core.store(),
                          .clock = core.clock(),
                          .logger = core.logger(),
                          .launcher = core.launcher(),
                          .configuration = *configuration_,
                          .home = core.home().directory,
                          .state = core.home().state});
    }
    Observation(const Observation&) = delete;
    Observation& operator=(const Observation&) = delete;
    ~Observation() { end_observation(observer_); }

private:
    RunObserver* observer_;
    std::shared_ptr<const Configuration> configuration_;  // the observer may keep looking at it
};

}  // namespace periodic
