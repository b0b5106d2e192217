/// unlock: ends an executor that hangs.

#include "run/unlock.hpp"

#include "cli/exit_codes.hpp"
#include "cli/json_writer.hpp"
#include "cli/open_executor.hpp"
#include "cli/subcommands/all.hpp"
#include "run/executor_core.hpp"

namespace periodic::cli {
namespace {

std::string document(const Unlocking& done) {
    JsonWriter json;
    json.object().key("holder").text_or_null(done.holder).key("settled").integer(done.settled);
    return json.key("blocked").integer(done.blocked).end().document();
}

std::string text(const Unlocking& done) {
    std::string text =
        done.holder.empty() ? "Nobody held the lock" : "Ended " + printable(done.holder);
    if (done.settled > 0) text += "; settled " + std::to_string(done.settled) + " of its jobs";
    if (done.blocked > 0) {
        text += "; " + std::to_string(done.blocked) + " have programs that can't be ended";
    }
    return text + ".\n";
}

class Unlock final : public Subcommand {
public:
    void declare(Arguments& arguments) override {
        arguments.flag("--force", force_, "end it also if it still answers");
    }

    Result<int> execute(Session& session) override {
        auto options = executor_options(session, {});
        if (!options) return Failure(options.error());
        const auto core = ExecutorCore::open(std::move(*options));
        if (!core) return Failure(core.error());
        const auto done = unlock_home(**core, force_ ? Force::Yes : Force::No);
        if (!done) return Failure(done.error());
        if (session.json()) {
            session.print(document(*done));
        } else if (!session.quiet()) {
            session.print(text(*done));
        }
        return kFine;
    }

private:
    bool force_ = false;
};

}  // namespace

const SubcommandType kUnlockCommand{
    .name = "unlock",
    .summary = "Ends an executor that hangs, and settles the jobs that it had",
    .details =
        "The process that holds the home's lock is killed; the programs of its jobs are ended. One "
        "that still answers is left alone, unless --force is given: 'periodic stop' ends a daemon, "
        "SIGTERM a run.\n"
        "Exit codes: 0 nobody holds the lock any more; 75 its holder works, or can't be ended.",
    .examples = "periodic unlock\nperiodic unlock --force",
    .make = &make_subcommand<Unlock>};

}  // namespace periodic::cli
