/// job add: writes down one job of a task, to be run by whoever executes.

#include <memory>
#include <utility>

#include "cli/caller.hpp"
#include "cli/exit_codes.hpp"
#include "cli/failed_jobs.hpp"
#include "cli/job_wait.hpp"
#include "cli/key_values.hpp"
#include "cli/new_job_options.hpp"
#include "cli/open_executor.hpp"
#include "cli/other_failures.hpp"
#include "cli/run_task.hpp"
#include "cli/stop_signals.hpp"
#include "cli/subcommands/all.hpp"
#include "periodic/executor.hpp"

namespace periodic::cli {
namespace {

bool is_bad(const Job& job) {
    return job.state == JobState::Failed || job.state == JobState::Stopped;
}

class JobAdd final : public Subcommand {
public:
    void declare(Arguments& arguments) override {
        arguments.required("TASK", task_);
        arguments.rest("KEY=VALUE", parameters_);
        arguments.flag("--wait", wait_,
                       "wait until it has ended, and exit with its result; if nobody executes, run "
                       "it here, each try and each phase");
        arguments.text("--at", "TIME", at_,
                       "not before this: RFC 3339, @SECONDS, or a duration from now (2h)");
        arguments.duration("--in", in_, "not before this time has passed");
        arguments.flag("--idle", idle_,
                       "leave it until 'job start', 'job run' or 'job auto' takes it");
        more_.declare(arguments);
    }

    Result<int> execute(Session& session) override {
        auto options = read_options(session.clock().now());
        if (!options) return Failure(options.error());
        auto parameters = parse_key_values(parameters_, "parameter");
        if (!parameters) return Failure(parameters.error());
        const std::unique_ptr<StopSignals> signals =
            wait_ ? std::make_unique<StopSignals>() : nullptr;
        if (signals) signals->start();
        auto executor =
            open_executor(session, {.hurry = signals ? signals->hurry() : std::stop_token()});
        if (!executor) return Failure(executor.error());
        options->by = caller();
        const Time begun = session.clock().now();
        const auto id = executor->jobs().add(task_, std::move(*parameters), *options);
        if (!id) return Failure(id.error());
        if (!session.json()) session.print(std::to_string(*id) + '\n');
        (void)more_.tell_older(session, executor->jobs(), *id, begun);
        if (wait_) return wait_for(session, *executor, *id, signals->token());
        if (session.json()) {
            if (auto printed = print_job(session, executor->jobs().find(*id)); !printed)
                return Failure(printed.error());
        }
        return kFine;
    }

private:
    [[nodiscard]] Result<JobOptions> read_options(Time now) const {
        if (at_ && in_) return failure(ErrorCode::Usage, "--at and --in exclude each other");
        if (idle_ && wait_) {
            return failure(ErrorCode::Usage, "--idle and --wait exclude each other",
                           "nobody would start the job that is waited for");
        }
        if (!is_task_name(task_)) {
            return failure(ErrorCode::NotFound, "'" + task_ + "' can't be a task's name",
                           "'periodic tasks' lists the tasks");
        }
        auto options = more_.read();
        if (!options) return options;
        if (in_) options->available = now + *in_;
        if (at_) {
            auto time = parse_time(*at_, now);
            if (!time) {
                time.error().message = "--at: " + time.error().message;
                return Failure(time.error());
            }
            options->available = *time;
        }
        options->idle = idle_;
        return options;
    }

    // Its log is shown to people alone: standard output has the id, for a script.
    static Result<int> wait_for(Session& session, Executor& executor, JobId id,
                                const std::stop_token& stop) {
        (void)session.flush();
        const bool shows_log = session.err().interactive && !session.quiet();
        Job job;
        job.id = id;
        auto follower = shows_log ? std::make_unique<LogFollower>(session, executor.jobs(), job,
                                                                  LogFollower::Into::Errors)
                                  : nullptr;
        OtherFailures others(id);
        const auto ended = wait_until_final(executor, session.clock(), id, others, stop);
        if (!ended) return Failure(ended.error());
        if (follower) follower->finish();
        others.report(session, executor.jobs());
        if (session.json()) {
            if (auto printed = print_job(session, *ended); !printed)
                return Failure(printed.error());
        }
        if (!*ended) return kFine;  // it deleted itself
        if (!is_final((*ended)->state)) {
            session.complain("periodic: job " + std::to_string(id) + " is no longer waited for\n");
            return kFailed;
        }
        if (shows_log) session.complain(message_text(**ended));
        if (!is_bad(**ended)) return kFine;
        session.complain(failed_job_line(**ended));
        return kFailed;
    }

    std::string task_{};
    std::vector<std::string> parameters_{};
    NewJobOptions more_{};
    std::optional<std::string> at_{};
    std::optional<std::chrono::seconds> in_{};
    bool wait_ = false;
    bool idle_ = false;
};

}  // namespace

const SubcommandType kJobAddCommand{
    .name = "job add",
    .summary = "Writes down one job of a task, to be run by whoever executes",
    .details =
        "It prints the job's id as soon as the job is on the disk. Whoever executes is woken; if "
        "nobody does, the next 'periodic run' finds it.\n"
        "With --wait the exit code is 0 if it succeeded, aborted or was skipped, 1 if it failed or "
        "was stopped.",
    .examples =
        "periodic job add mail to=ada@example.org\n"
        "periodic job add report --in 30m --priority 10\n"
        "periodic job add import file=/tmp/a.csv --key import-a --wait\n"
        "id=$(periodic job add resize image=7) && periodic job log -f \"$id\"",
    .make = &make_subcommand<JobAdd>};

}  // namespace periodic::cli
