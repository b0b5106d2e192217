/// reload: the daemon reads its files anew.

#include <chrono>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "cli/daemon_console.hpp"
#include "cli/exit_codes.hpp"
#include "cli/json_writer.hpp"
#include "cli/problem_document.hpp"
#include "cli/subcommands/all.hpp"
#include "periodic/crontab.hpp"
#include "run/control.hpp"

namespace periodic::cli {
namespace {

constexpr std::chrono::seconds kPatience{30};
constexpr std::chrono::milliseconds kAskEvery{20};

// What became of it.
struct Reloading {
    bool reloaded = false;
    bool workers_replaced = false;
    std::vector<std::string> kept{};  // elements that want a restart
    std::vector<Problem> mistakes{};
};

// What the daemon names: "<state>, <log> stay as they were".
std::vector<std::string> elements_of(std::string_view answer) {
    std::vector<std::string> elements;
    while (true) {
        const auto begin = answer.find('<');
        const auto end = answer.find('>', begin);
        if (begin == std::string_view::npos || end == std::string_view::npos) return elements;
        elements.emplace_back(answer.substr(begin + 1, end - begin - 1));
        answer.remove_prefix(end + 1);
    }
}

std::string document(const Reloading& done) {
    JsonWriter json;
    json.object().key("reloaded").boolean(done.reloaded);
    json.key("workers_replaced").boolean(done.workers_replaced).key("kept").array();
    for (const std::string& element : done.kept) json.text(element);
    json.end().key("problems");
    write_problems(json, done.mistakes);
    return json.end().document();
}

class Reload final : public Subcommand {
public:
    void declare(Arguments& arguments) override {
        arguments.flag("--workers", workers_,
                       "also replace the worker processes, by the program as it is now");
    }

    Result<int> execute(Session& session) override {
        const auto home = session.home_of_what_runs();
        if (!home) return Failure(home.error());
        Reloading done{.mistakes = errors_of((*session.reading())->problems)};
        const auto answer = ask_holder(home->state, "reload", kPatience);
        if (!answer) {
            if (auto silent = check_not_silent(*home); !silent) return Failure(silent.error());
            const int code = session.report(
                Error{.code = ErrorCode::NotFound,
                      .message = "no daemon runs here",
                      .hint = "'periodic start' starts it; one that began before <state> was "
                              "changed listens in the old directory"});
            return done.mistakes.empty() ? code : graver(kBroken, code);
        }
        if (answer->starts_with("kept")) {
            explain(session, *home, *answer, done);
            return tell(session, done, kBroken);
        }
        done.reloaded = true;
        done.kept = elements_of(*answer);
        int code = kFine;
        if (workers_) {
            const auto replaced = replace_workers(*home);
            done.workers_replaced = replaced.has_value();
            if (!replaced) code = session.report(replaced.error());
        }
        // What it can't change while it runs.
        if (const auto more = answer->find(": "); more != std::string::npos)
            session.complain("periodic: " + answer->substr(more + 2) + '\n');
        return tell(session, done, code);
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

    // All mistakes, as `check` shows them; those of the configuration stand on the terminal
    // already. If somebody has mended them meanwhile, the daemon notices by itself.
    static void explain(Session& session, const Home& home, const std::string& answer,
                        Reloading& done) {
        session.complain("periodic: the daemon goes on with what it had\n");
        std::vector<Problem> found;
        auto zone = zone_of((*session.reading())->configuration);
        if (!zone) found.push_back({.severity = Severity::Error, .error = zone.error()});
        const Crontab crontab = Crontab::read(home.crontabs, zone.value_or(TimeZone::utc()));
        for (Problem& mistake : errors_of(crontab.problems())) found.push_back(std::move(mistake));
        if (found.empty() && done.mistakes.empty())
            found.push_back({.severity = Severity::Error, .error = {.message = answer}});
        session.report_errors(found);
        done.mistakes.insert(done.mistakes.end(), found.begin(), found.end());
    }

    static int tell(Session& session, const Reloading& done, int code) {
        if (session.json()) {
            session.print(document(done));
        } else if (code == kFine && !session.quiet()) {
            session.print("Reloaded.\n");
        }
        return code;
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
