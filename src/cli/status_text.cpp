#include "cli/status_text.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include "cli/job_document.hpp"
#include "cli/pausing.hpp"
#include "cli/table.hpp"
#include "periodic/duration.hpp"

namespace periodic::cli {
namespace {

// More of a kind are only counted.
constexpr std::size_t kMostProcesses = 20;
constexpr std::size_t kMostWaiting = 10;
// Of so many jobs it is looked up what they wait for.
constexpr int kLookedAt = 500;

std::string ago(Time then, Time now) {
    const auto seconds = std::chrono::floor<std::chrono::seconds>(now - then);
    return format_duration(std::max(seconds, std::chrono::seconds(0)));
}

std::string counted(std::int64_t count, const std::string& one, const std::string& many) {
    return std::to_string(count) + ' ' + (count == 1 ? one : many);
}

std::string below_a_blank_line(const Table& table, const Terminal& terminal) {
    return table.empty() ? "" : '\n' + table.text(terminal);
}

std::string first_lines(const StatusParts& parts) {
    const json::Object& said = *parts.said;
    const auto since = instant(said, "since");
    std::string line = "Runs since " + local_text(since, parts.zone) + " (" +
                       ago(since.value_or(parts.now), parts.now) + "), pid " +
                       std::to_string(number(said, "pid")) + ", generation " +
                       std::to_string(number(said, "generation"));
    const auto* stopping = said.if_contains("stopping");
    if (stopping != nullptr && stopping->is_bool() && stopping->as_bool()) line += ", is stopping";
    line += ".\n" + counted(number(said, "entries"), "entry", "entries");
    if (const auto next = instant(said, "next"))
        line += ", the next is due " + local_text(next, parts.zone);
    line += "; jobs: " +
            counted(static_cast<std::int64_t>(list(said, "running").size()), "runs", "run") + ", " +
            std::to_string(number(said, "ready")) + " ready, " +
            counted(number(said, "waiting"), "waits for its time", "wait for their time") + '.';
    const std::size_t width = parts.terminal.width;
    line = (width == 0 ? line : wrapped(line, width, 0)) + '\n';
    if (const auto trouble = word(said, "trouble"); !trouble.empty())
        line += red(parts.terminal, printable("Nothing new begins: " + trouble)) + '\n';
    return line;
}

// What holds a job whose time has come.
std::string why(const Job& job, const json::Object& said) {
    if (job.waiting_for != WaitingFor::Slot) return waiting_text(job);
    return word(said, "trouble").empty() ? "no slot of its pool is free"
                                         : "the store takes nothing";
}

std::string pools_text(const json::Object& said, const Terminal& terminal) {
    Table table({"TOPIC", "WORKERS", "SLOTS", "BUSY", "WAITING", "DONE", "FAILED", "RECYCLED"});
    for (std::size_t column = 1; column < 8; ++column) table.align(column, Table::Align::Right);
    std::string problems;
    for (const auto& each : list(said, "pools")) {
        const json::Object& pool = each.as_object();
        std::vector<std::string> cells{word(pool, "topic")};
        for (const char* name :
             {"workers", "slots", "busy", "waiting", "done", "failed", "recycled"})
            cells.push_back(std::to_string(number(pool, name)));
        table.add(std::move(cells));
        if (const auto problem = word(pool, "problem"); !problem.empty())
            problems += red(terminal, printable(problem)) + '\n';
    }
    return below_a_blank_line(table, terminal) + problems;
}

std::string busy_with(const json::Object& process) {
    std::string text;
    for (const auto& id : list(process, "busy_with"))
        text += (text.empty() ? "" : " ") + std::to_string(id.to_number<std::int64_t>());
    return text;
}

// Those that do something first.
std::string processes_text(const StatusParts& parts) {
    std::vector<const json::Object*> processes;
    for (const auto& each : list(*parts.said, "processes")) processes.push_back(&each.as_object());
    std::stable_partition(processes.begin(), processes.end(), [](const json::Object* process) {
        return !list(*process, "busy_with").empty();
    });
    Table table({"PROCESS", "TOPIC", "KIND", "SINCE", "JOBS", "BUSY WITH"});
    table.align(4, Table::Align::Right);
    for (std::size_t i = 0; i < std::min(processes.size(), kMostProcesses); ++i) {
        const json::Object* const process = processes[i];
        table.add({std::to_string(number(*process, "pid")), word(*process, "topic"),
                   word(*process, "kind"), local_text(instant(*process, "since"), parts.zone),
                   std::to_string(number(*process, "jobs")), busy_with(*process)});
    }
    std::string text = below_a_blank_line(table, parts.terminal);
    if (processes.size() > kMostProcesses)
        text += "and " + std::to_string(processes.size() - kMostProcesses) + " more\n";
    return text;
}

std::string running_text(const StatusParts& parts) {
    Table table({"RUNNING", "TASK", "TOPIC", "FOR"});
    for (const auto& each : list(*parts.said, "running")) {
        const json::Object& job = each.as_object();
        table.add({std::to_string(number(job, "id")), word(job, "task"), word(job, "topic"),
                   ago(instant(job, "since").value_or(parts.now), parts.now)});
    }
    return below_a_blank_line(table, parts.terminal);
}

// Of those whose time has come, the oldest, with what holds each of them.
std::string waiting_jobs_text(const StatusParts& parts) {
    const std::int64_t ready = number(*parts.said, "ready");
    if (ready == 0) return {};
    auto jobs = parts.store.page(
        {.states = {JobState::Queued}, .limit = kLookedAt, .newest_first = false}, parts.now);
    std::erase_if(jobs, [](const Job& job) { return job.waiting_for == WaitingFor::Time; });
    Table table({"WAITING", "TASK", "GROUP", "TOPIC", "FOR", "WHY"});
    std::int64_t shown = 0;
    for (const Job& job : jobs) {
        if (std::cmp_greater_equal(shown, kMostWaiting)) break;
        ++shown;
        table.add({std::to_string(job.id), job.task, job.group, job.topic,
                   ago(job.available.value_or(job.created), parts.now), why(job, *parts.said)});
    }
    std::string text = below_a_blank_line(table, parts.terminal);
    if (shown > 0 && ready > shown) text += "and " + std::to_string(ready - shown) + " more\n";
    return text;
}

std::string paused_text(const StatusParts& parts) {
    auto pauses = parts.store.pauses(parts.now);
    std::erase_if(pauses, [&](const Pause& each) { return !each.holds(parts.now); });
    const std::string text = pauses_text(pauses, parts.zone, parts.terminal);
    return text.empty() ? "" : '\n' + text;
}

std::string ends_text(const StatusParts& parts) {
    Table table({"ENDED", "PID", "STARTED", "REASON"});
    for (const DaemonEnd& end : parts.ends) {
        table.add({end.generation.ended ? local_text(end.generation.ended, parts.zone) : "unknown",
                   std::to_string(end.generation.process.pid),
                   local_text(std::optional(end.generation.started), parts.zone), end.reason});
    }
    return below_a_blank_line(table, parts.terminal);
}

}  // namespace

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

std::string status_text(const StatusParts& parts) {
    if (parts.said == nullptr)
        return "No daemon runs here.\n" + paused_text(parts) + ends_text(parts);
    return first_lines(parts) + pools_text(*parts.said, parts.terminal) + processes_text(parts) +
           running_text(parts) + waiting_jobs_text(parts) + paused_text(parts) + ends_text(parts);
}

}  // namespace periodic::cli
