#pragma once

/// @file
/// Where attempts run, as a seam: on threads of the executor's process, or in workers.

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "periodic/clock.hpp"
#include "periodic/configuration.hpp"
#include "periodic/error.hpp"
#include "periodic/job.hpp"
#include "periodic/job_store.hpp"
#include "run/append_request.hpp"
#include "run/child_waits.hpp"
#include "run/executor_core.hpp"
#include "run/lock.hpp"
#include "run/pool_status.hpp"
#include "run/running_attempt.hpp"

namespace periodic {

/// Slots of one kind that are free.
struct FreeSlots {
    /// The pid of the process that each one is in, the one to be filled first in front.
    std::vector<std::int64_t> workers{};
    std::vector<std::string> topics{};      ///< that they serve; empty: all
    std::vector<std::string> not_topics{};  ///< but for these

    [[nodiscard]] bool serve(std::string_view topic) const {
        const auto has = [topic](const std::vector<std::string>& all) {
            return std::find(all.begin(), all.end(), topic) != all.end();
        };
        return (topics.empty() || has(topics)) && !has(not_topics);
    }
};

/// Runs attempts in its slots. The members are called by one thread, the executor's, but for
/// `append`. An attempt that waits for another job lends its slot.
class AttemptHost {
public:
    AttemptHost() = default;
    AttemptHost(const AttemptHost&) = delete;
    AttemptHost& operator=(const AttemptHost&) = delete;
    /// Waits for what runs in this process; whoever wants that to be soon asks it to end before.
    virtual ~AttemptHost() = default;

    /// Makes what attempts need, before the first one is claimed. Throws std::system_error.
    virtual void prepare() = 0;

    /// Takes note of what has happened since, and does what is due. Once in each step.
    virtual void look(Time now) = 0;
    /// When to look again at the latest; nullopt: when something happens.
    [[nodiscard]] virtual std::optional<Time> next_look(Time now) = 0;

    [[nodiscard]] virtual std::vector<FreeSlots> free_slots() = 0;
    /// How long before its time a job may be claimed for a slot that is free by then; `start` holds
    /// it until its time.
    [[nodiscard]] virtual std::chrono::milliseconds lead() const noexcept {
        return std::chrono::milliseconds(0);
    }
    /// Starts the attempts of jobs that were claimed for free slots: `Job::worker` says which.
    virtual void start(const std::vector<Job>& claimed, Time now) = 0;

    [[nodiscard]] virtual std::vector<RunningAttempt>& running() noexcept = 0;
    [[nodiscard]] virtual RunningAttempt* find(JobId id) noexcept = 0;

    /// What attempts have said since the last call.
    [[nodiscard]] virtual std::vector<LiveUpdate> take_updates() = 0;
    /// The attempts that have ended since the last call. What they said last is among the updates
    /// of a `take_updates` after it.
    [[nodiscard]] virtual std::vector<EndedAttempt> take_ended() = 0;

    /// Adds to the log or the response of what runs here; false if it does not. From any thread.
    virtual bool append(const AppendRequest& request, Time now) = 0;

    /// What its slots do, and have done.
    [[nodiscard]] virtual WorkersStatus status() = 0;

    /// Begins to replace worker processes, one after the other, by the program as its file is now,
    /// once that has proved to be one. Error: Unsupported, where there are none; Io, if the program
    /// can't be opened.
    virtual Result<void> replace_workers() = 0;
    /// What became of the last `replace_workers`: nullopt while the program is tried; then, whether
    /// workers are replaced. Error: Conflict, if it is no worker for this process.
    [[nodiscard]] virtual std::optional<Result<void>> replacement() { return Result<void>(); }

    /// The configuration was read anew.
    virtual void reconfigure(const Configuration& /*configuration*/, Time /*now*/) {}

    /// Whether attempts run in this process, so that one that does not end lasts as long as it.
    [[nodiscard]] virtual bool is_here() const noexcept { return false; }

    /// All that has ended is settled: what attempts needed is put away. What still runs can't be
    /// ended; its record stays.
    virtual void finish() = 0;
};

/// What a host is made for.
struct HostParts {
    ExecutorCore& core;
    ChildWaits& waits;
    LockOwner owner{};
};
using MakeHost = std::function<std::unique_ptr<AttemptHost>(const HostParts&)>;

}  // namespace periodic
