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
#include "cli/subcommands/all.hpp"
#include "cli/table.hpp"
#include "periodic/duration.hpp"

namespace periodic::cli {
namespace {

constexpr int kNotRunning = 3;  // as LSB has it for services
constexpr std::size_t kEnds = 10;

/// A member of what the daemon says, by what it is.
std::int64_t number(const json::Object& object, std::string_view name) {
    const auto* value = object.if_contains(name);
    return value != nullptr && value->is_number() ? value->to_number<std::int64_t>() : 0;
}

std::string word(const json::Object& object, std::string_view name) {
    const auto* value = object.if_contains(name);
    return value != nullptr && value->is_string() ? std::string(value->as_string()) : std::string();
}

std::optional<Time> instant(const json::Object& object, std::string_view name) {
    const auto* value = object.if_contains(name);
    if (value == nullptr || !value->is_number()) return std::nullopt;
    return Time(std::chrono::milliseconds(value->to_number<std::int64_t>()));
}

const json::Array& list(const json::Object& object, std::string_view name) {
    static const json::Array kNone;
    const auto* value = object.if_contains(name);
    return value != nullptr && value->is_array() ? value->as_array() : kNone;
}

/// The end of a daemon.
struct End {
    Generation generation{};
    std::string reason{};
};

// How a generation ended; none if it has not.
std::optional<End> end_of(Generation generation) {
    if (generation.ended) {
        std::string reason = generation.end_reason;
        return End{std::move(generation), std::move(reason)};
    }
    const bool here = generation.host == this_host();
    if (here && is_alive(generation.process)) return std::nullopt;
    return End{std::move(generation), here ? "died" : "died, or runs on another host"};
}

// The last ends of daemons, the newest first.
std::vector<End> last_ends(JobStore& store) {
    std::vector<End> ends;
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

std::string ago(Time then, Time now) {
    const auto seconds = std::chrono::floor<std::chrono::seconds>(now - then);
    return format_duration(std::max(seconds, std::chrono::seconds(0)));
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

std::string document(const std::optional<json::Object>& status, const std::vector<End>& ends,
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
    for (const End& end : ends) {
        json.object().key("pid").integer(end.generation.process.pid);
        json.key("generation").integer(end.generation.id);
        json.instant("since_", std::optional(end.generation.started), zone);
        json.instant("ended_", end.generation.ended, zone);
        json.key("reason").text(end.reason).end();
    }
    return json.end().end().document();
}

std::string pools_text(const json::Object& said, const Terminal& terminal) {
    Table table({"TOPIC", "WORKERS", "SLOTS", "BUSY", "WAITING", "DONE", "FAILED", "RECYCLED"});
    for (std::size_t column = 1; column < 8; ++column) table.align(column, Table::Align::Right);
    for (const auto& each : list(said, "pools")) {
        const json::Object& pool = each.as_object();
        std::vector<std::string> cells{word(pool, "topic")};
        for (const char* name :
             {"workers", "slots", "busy", "waiting", "done", "failed", "recycled"})
            cells.push_back(std::to_string(number(pool, name)));
        table.add(std::move(cells));
    }
    std::string text = table.empty() ? "" : '\n' + table.text(terminal);
    for (const auto& each : list(said, "pools")) {
        const std::string problem = word(each.as_object(), "problem");
        if (!problem.empty()) text += red(terminal, problem) + '\n';
    }
    return text;
}

std::string running_text(const json::Object& said, Time now, const Terminal& terminal) {
    Table table({"JOB", "TASK", "TOPIC", "FOR"});
    for (const auto& each : list(said, "running")) {
        const json::Object& job = each.as_object();
        table.add({std::to_string(number(job, "id")), word(job, "task"), word(job, "topic"),
                   ago(instant(job, "since").value_or(now), now)});
    }
    return table.empty() ? "" : '\n' + table.text(terminal);
}

std::string ends_text(const std::vector<End>& ends, const TimeZone& zone,
                      const Terminal& terminal) {
    Table table({"ENDED", "PID", "STARTED", "REASON"});
    for (const End& end : ends) {
        table.add({end.generation.ended ? local_text(end.generation.ended, zone) : "unknown",
                   std::to_string(end.generation.process.pid),
                   local_text(std::optional(end.generation.started), zone), end.reason});
    }
    return table.empty() ? "" : '\n' + table.text(terminal);
}

std::string text(const std::optional<json::Object>& status, const std::vector<End>& ends,
                 const TimeZone& zone, Time now, const Terminal& terminal) {
    if (!status) return "No daemon runs here.\n" + ends_text(ends, zone, terminal);
    const json::Object& said = *status;
    const auto since = instant(said, "since");
    std::string line = "Runs since " + local_text(since, zone) + " (" +
                       ago(since.value_or(now), now) + "), pid " +
                       std::to_string(number(said, "pid")) + ", generation " +
                       std::to_string(number(said, "generation"));
    if (const auto* stopping = said.if_contains("stopping");
        stopping != nullptr && stopping->is_bool() && stopping->as_bool())
        line += ", is stopping";
    line += ".\n" + std::to_string(number(said, "entries")) + " entries";
    if (const auto next = instant(said, "next"))
        line += ", the next is due " + local_text(next, zone);
    line += "; jobs: " + std::to_string(list(said, "running").size()) + " run, " +
            std::to_string(number(said, "ready")) + " ready, " +
            std::to_string(number(said, "waiting")) + " wait for their time.\n";
    return line + pools_text(said, terminal) + running_text(said, now, terminal) +
           ends_text(ends, zone, terminal);
}

class Status final : public Subcommand {
public:
    void declare(Arguments&) override {}

    Result<int> execute(Session& session) override {
        const auto home = session.home();
        if (!home) return Failure(home.error());
        const auto zone = session.zone();
        if (!zone) return Failure(zone.error());
        const auto status = ask_status(*home);
        const auto store = open_history(session);
        if (!store) return Failure(store.error());
        const auto ends = last_ends(**store);
        if (session.json()) {
            session.print(document(status, ends, *zone));
        } else if (!session.quiet()) {
            session.print(text(status, ends, *zone, session.clock().now(), session.out()));
        }
        return status ? kFine : kNotRunning;
    }
};

}  // namespace

const SubcommandType kStatusCommand{
    .name = "status",
    .summary = "How the daemon is doing: its pools, processes and jobs, and how earlier ones ended",
    .details = "Exit codes: 0 it runs; 3 it does not.",
    .examples = "periodic status\nperiodic status --output json | jq .pools",
    .make = &make_subcommand<Status>};

}  // namespace periodic::cli
