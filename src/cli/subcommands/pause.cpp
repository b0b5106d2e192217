/// pause: starts no jobs of a task, a group, a topic, or at all.

#include <algorithm>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/files.hpp"
#include "cli/caller.hpp"
#include "cli/exit_codes.hpp"
#include "cli/history.hpp"
#include "cli/job_document.hpp"
#include "cli/open_executor.hpp"
#include "cli/pausing.hpp"
#include "cli/subcommands/all.hpp"
#include "cli/task_lookup.hpp"
#include "periodic/executor.hpp"
#include "task/task_directory.hpp"

namespace periodic::cli {
namespace {

class PauseCommand final : public Subcommand {
public:
    void declare(Arguments& arguments) override {
        selector_.declare(arguments);
        arguments.text("--until", "TIME", until_,
                       "it ends by itself then: RFC 3339, @SECONDS, or a duration from now (2h)");
        arguments.text("--reason", "TEXT", reason_, "why, for the record");
    }

    Result<int> execute(Session& session) override {
        const auto scope = selector_.read();
        if (!scope) return Failure(scope.error());
        if (*scope) return pause(session, **scope);
        if (until_ || reason_) {
            return failure(ErrorCode::Usage, "what shall be paused is not given",
                           "one of --task, --group, --topic and --all");
        }
        return list(session);
    }

private:
    [[nodiscard]] Result<int> pause(Session& session, const PauseScope& scope) const {
        std::optional<Time> until;
        if (until_) {
            auto time = parse_time(*until_, session.clock().now());
            if (!time) {
                time.error().message = "--until: " + time.error().message;
                return Failure(time.error());
            }
            until = *time;
        }
        if (auto exists = must_exist(session, scope); !exists) return Failure(exists.error());
        const auto zone = session.zone();
        if (!zone) return Failure(zone.error());
        auto executor = open_executor(session, {});
        if (!executor) return Failure(executor.error());
        const auto paused = executor->jobs().pause(scope, until, reason_.value_or(""), caller());
        if (!paused) return Failure(paused.error());
        if (scope.kind == PauseScope::Kind::Topic) doubt_topic(session, *executor, scope.name);
        if (session.json()) {
            JsonWriter json;
            write_pause(json, *paused, *zone);
            session.print(json.document());
        } else if (!session.quiet()) {
            std::string text = "Paused " + scope_text(scope);
            if (paused->until) text += " until " + local_text(paused->until, *zone);
            session.print(printable(text) + ".\n");
        }
        return kFine;
    }

    // A slip of the pen would pause nothing.
    static Result<void> must_exist(Session& session, const PauseScope& scope) {
        if (scope.kind != PauseScope::Kind::Task) return {};
        const auto home = session.home();
        if (!home) return Failure(home.error());
        const auto names = list_tasks(*home);
        if (!names) return Failure(names.error());
        const bool is_there = std::find(names->begin(), names->end(), scope.name) != names->end();
        return is_there ? Result<void>() : no_such_task(scope.name, *names);
    }

    // A topic may be that of jobs to come: one that nothing has is only pointed at.
    static void doubt_topic(Session& session, Executor& executor, const std::string& topic) {
        const std::set<std::string> known = known_topics(session);
        if (session.quiet() || known.contains(topic)) return;
        if (!executor.jobs().list({.topic = topic, .limit = 1}).empty()) return;
        const std::string_view near = nearest_word(topic, {known.begin(), known.end()});
        std::string text = "periodic: no pool, task or job has the topic '" + topic + "'";
        if (!near.empty()) text += "; did you mean '" + std::string(near) + "'?";
        session.complain(printable(text) + '\n');
    }

    // Those of the pools, and of the tasks that can be read.
    static std::set<std::string> known_topics(Session& session) {
        std::set<std::string> topics{PoolOptions{}.topic};
        const auto configuration = session.configuration();
        const auto home = session.home();
        if (!configuration || !home) return topics;
        for (const PoolOptions& pool : configuration->pools) topics.insert(pool.topic);
        TaskDirectory tasks(home->tasks, session.commands(), &read_file);
        for (const std::string& name : list_tasks(*home).value_or(std::vector<std::string>())) {
            if (const auto task = tasks.find(name)) topics.insert((*task)->topic);
        }
        return topics;
    }

    static Result<int> list(Session& session) {
        const auto zone = session.zone_of_jobs();
        if (!zone) return Failure(zone.error());
        const auto store = open_history(session);
        if (!store) return Failure(store.error());
        const Time now = session.clock().now();
        auto pauses = (*store)->pauses(now);
        std::erase_if(pauses, [&](const Pause& each) { return !each.holds(now); });
        if (session.json()) {
            JsonWriter json;
            json.array();
            for (const auto& each : pauses) write_pause(json, each, *zone);
            session.print(json.end().document());
        } else if (!pauses.empty()) {
            session.print(pauses_text(pauses, *zone, session.out()));
        } else if (session.out().interactive && !session.quiet()) {
            session.print("Nothing is paused.\n");
        }
        return kFine;
    }

    PauseSelector selector_{};
    std::optional<std::string> until_{}, reason_{};
};

}  // namespace

const SubcommandType kPauseCommand{
    .name = "pause",
    .summary = "Starts no jobs of a task, a group, a topic, or at all, until 'resume'",
    .details =
        "Jobs that wait go on waiting, those that run go on running; what comes due meanwhile is "
        "skipped, on record. 'run TASK' and 'job run' go ahead nevertheless. It is kept in the "
        "store, also over a restart. Without options the pauses are listed.",
    .examples =
        "periodic pause --task backup --until 2h --reason 'the disk is being changed'\n"
        "periodic pause --topic mail --reason 'the mail server is down'\n"
        "periodic pause --all\n"
        "periodic pause",
    .make = &make_subcommand<PauseCommand>};

}  // namespace periodic::cli
