/// resume: ends a pause.

#include "cli/caller.hpp"
#include "cli/exit_codes.hpp"
#include "cli/open_executor.hpp"
#include "cli/pausing.hpp"
#include "cli/subcommands/all.hpp"
#include "periodic/executor.hpp"

namespace periodic::cli {
namespace {

class Resume final : public Subcommand {
public:
    void declare(Arguments& arguments) override { selector_.declare(arguments); }

    Result<int> execute(Session& session) override {
        const auto scope = selector_.read();
        if (!scope) return Failure(scope.error());
        if (!*scope) {
            return failure(ErrorCode::Usage, "what shall be resumed is not given",
                           "one of --task, --group, --topic and --all; 'periodic pause' lists what "
                           "is paused");
        }
        const auto zone = session.zone();
        if (!zone) return Failure(zone.error());
        auto executor = open_executor(session, {});
        if (!executor) return Failure(executor.error());
        const bool was_paused = executor->jobs().resume(**scope, caller());
        if (session.json()) {
            JsonWriter json;
            json.object().key("scope").text(to_string((*scope)->kind));
            json.key("name").text_or_null((*scope)->name);
            session.print(json.key("resumed").boolean(was_paused).end().document());
            return kFine;
        }
        if (session.quiet()) return kFine;
        const std::string what = printable(scope_text(**scope));
        session.print(was_paused ? "Resumed " + what + ".\n"
                                 : "There was no pause of " + what + ".\n");
        if (const auto rest = executor->jobs().pauses(); !rest.empty()) {
            session.print("Still paused:\n" + pauses_text(rest, *zone, session.out()));
        }
        return kFine;
    }

private:
    PauseSelector selector_{};
};

}  // namespace

const SubcommandType kResumeCommand{
    .name = "resume",
    .summary = "Ends a pause",
    .details =
        "It takes what 'pause' took: --all ends a pause of everything, not those of single "
        "tasks, groups or topics. What was skipped meanwhile stays skipped.",
    .examples = "periodic resume --task backup\nperiodic resume --all",
    .make = &make_subcommand<Resume>};

}  // namespace periodic::cli
