/// start: the daemon in the background.

#include <chrono>
#include <optional>
#include <string>

#include "cli/daemon_console.hpp"
#include "cli/exit_codes.hpp"
#include "cli/subcommands/all.hpp"

namespace periodic::cli {
namespace {

class Start final : public Subcommand {
public:
    void declare(Arguments& arguments) override { declare_stop_within(arguments, stop_within_); }

    Result<int> execute(Session& session) override {
        const auto home = session.home();
        if (!home) return Failure(home.error());
        if (const auto pid = daemon_pid(*home)) {
            tell_start(session, false, pid, runs_already(*pid));
            return kFine;
        }
        return start_in_background(session, stop_within_);
    }

private:
    std::optional<std::chrono::seconds> stop_within_{};
};

}  // namespace

const SubcommandType kStartCommand{
    .name = "start",
    .summary = "Starts the daemon in the background; does nothing if it runs",
    .details =
        "It answers once the daemon has read everything and planned for the first time; what is "
        "wrong until then stands on this terminal. With a broken configuration (78) or store (74) "
        "it "
        "does not start; with mistakes in the crontab it does, and runs the other lines. From then "
        "on it logs to its file.",
    .examples = "periodic -C /srv/jobs start",
    .make = &make_subcommand<Start>};

}  // namespace periodic::cli
