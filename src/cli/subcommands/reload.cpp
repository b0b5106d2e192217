/// reload: the daemon reads its files anew.

#include <chrono>
#include <string>
#include <thread>

#include "cli/exit_codes.hpp"
#include "cli/subcommands/all.hpp"
#include "periodic/crontab.hpp"
#include "run/control.hpp"

namespace periodic::cli {
namespace {

constexpr std::chrono::seconds kPatience{30};
constexpr std::chrono::milliseconds kAskEvery{20};

class Reload final : public Subcommand {
public:
    void declare(Arguments& arguments) override {
        arguments.flag("--workers", workers_,
                       "also replace the worker processes, by the program as it is now");
    }

    Result<int> execute(Session& session) override {
        const auto home = session.home();
        if (!home) return Failure(home.error());
        const auto answer = ask_holder(home->state, "reload", kPatience);
        if (!answer) {
            return failure(ErrorCode::NotFound, "no daemon runs here",
                           "'periodic start' starts it; one that began before <state> was changed "
                           "listens in the old directory");
        }
        if (answer->starts_with("kept")) return explain(session, *home, *answer);
        if (workers_) {
            if (auto replaced = replace_workers(*home); !replaced) return Failure(replaced.error());
        }
        if (!session.quiet()) session.print("Reloaded.\n");
        // What it can't change while it runs.
        if (const auto more = answer->find(": "); more != std::string::npos)
            session.complain("periodic: " + answer->substr(more + 2) + '\n');
        return kFine;
    }

private:
    // The daemon tries the program first, which takes it a moment.
    static Result<void> replace_workers(const Home& home) {
        const auto limit = std::chrono::steady_clock::now() + kPatience;
        auto answer = ask_holder(home.state, "replace", kPatience);
        while (answer == "tried" && std::chrono::steady_clock::now() < limit) {
            std::this_thread::sleep_for(kAskEvery);
            answer = ask_holder(home.state, "replaced", kPatience);
        }
        if (answer == "replaced") return {};
        std::string why = answer.value_or("no answer");
        if (why.starts_with("no: ")) why.erase(0, 4);
        return failure(ErrorCode::Conflict, "the workers stay as they are: " + why,
                       "'periodic restart' takes a program that speaks another way");
    }

    // All mistakes, as `check` shows them. If somebody has mended them meanwhile, the daemon
    // notices by itself.
    static Result<int> explain(Session& session, const Home& home, const std::string& answer) {
        const auto zone = session.zone();
        if (!zone) return Failure(zone.error());
        session.complain("periodic: the daemon goes on with what it had\n");
        const Crontab crontab = Crontab::read(home.crontabs, *zone);
        if (session.report_errors(crontab.problems()) == kFine)
            session.complain("periodic: " + answer + '\n');
        return kBroken;
    }

    bool workers_ = false;
};

}  // namespace

const SubcommandType kReloadCommand{
    .name = "reload",
    .summary = "The daemon reads the crontab and periodic.xml anew",
    .details =
        "It does so by itself when these files change, and reads a task when it is due; this is "
        "for "
        "file systems that tell of no changes, and for knowing that it is done. Running jobs go "
        "on. "
        "Pools get more or fewer workers, slots and topics: a worker that has another number of "
        "slots is replaced when it has finished what it runs. A file with a mistake stays as it "
        "was: exit 78. <state>, <crontab>, <tasks>, <timeZone>, <store> and <log> stay as they "
        "were "
        "until 'periodic restart', which it says. Without a daemon: exit 1.",
    .examples = "periodic check && periodic reload",
    .make = &make_subcommand<Reload>};

}  // namespace periodic::cli
