/// job retry: queues ended jobs again.

#include "cli/job_changes.hpp"
#include "cli/subcommands/all.hpp"

namespace periodic::cli {
namespace {

class JobRetry final : public ChangeJobs {
public:
    JobRetry() : ChangeJobs(JobAction::Retry, "queued again") {}
};

}  // namespace

const SubcommandType kJobRetryCommand{
    .name = "job retry",
    .summary = "Queues again jobs that have ended",
    .details =
        "The same job with the parameters that it has, from its first attempt. 'job edit' before "
        "it "
        "changes them.\n"
        "Without ids and --state it takes those that failed or were stopped: mail that was sent is "
        "sent twice only if you say so.",
    .examples =
        "periodic job retry 12\nperiodic job retry --state failed --newer-than 1d --task mail",
    .make = &make_subcommand<JobRetry>};

}  // namespace periodic::cli
