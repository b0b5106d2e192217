/// job stop: asks jobs to end.

#include "cli/job_changes.hpp"
#include "cli/subcommands/all.hpp"

namespace periodic::cli {
namespace {

class JobStop final : public ChangeJobs {
public:
    JobStop() : ChangeJobs(JobAction::Stop, "stopped") {}
};

}  // namespace

const SubcommandType kJobStopCommand{
    .name = "job stop",
    .summary = "Asks running jobs to end, and stops those that wait",
    .details =
        "A running job's C++ commands see their stop token, its programs get SIGTERM and, after "
        "killAfter (ten seconds), SIGKILL; commands with when=\"always\" still run. It ends as "
        "stopped, "
        "whatever its exit status. A job that waits is stopped at once.",
    .examples = "periodic job stop 12\nperiodic job stop --group mail --state running",
    .make = &make_subcommand<JobStop>};

}  // namespace periodic::cli
