/// job kill: ends jobs at once.

#include "cli/job_changes.hpp"
#include "cli/subcommands/all.hpp"

namespace periodic::cli {
namespace {

class JobKill final : public ChangeJobs {
public:
    JobKill() : ChangeJobs(JobAction::Kill, "killed") {}
};

}  // namespace

const SubcommandType kJobKillCommand{
    .name = "job kill",
    .summary = "Ends the processes of running jobs at once, and stops those that wait",
    .details = "As 'job stop', but with SIGKILL at once, and nothing of the task runs after it.",
    .examples = "periodic job kill 12\nperiodic job kill 7 9-11",
    .make = &make_subcommand<JobKill>};

}  // namespace periodic::cli
