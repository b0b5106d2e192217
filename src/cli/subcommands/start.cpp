/// start: the daemon in the background.

#include <string>

#include "cli/daemon_console.hpp"
#include "cli/exit_codes.hpp"
#include "cli/subcommands/all.hpp"

namespace periodic::cli {
namespace {

class Start final : public Subcommand {
public:
    void declare(Arguments&) override {}

    Result<int> execute(Session& session) override {
        const auto home = session.home();
        if (!home) return Failure(home.error());
        if (const auto pid = daemon_pid(*home)) {
            tell_start(session, false, pid, "It runs already, pid " + std::to_string(*pid) + ".\n");
            return kFine;
        }
        return start_in_background(session);
    }
};

}  // namespace

const SubcommandType kStartCommand{
    .name = "start",
    .summary = "Starts the daemon in the background; does nothing if it runs",
    .details =
        "It answers once the daemon has read everything and planned for the first time; what is "
        "wrong until then stands on this terminal, and the exit code is the daemon's: 78 for a "
        "configuration that is broken, 74 for a store that is. From then on it logs to its file.",
    .examples = "periodic -C /srv/jobs start",
    .make = &make_subcommand<Start>};

}  // namespace periodic::cli
