/// prune: deletes jobs whose time of keeping is over.

#include <functional>
#include <utility>

#include "cli/caller.hpp"
#include "cli/job_changes.hpp"
#include "cli/open_executor.hpp"
#include "cli/progress_line.hpp"
#include "cli/subcommands/all.hpp"
#include "periodic/executor.hpp"

namespace periodic::cli {
namespace {

constexpr std::int64_t kShowEvery = 1000;

class Prune final : public Subcommand {
public:
    void declare(Arguments& arguments) override {
        arguments.flag("--all", all_, "every job that has ended, however young");
        arguments.flag("--dry-run", dry_run_, "only say how many it would be");
    }

    Result<int> execute(Session& session) override {
        auto executor = open_executor(session, {});
        if (!executor) return Failure(executor.error());
        ProgressLine line(session);
        std::function<void(std::int64_t)> progress;
        if (line.is_shown()) {
            progress = [&line](std::int64_t deleted) {
                if (deleted % kShowEvery == 0) line.show(std::to_string(deleted) + " jobs deleted");
            };
        }
        const auto changes = executor->jobs().prune(
            all_, {.by = caller(), .dry_run = dry_run_, .progress = std::move(progress)});
        line.clear();
        return tell_changes(session, changes, {}, "deleted", dry_run_);
    }

private:
    bool all_ = false;
    bool dry_run_ = false;
};

}  // namespace

const SubcommandType kPruneCommand{
    .name = "prune",
    .summary = "Deletes jobs that have ended and are beyond their retention",
    .details =
        "'run' does this by itself, a few at a time. How long a task's jobs are kept is said by "
        "<retention> in its file or in periodic.xml: 180 days and 1000 jobs, if nothing is said; "
        "failed ones are counted apart.",
    .examples = "periodic prune --dry-run\nperiodic prune --all",
    .make = &make_subcommand<Prune>};

}  // namespace periodic::cli
