/// status: how the daemon is doing, and how earlier ones ended.

#include <optional>
#include <string>
#include <vector>

#include "base/this_machine.hpp"
#include "cli/daemon_console.hpp"
#include "cli/exit_codes.hpp"
#include "cli/history.hpp"
#include "cli/job_document.hpp"
#include "cli/json_writer.hpp"
#include "cli/status_text.hpp"
#include "cli/subcommands/all.hpp"

namespace periodic::cli {
namespace {

constexpr int kNotRunning = 3;  // as LSB has it for services
constexpr std::size_t kEnds = 10;

// How a generation ended; none if it has not.
std::optional<DaemonEnd> end_of(Generation generation) {
    if (generation.ended) {
        std::string reason = generation.end_reason;
        return DaemonEnd{std::move(generation), std::move(reason)};
    }
    const bool here = generation.host == this_host();
    if (here && is_alive(generation.process)) return std::nullopt;
    return DaemonEnd{std::move(generation), here ? "died" : "died, or runs on another host"};
}

// The last ends of daemons, the newest first.
std::vector<DaemonEnd> last_ends(JobStore& store) {
    std::vector<DaemonEnd> ends;
    auto generation = store.last_generation();
    while (generation && ends.size() < kEnds) {
        const std::int64_t id = generation->id;
        if (generation->kind == "daemon") {
            if (auto end = end_of(*std::move(generation))) ends.push_back(std::move(*end));
        }
        generation = store.find_generation(id - 1);
    }
    return ends;
}

void write_pool(JsonWriter& json, const json::Object& pool) {
    json.object().key("topic").text(word(pool, "topic"));
    for (const char* name : {"workers", "slots", "busy", "waiting", "done", "failed", "rescheduled",
                             "aborted", "recycled"}) {
        json.key(name).integer(number(pool, name));
    }
    json.end();
}

void write_process(JsonWriter& json, const json::Object& process, const TimeZone& zone) {
    json.object().key("pid").integer(number(process, "pid"));
    json.key("topic").text_or_null(word(process, "topic"));
    json.key("kind").text(word(process, "kind"));
    json.instant("since_", instant(process, "since"), zone);
    json.instant("last_", instant(process, "last"), zone);
    json.key("jobs").integer(number(process, "jobs"));
    json.key("busy_with").array();
    for (const auto& id : list(process, "busy_with")) json.integer(id.to_number<std::int64_t>());
    json.end().end();
}

std::string document(const std::optional<json::Object>& status, const std::vector<DaemonEnd>& ends,
                     const TimeZone& zone) {
    const json::Object none;
    const json::Object& said = status ? *status : none;
    JsonWriter json;
    json.object().key("running").boolean(status.has_value());
    const auto number_or_null = [&](const char* name) {
        json.key(name);
        status ? json.integer(number(said, name)) : json.null();
    };
    number_or_null("pid");
    json.instant("since_", instant(said, "since"), zone);
    number_or_null("generation");
    number_or_null("entries");
    std::optional<std::chrono::sys_seconds> next;
    if (const auto at = instant(said, "next")) next = std::chrono::floor<std::chrono::seconds>(*at);
    json.instant("next_", next, zone);
    json.key("pools").array();
    for (const auto& pool : list(said, "pools")) write_pool(json, pool.as_object());
    json.end().key("processes").array();
    for (const auto& process : list(said, "processes"))
        write_process(json, process.as_object(), zone);
    json.end().key("ends").array();
    for (const DaemonEnd& end : ends) {
        json.object().key("pid").integer(end.generation.process.pid);
        json.key("generation").integer(end.generation.id);
        json.instant("since_", std::optional(end.generation.started), zone);
        json.instant("ended_", end.generation.ended, zone);
        json.key("reason").text(end.reason).end();
    }
    return json.end().end().document();
}

class Status final : public Subcommand {
public:
    void declare(Arguments&) override {}

    Result<int> execute(Session& session) override {
        const auto home = session.home_of_what_runs();
        if (!home) return Failure(home.error());
        const auto zone = zone_of((*session.reading())->configuration);
        if (!zone) return Failure(zone.error());
        const auto status = ask_status(*home);
        if (!status) {
            if (auto silent = check_not_silent(*home); !silent) return Failure(silent.error());
        }
        const auto store = open_history(*home);
        if (!store) return Failure(store.error());
        const auto ends = last_ends(**store);
        if (session.json()) {
            session.print(document(status, ends, *zone));
        } else if (!session.quiet()) {
            session.print(status_text({.said = status ? &*status : nullptr,
                                       .ends = ends,
                                       .store = **store,
                                       .zone = *zone,
                                       .now = session.clock().now(),
                                       .terminal = session.out()}));
        }
        return status ? kFine : kNotRunning;
    }
};

}  // namespace

const SubcommandType kStatusCommand{
    .name = "status",
    .summary = "How the daemon is doing: its pools, processes and jobs, and how earlier ones ended",
    .details =
        "Of each pool: its workers, the jobs they run at once at most and now, how many wait, and "
        "what became of those that ended since the daemon's start. Then the processes, what runs, "
        "the first of those that wait and why, and what is paused.\n"
        "Exit codes: 0 it runs; 3 it does not; 75 it lives and does not answer.",
    .examples = "periodic status\nperiodic status --output json | jq .pools",
    .make = &make_subcommand<Status>};

}  // namespace periodic::cli
