#pragma once

/// @file
/// Runs what is due, behind the back of the requests.

#include <condition_variable>
#include <mutex>
#include <stop_token>
#include <thread>

#include "periodic/executor.hpp"

namespace webhook {

/// One thread that runs what is due when asked. Asks that come during a run are met by one more
/// run. Its end stops running jobs as `periodic stop` does, and waits for them.
class Runner {
public:
    /// `executor` outlives the runner.
    explicit Runner(periodic::Executor& executor);

    /// Asks for a run. Never blocks for long; may be called from any thread.
    void ask();

private:
    void work(const std::stop_token& stop);

    periodic::Executor& executor_;
    std::mutex mutex_;
    std::condition_variable_any changed_;
    bool asked_ = false;   // guarded by mutex_
    std::jthread thread_;  // the last member: it uses all others
};

}  // namespace webhook
