#pragma once

/// @file
/// What an executor tells about its jobs while it runs them: a seam.

#include <optional>
#include <string_view>

#include "periodic/clock.hpp"
#include "periodic/configuration.hpp"
#include "periodic/job.hpp"
#include "periodic/job_store.hpp"
#include "periodic/logger.hpp"
#include "periodic/process_launcher.hpp"
#include "periodic/task.hpp"

namespace periodic {

/// What an observer may use while a run lasts.
struct RunParts {
    JobStore& store;
    Clock& clock;
    Logger& logger;
    ProcessLauncher& launcher;
    const Configuration& configuration;  ///< as it is when the run begins
    std::string_view home{};             ///< absolute
    std::string_view state{};            ///< the state directory, absolute
};

/// Is told what becomes of jobs. It must not delay the run: all calls come from its thread, but for
/// `logged`, and return at once; `end` alone may wait. What it throws ends the run.
class RunObserver {
public:
    RunObserver() = default;
    RunObserver(const RunObserver&) = delete;
    RunObserver& operator=(const RunObserver&) = delete;
    virtual ~RunObserver() = default;

    /// A run begins. The parts outlive the call of `end`.
    virtual void begin(const RunParts& parts) = 0;

    /// An attempt begins. `task` is nullptr if its file can't be read.
    virtual void started(const Job& job, const Task* task) = 0;

    /// An attempt has ended, or a job was lost or could not start; the store has it.
    virtual void settled(const Settlement& settlement, const Task* task) = 0;

    /// A turn of the run. Answers when it wants to be asked again at the latest; nullopt: when
    /// something happens.
    virtual std::optional<Time> look(Time now) = 0;

    /// The configuration was read anew; it outlives the call only as a copy.
    virtual void reconfigured(const Configuration& /*configuration*/) {}

    /// Something about the executor itself, such as `crash-loop`. Any thread.
    virtual void happened(std::string_view event, std::string_view message) = 0;

    /// The run is over, and its lock given back.
    virtual void end() = 0;
};

}  // namespace periodic
