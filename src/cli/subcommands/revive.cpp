/// revive: the daemon again, if it died.

#include <chrono>
#include <optional>

#include "cli/daemon_console.hpp"
#include "cli/exit_codes.hpp"
#include "cli/history.hpp"
#include "cli/subcommands/all.hpp"
#include "run/daemon.hpp"

namespace periodic::cli {
namespace {

// Whether the last daemon was ended by a person, who would not want it back.
bool was_stopped_by_hand(JobStore& store) {
    auto generation = store.last_generation();
    while (generation && generation->kind != "daemon")
        generation = store.find_generation(generation->id - 1);
    return generation && generation->end_reason.starts_with(kStoppedByRequest);
}

class Revive final : public Subcommand {
public:
    void declare(Arguments& arguments) override { declare_stop_within(arguments, stop_within_); }

    Result<int> execute(Session& session) override {
        const auto home = session.home();
        if (!home) return Failure(home.error());
        if (const auto pid = daemon_pid(*home)) return leave(session, pid);
        const auto store = open_history(session);
        if (!store) return Failure(store.error());
        if (was_stopped_by_hand(**store)) return leave(session, std::nullopt);
        return start_in_background(session, stop_within_);
    }

private:
    static int leave(Session& session, std::optional<std::int64_t> pid) {
        tell_start(session, false, pid, "");
        return kFine;
    }

    std::optional<std::chrono::seconds> stop_within_{};
};

}  // namespace

const SubcommandType kReviveCommand{
    .name = "revive",
    .summary = "Starts the daemon again if it died, or was ended by the machine's own end",
    .details =
        "For a line in the system's crontab, where nothing else looks after the daemon. One that "
        "runs is left alone; so is one that somebody ended with 'periodic stop'.",
    .examples = "*/5 * * * * periodic -q -C /srv/jobs revive     # a line of the system's crontab",
    .make = &make_subcommand<Revive>};

}  // namespace periodic::cli
