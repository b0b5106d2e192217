/// job run: one attempt of a job here and now, in the foreground.

#include <utility>

#include "cli/history.hpp"
#include "cli/open_executor.hpp"
#include "cli/run_task.hpp"
#include "cli/stop_signals.hpp"
#include "cli/subcommands/all.hpp"
#include "periodic/executor.hpp"

namespace periodic::cli {
namespace {

class JobRun final : public Subcommand {
public:
    void declare(Arguments& arguments) override { arguments.required("ID", id_); }

    Result<int> execute(Session& session) override {
        const auto id = parse_job_id(id_);
        if (!id) return no_id(id.error());
        StopSignals signals;
        signals.start();
        auto executor = open_executor(session, {.hurry = signals.hurry()});
        if (!executor) return Failure(executor.error());
        const auto job = executor->jobs().find(*id);
        if (!job) return no_such_job(*id);
        return run_and_tell(session, *executor, *job, signals.token());
    }

private:
    // Who names a task wants a job of it.
    [[nodiscard]] Failure no_id(Error error) const {
        const bool is_number = id_.find_first_not_of("0123456789") == std::string::npos;
        if (is_task_name(id_) && !is_number)
            error.hint += "; 'periodic run " + id_ + "' runs a new job of a task";
        return Failure(std::move(error));
    }

    std::string id_{};
};

}  // namespace

const SubcommandType kJobRunCommand{
    .name = "job run",
    .summary = "Runs one attempt of a job here and now, its log on the terminal",
    .details =
        "Of a queued or idle job, whatever its time and interval, and even while it is paused; its "
        "group and its task's concurrency still count. A job that ended in the phase 'terminated' "
        "does that phase, if its task has one; 'job retry' queues any other that has ended.\n"
        "If another executor is at work, that one does it, or does it already, and its log is "
        "shown "
        "here.\n"
        "Exit codes: 0 it succeeded, aborted, was rescheduled or goes on to a next phase; 1 it "
        "failed or was stopped, also if it will be retried.",
    .examples = "periodic job run 12\nperiodic job run 12 --output json",
    .make = &make_subcommand<JobRun>};

}  // namespace periodic::cli
