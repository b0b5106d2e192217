/// restart: the daemon anew.

#include <chrono>
#include <optional>

#include "cli/daemon_console.hpp"
#include "cli/subcommands/all.hpp"

namespace periodic::cli {
namespace {

class Restart final : public Subcommand {
public:
    void declare(Arguments& arguments) override { declare_stop_within(arguments, stop_within_); }

    Result<int> execute(Session& session) override {
        const auto home = session.home();
        if (!home) return Failure(home.error());
        // What it would start with is looked at while the old one still runs.
        if (const auto sound = session.configuration(); !sound) return Failure(sound.error());
        if (auto stopped = stop_daemon(session, *home, std::nullopt); !stopped)
            return Failure(stopped.error());
        return start_in_background(session, stop_within_);
    }

private:
    std::optional<std::chrono::seconds> stop_within_{};
};

}  // namespace

const SubcommandType kRestartCommand{
    .name = "restart",
    .summary = "Stops the daemon, if it runs, and starts it again",
    .details =
        "For a new program, or a new periodic.xml. With a mistake in the configuration nothing is "
        "stopped.",
    .examples = "periodic restart",
    .make = &make_subcommand<Restart>};

}  // namespace periodic::cli
