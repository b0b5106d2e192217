#pragma once

/// @file
/// What attempts find around them, in the executor's process or in a worker.

#include <optional>
#include <stop_token>
#include <string_view>

#include "periodic/clock.hpp"
#include "periodic/error.hpp"
#include "periodic/job.hpp"
#include "periodic/jobs.hpp"
#include "periodic/logger.hpp"
#include "periodic/process_launcher.hpp"
#include "periodic/time_zone.hpp"
#include "periodic/value.hpp"
#include "run/child_waits.hpp"
#include "run/executor_core.hpp"
#include "run/home.hpp"
#include "task/task_directory.hpp"

namespace periodic {

/// The seams of an attempt, and what it may ask of the one who keeps the store. May be used from
/// several threads at once.
class Workplace {
public:
    /// All of them must outlive the workplace.
    struct Parts {
        const Home& home;
        const TimeZone& zone;
        Clock& clock;
        Logger& logger;
        ProcessLauncher& launcher;
        TaskDirectory& tasks;
    };

    explicit Workplace(const Parts& parts) noexcept : parts_(parts) {}
    Workplace(const Workplace&) = delete;
    Workplace& operator=(const Workplace&) = delete;
    virtual ~Workplace() = default;

    [[nodiscard]] const Home& home() const noexcept { return parts_.home; }
    [[nodiscard]] const TimeZone& zone() const noexcept { return parts_.zone; }
    [[nodiscard]] Clock& clock() const noexcept { return parts_.clock; }
    [[nodiscard]] Logger& logger() const noexcept { return parts_.logger; }
    [[nodiscard]] ProcessLauncher& launcher() const noexcept { return parts_.launcher; }
    [[nodiscard]] TaskDirectory& tasks() const noexcept { return parts_.tasks; }

    /// Queues a task's job. Error: as Jobs::add.
    virtual Result<JobId> enqueue(std::string_view task, Values parameters,
                                  const JobOptions& options) = 0;

    /// As CommandContext::wait_for, for the job `parent`.
    virtual Result<std::optional<Job>> wait_for(const Job& parent, JobId child,
                                                std::stop_token stop) = 0;

    /// Puts an event of a job on record. One that can't be kept is logged.
    virtual void add_event(JobId job, const JobEvent& event) = 0;

private:
    Parts parts_;
};

/// The workplace beside the store.
class LocalWorkplace final : public Workplace {
public:
    LocalWorkplace(ExecutorCore& core, ChildWaits& waits) noexcept;

    Result<JobId> enqueue(std::string_view task, Values parameters,
                          const JobOptions& options) override;
    Result<std::optional<Job>> wait_for(const Job& parent, JobId id, std::stop_token stop) override;
    void add_event(JobId job, const JobEvent& event) override;

private:
    ExecutorCore& core_;
    ChildWaits& waits_;
};

/// Puts an event of a job into the store, or into the log if the store does not take it.
void note_event(ExecutorCore& core, JobId job, const JobEvent& event);

}  // namespace periodic
