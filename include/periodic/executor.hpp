#pragma once

/// @file
/// Plans what is due and runs it: the heart of Periodic, for a host program to call.
///
///     auto executor = Executor::create({.home = "/srv/app/periodic", .commands =
///     builtin_commands()}); auto report = executor->run();

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

#include "periodic/clock.hpp"
#include "periodic/command_registry.hpp"
#include "periodic/configuration.hpp"
#include "periodic/crontab.hpp"
#include "periodic/error.hpp"
#include "periodic/job_store.hpp"
#include "periodic/jobs.hpp"
#include "periodic/logger.hpp"
#include "periodic/process_launcher.hpp"

namespace periodic {

class ExecutorCore;
class RunObserver;
struct RunReport;

/// What an executor is made of. Only `home` and `commands` are needed.
struct ExecutorOptions {
    std::string home{};
    CommandRegistry commands{};
    /// None: `periodic.xml` of the home, if there is one.
    std::optional<Configuration> configuration{};
    std::shared_ptr<Logger> logger{};             ///< none: as the configuration says
    std::shared_ptr<Clock> clock{};               ///< none: the system's
    std::shared_ptr<JobStore> store{};            ///< none: as the configuration says
    std::shared_ptr<ProcessLauncher> launcher{};  ///< none: the system's
    /// Instead of the home's crontab files: called at each planning.
    std::function<Crontab()> crontab{};
    /// Is told what becomes of jobs; none: nobody. `make_notifications()` does what `<notify>`
    /// says.
    std::shared_ptr<RunObserver> observer{};
    /// Jobs at once; 0: four for each core, but at least 8 and at most 64, as jobs wait for disks
    /// and networks more than they compute, and a slow one must not hold up the others.
    int concurrency = 0;
    std::string kind{"library"};  ///< for the record of who executed

    /// Goes on to the next step of a stop at once: what has been asked to end is killed.
    std::stop_token hurry{};
    /// Ends this process, and does not return. Called instead of the end of a `run` that was
    /// stopped, or is `broken_by` something, when all that still runs was killed and is `unended`:
    /// a command that looks at no stop token can't be ended by itself. None: `run` waits until it
    /// has ended.
    std::function<void(const RunReport&)> exit{};
};

/// Limits of one `run`.
struct RunOptions {
    std::optional<std::chrono::seconds> budget{};  ///< no job is started after it; none is ended
    std::optional<std::int64_t> max_jobs{};        ///< no more are started
    std::stop_token stop{};                        ///< ends running jobs as a stop does
    /// Told what was done when an exception ends the run.
    std::function<void(const RunReport&)> broken_off{};
};

/// What a `run` did.
struct RunReport {
    bool locked = false;       ///< another executor has the home and was woken; all counts are 0
    std::string holder{};      ///< who, if so
    std::int64_t planned = 0;  ///< jobs inserted but for skipped ones
    std::int64_t ran = 0;      ///< attempts that ended, the sum of the seven below
    std::int64_t succeeded = 0;
    std::int64_t failed = 0;
    std::int64_t aborted = 0;
    std::int64_t stopped = 0;
    std::int64_t rescheduled = 0;
    std::int64_t retried = 0;
    std::int64_t phased = 0;
    std::int64_t skipped = 0;
    std::int64_t lost = 0;  ///< orphans settled
    std::int64_t left = 0;  ///< available now and not started
    double seconds = 0;
    std::vector<JobId> failures{};    ///< jobs that finally failed
    std::vector<Job> unended{};       ///< left `running`: the next start settles them
    std::string broken_by{};          ///< what ended it that was broken, as the store; else empty
    std::vector<Problem> problems{};  ///< crontab lines and tasks that are broken
};

/// An occurrence or job that `run` would work on now.
struct Pending {
    std::string task{}, group{}, zone{};
    std::chrono::sys_seconds scheduled{};
    std::string reason{};  ///< due missed retry reschedule phase queued
    Values parameters{};
    int priority = 0;
    Time available{};  ///< since when it could run
};

/// Which jobs of a phase `step` takes first.
struct StepRule {
    std::string phase{};
    bool newest = false;
};

/// What one step of work by hand takes.
struct StepOptions {
    std::int64_t jobs = 1;  ///< attempts at most
    /// Tried in order: the first one with a due job in its phase says which is next. None: the
    /// highest priority, then the oldest, of all.
    std::vector<StepRule> rules{};
    bool latest = false;  ///< the newest instead of the oldest
    bool dry_run = false;
    std::stop_token stop{};
};

/// What a step did.
struct StepReport {
    JobsChanged jobs{};  ///< those that were run, in order; with a dry run: would be
    RunReport report{};
};

/// Owns a home's store and runs its jobs under its lock. One thread calls `run`; `jobs()` and
/// `wake()` may be used from any thread meanwhile.
class Executor {
public:
    /// Opens the home. Error: Invalid (configuration), NotFound, Unsafe. Throws StorageError.
    [[nodiscard]] static Result<Executor> create(ExecutorOptions options);

    Executor(Executor&&) noexcept;
    Executor& operator=(Executor&&) noexcept;
    Executor(const Executor&) = delete;
    Executor& operator=(const Executor&) = delete;
    ~Executor();

    /// Takes the lock, settles orphans, plans, runs what is due, and returns when nothing runs or
    /// is due. If the lock is held, wakes its holder and returns at once with `locked`. Throws
    /// StorageError if the store does not take the results for 60 s.
    Result<RunReport> run(const RunOptions& options = {});

    /// The same until `stop` is requested; running jobs are then ended as a stop does.
    Result<RunReport> run(std::stop_token stop, RunOptions options = {});

    /// Runs one attempt of a job here and now, whatever its time and even while it is paused; the
    /// report counts it and what was woken for meanwhile. An idle job is queued first, a terminated
    /// one runs its task's phase `terminated`, if there is one. If another executor has the home,
    /// that one is woken to do it (`locked`). Error: NotFound; Conflict if its state forbids it.
    Result<RunReport> run_job(JobId id, std::stop_token stop = {});

    /// Runs one attempt each of a few due jobs, one after the other, idle ones too: the step for
    /// hosts that allow only short work. Plans nothing. If another executor has the home, does
    /// nothing (`locked`).
    Result<StepReport> step(const StepOptions& options = {});

    /// What `run` would do now. Changes nothing.
    [[nodiscard]] Result<std::vector<Pending>> pending();

    [[nodiscard]] Jobs& jobs() noexcept;

private:
    explicit Executor(std::unique_ptr<ExecutorCore> core) noexcept;
    std::unique_ptr<ExecutorCore> core_;
};

}  // namespace periodic
