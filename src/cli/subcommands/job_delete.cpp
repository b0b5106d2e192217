/// job delete: deletes jobs.

#include "cli/job_changes.hpp"
#include "cli/subcommands/all.hpp"

namespace periodic::cli {
namespace {

class JobDelete final : public ChangeJobs {
public:
    JobDelete() : ChangeJobs(JobAction::Delete, "deleted") {}
};

}  // namespace

const SubcommandType kJobDeleteCommand{
    .name = "job delete",
    .summary = "Deletes jobs that do not run, with their log, response and events",
    .details = "What was due and has had its job is not run again by deleting that.",
    .examples =
        "periodic job delete 12\nperiodic job delete --state skipped --older-than 7d\nperiodic job "
        "delete --all --dry-run",
    .make = &make_subcommand<JobDelete>};

}  // namespace periodic::cli
