#pragma once

/// @file
/// What a long-lived run tells the one that made it, and asks it.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "periodic/clock.hpp"
#include "periodic/executor.hpp"
#include "periodic/job.hpp"
#include "run/lock.hpp"
#include "run/pool_status.hpp"

namespace periodic {

/// How the reason of an end goes on where something did not end: `; left running: 7 (backup)`.
inline constexpr std::string_view kLeftRunning = "; left running: ";

/// A run as it is at one moment.
struct LoopState {
    LockOwner owner{};
    RunReport report{};              ///< so far
    std::optional<Time> next_due{};  ///< of the crontab, as the last planning found it
    struct Running {
        JobId id = 0;
        std::string task{};
        std::string topic{};
        Time since{};
    };
    std::vector<Running> running{};
    WorkersStatus workers{};
    bool stopping = false;
    std::string trouble{};  ///< what the store said last while it takes nothing; else empty
};

/// Made by who starts a loop that lives long.
class LoopListener {
public:
    LoopListener() = default;
    LoopListener(const LoopListener&) = delete;
    LoopListener& operator=(const LoopListener&) = delete;
    virtual ~LoopListener() = default;

    /// Orphans are settled and the first planning is done. On the loop's thread.
    virtual void on_ready() = 0;

    /// How the end of the loop is put on record. On the loop's thread.
    [[nodiscard]] virtual std::string end_reason() const = 0;

    /// What a planning found broken, with `problems` of the crontab and of tasks that were due. On
    /// the loop's thread.
    virtual void on_problems(const std::vector<Problem>& problems) = 0;

    struct Answer {
        std::optional<std::string> text{};  ///< one line; none: the request is refused
        bool plan = false;                  ///< it is time to plan anew
        bool replace_workers = false;       ///< by the program as it is now
        bool ask_replacement = false;       ///< answer what became of that
    };

    /// A request on the control socket that the loop itself does not know, to be answered as the
    /// loop is now. On the loop's thread.
    virtual Answer on_request(std::string_view request, const LoopState& state) = 0;
};

}  // namespace periodic
