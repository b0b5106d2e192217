/// stop: ends the daemon.

#include <chrono>
#include <optional>

#include "cli/daemon_console.hpp"
#include "cli/exit_codes.hpp"
#include "cli/json_writer.hpp"
#include "cli/subcommands/all.hpp"

namespace periodic::cli {
namespace {

class Stop final : public Subcommand {
public:
    void declare(Arguments& arguments) override {
        arguments.duration("--wait", patience_, "give up waiting for its end after this time");
    }

    Result<int> execute(Session& session) override {
        const auto home = session.home_of_what_runs();
        if (!home) return Failure(home.error());
        const auto stopped = stop_daemon(session, *home, patience_);
        if (!stopped) return Failure(stopped.error());
        if (session.json()) {
            JsonWriter json;
            session.print(json.object().key("stopped").boolean(*stopped).end().document());
        } else if (!session.quiet()) {
            session.print(*stopped ? "Stopped.\n" : "No daemon runs here.\n");
        }
        return kFine;
    }

private:
    std::optional<std::chrono::seconds> patience_{};
};

}  // namespace

const SubcommandType kStopCommand{
    .name = "stop",
    .summary = "Ends the daemon: what runs may end first",
    .details =
        "Nothing new begins. What runs may go on for the daemon's --stop-within (30 s), then it "
        "gets SIGTERM and, killAfter later, SIGKILL. What is there 10 s after that is left: it "
        "stays running, and the next start settles it. A second 'stop' goes on to the next of "
        "these at once. It answers "
        "when the daemon is gone; without one it does nothing. Exit codes: 0; 75 if --wait was "
        "too short, or it does not answer.",
    .examples = "periodic stop\nperiodic stop --wait 5m",
    .make = &make_subcommand<Stop>};

}  // namespace periodic::cli
