#pragma once

/// @file
/// What others ask of the executor that runs.

#include <cstdint>
#include <functional>
#include <future>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "periodic/clock.hpp"
#include "periodic/job.hpp"

namespace periodic {

/// What a loop is woken for, since it looked last.
struct LoopWakes {
    bool plan = false;
    bool look = false;            ///< there is something new in the queue
    bool asks = false;            ///< somebody wants a job stopped or killed
    std::vector<JobId> wanted{};  ///< to be run at once, whatever their time
    bool yield = false;           ///< somebody waits for the lock: start nothing more
};

/// A request that waits for the loop's thread to answer it.
struct LoopQuestion {
    std::string request{};
    std::promise<std::optional<std::string>> answer{};
};

/// Which requests a loop takes.
struct TakenRequests {
    bool yield = false;      ///< it ends for who waits for the lock
    bool work = false;       ///< it runs what it is woken for
    bool questions = false;  ///< its listener answers
};

/// What the control socket's thread, and others of this process, put down for the loop's thread.
/// Safe for use by several threads.
class LoopRequests {
public:
    /// `clock`, which is notified of everything new, outlives it.
    LoopRequests(Clock& clock, TakenRequests takes) : clock_(clock), takes_(takes) {}

    /// Answers whether it was taken: not after `close`, and not what this loop does not take.
    [[nodiscard]] bool wake(std::string_view request);

    /// Waits until the loop has answered, for a bounded time; nullopt if it does not.
    [[nodiscard]] std::optional<std::string> ask(std::string_view request);

    /// Everything that has come since the last call.
    [[nodiscard]] LoopWakes take_wakes();
    [[nodiscard]] std::vector<LoopQuestion> take_questions();

    /// Takes nothing from now on; false, and nothing done, if there is something new to run and
    /// `unless_wanted`.
    [[nodiscard]] bool close(bool unless_wanted);

private:
    [[nodiscard]] bool note(std::string_view request);

    Clock& clock_;
    TakenRequests takes_;
    std::mutex mutex_;
    LoopWakes wakes_;
    std::vector<LoopQuestion> questions_;
    bool closed_ = false;
};

}  // namespace periodic
