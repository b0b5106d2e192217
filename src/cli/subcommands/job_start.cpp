/// job start: queues jobs that were added idle.

#include "cli/caller.hpp"
#include "cli/exit_codes.hpp"
#include "cli/job_changes.hpp"
#include "cli/run_task.hpp"
#include "cli/subcommands/all.hpp"

namespace periodic::cli {
namespace {

class JobStart final : public ChangeJobs {
public:
    JobStart() : ChangeJobs(JobAction::Start, "queued") {}

private:
    // One job alone is shown as it is then.
    Result<int> act(Session& session, Jobs& jobs, const Selection& selection) override {
        if (!selection.only_id || !session.json() || dry_run())
            return change(session, jobs, selection);
        const auto job = jobs.start(*selection.only_id, caller());
        if (!job) return Failure(job.error());
        if (auto printed = print_job(session, *job); !printed) return Failure(printed.error());
        return kFine;
    }
};

}  // namespace

const SubcommandType kJobStartCommand{
    .name = "job start",
    .summary = "Queues idle jobs, so that they are run",
    .details =
        "Whoever executes runs them then: 'periodic run', the next line of cron. 'job run' "
        "runs one here and now.",
    .examples = "periodic job start 12\nperiodic job start --task mail --state idle",
    .make = &make_subcommand<JobStart>};

}  // namespace periodic::cli
