/// job show: all that is known of one job.

#include <algorithm>

#include "cli/exit_codes.hpp"
#include "cli/history.hpp"
#include "cli/job_document.hpp"
#include "cli/job_lookup.hpp"
#include "cli/subcommands/all.hpp"
#include "cli/table.hpp"
#include "periodic/duration.hpp"

namespace periodic::cli {
namespace {

constexpr std::size_t kLabelWidth = 14;
constexpr int kChildren = 20;

void add(std::string& text, std::string_view label, std::string_view value) {
    if (value.empty()) return;
    text += label;
    text.append(kLabelWidth - label.size(), ' ');
    text += printable(value) + '\n';
}

void add_number(std::string& text, std::string_view label, std::int64_t value) {
    if (value != 0) add(text, label, std::to_string(value));
}

std::string values_text(const Values& values) {
    return values.empty() ? std::string() : to_json(values);
}

void add_times(std::string& text, const Job& job, const TimeZone& zone) {
    const auto at = [&](auto time) { return time ? format_rfc3339(*time, zone) : std::string(); };
    add(text, "scheduled", at(job.scheduled));
    add(text, "to", at(last_scheduled(job)));
    add(text, "available", at(job.available));
    add(text, "created", at(std::optional(job.created)));
    add(text, "started", at(job.started));
    add(text, "finished", at(job.finished));
    add(text, "first failed", at(job.first_failed));
    add(text, "last failed", at(job.last_failed));
}

// "queued, waits for its group", "running, asked to end", "failed: exit".
std::string state_text(const Job& job) {
    std::string text(to_string(job.state));
    if (const auto why = reason_beside_state(job); !why.empty()) text.append(": ").append(why);
    if (const auto waits = waiting_text(job); !waits.empty()) text.append(", ").append(waits);
    if (job.asked != Reason::None) {
        text += job.asked == Reason::Killed ? ", asked to end at once" : ", asked to end";
    }
    return text;
}

std::string members_text(const Job& job, const TimeZone& zone, Time now) {
    std::string text;
    add(text, "job", std::to_string(job.id));
    add(text, "task", job.task);
    add(text, "group", job.group);
    add(text, "topic", job.topic == "default" ? "" : job.topic);
    add(text, "state", state_text(job));
    add(text, "phase", job.phase.value_or(""));
    add(text, "attempt", std::to_string(job.attempt) + " of " + std::to_string(job.max_attempts));
    add_number(text, "crashes", job.crashes);
    add_number(text, "missed", job.missed);
    add_number(text, "priority", job.priority);
    if (job.interval_seconds)
        add(text, "interval", format_duration(std::chrono::seconds(*job.interval_seconds)));
    if (job.state == JobState::Running) add(text, "progress", std::to_string(job.progress) + " %");
    add(text, "parameters", values_text(job.parameters));
    add(text, "attributes", values_text(job.attributes));
    add(text, "comment", job.comment);
    add(text, "key", job.key);
    add(text, "result code", job.result_code);
    add(text, "message", job.message);
    add(text, "error", job.error);
    add(text, "error detail", job.error_detail);
    add_times(text, job, zone);
    add(text, "took", took_text(job, now));
    if (job.exit_code) add(text, "exit code", std::to_string(*job.exit_code));
    add_number(text, "worker", job.worker);
    add_number(text, "pid", job.pid);
    add_number(text, "parent", job.parent);
    add_number(text, "log bytes", job.log_bytes);
    add_number(text, "response", job.response_bytes);
    return text;
}

std::string attempts_text(const std::vector<JobAttempt>& attempts, const TimeZone& zone,
                          const Terminal& terminal) {
    Table table({"TRY", "PHASE", "STARTED", "TOOK", "THEN", "REASON", "EXIT", "ERROR"});
    table.align(0, Table::Align::Right);
    for (const auto& attempt : attempts) {
        Job times;
        times.state = JobState::Failed;
        times.started = attempt.started;
        times.finished = attempt.ended;
        table.add({std::to_string(attempt.attempt), attempt.phase.value_or(""),
                   local_text(attempt.started, zone), took_text(times, attempt.ended),
                   std::string(to_string(attempt.state)), std::string(to_string(attempt.reason)),
                   attempt.exit_code ? std::to_string(*attempt.exit_code) : "", attempt.error});
    }
    return table.empty() ? std::string()
                         : '\n' + bold(terminal, "Attempts") + '\n' + table.text(terminal);
}

// "@1795282359.5" is what the store, which knows no zones, writes for a time.
std::string with_local_times(const std::string& detail, const TimeZone& zone) {
    std::string text;
    std::size_t from = 0;
    for (auto at = detail.find('@'); at != std::string::npos; at = detail.find('@', at + 1)) {
        if (at > 0 && detail[at - 1] != ' ') continue;
        const auto end = std::min(detail.find_first_not_of("0123456789.", at + 1), detail.size());
        const auto time = parse_time(detail.substr(at, end - at), {});
        if (!time) continue;
        text.append(detail, from, at - from).append(local_text(std::optional(*time), zone));
        from = end;
    }
    return text.append(detail, from);
}

std::string events_text(const std::vector<JobEvent>& events, const TimeZone& zone,
                        const Terminal& terminal) {
    Table table({"TIME", "EVENT", "BY", "DETAIL"});
    for (const auto& event : events) {
        table.add({local_text(std::optional(event.time), zone), event.event, event.by,
                   with_local_times(event.detail, zone)});
    }
    return table.empty() ? std::string()
                         : '\n' + bold(terminal, "Events") + '\n' + table.text(terminal);
}

// "Children", or "Children: the newest 20 of 25".
std::string children_text(const JobHistory& history, Zones& zones, Time now,
                          const Terminal& terminal) {
    Table table({"ID", "STATE", "TASK", "GROUP", "CREATED", "TOOK", "REMARK"});
    table.align(0, Table::Align::Right);
    table.leave_out_empty();
    for (const Job& child : history.newest_children) {
        const TimeZone& zone = zones.find(child.zone);
        table.add({std::to_string(child.id), std::string(to_string(child.state)), child.task,
                   child.group, local_text(std::optional(child.created), zone),
                   took_text(child, now), remark(child, &zone)});
    }
    if (table.empty()) return {};
    std::string head = bold(terminal, "Children");
    const auto shown = static_cast<std::int64_t>(history.newest_children.size());
    if (history.children > shown) {
        head += ": the newest " + std::to_string(shown) + " of " + std::to_string(history.children);
    }
    return '\n' + head + '\n' + table.text(terminal);
}

JobHistory read_history(JobStore& store, JobId id, Time now) {
    JobHistory history{.events = store.events(id)};
    const JobChildren children = store.children(id, kChildren);
    history.children = children.count;
    for (const JobId child : children.newest) {
        // One may have been deleted just now.
        if (auto job = store.find(child, now)) history.newest_children.push_back(*std::move(job));
    }
    return history;
}

class JobShow final : public Subcommand {
public:
    void declare(Arguments& arguments) override { arguments.optional("ID|TASK", which_); }

    Result<int> execute(Session& session) override {
        const auto store = open_history(session);
        if (!store) return Failure(store.error());
        const auto job = find_job(session, **store, which_);
        if (!job) return Failure(job.error());
        const auto home_zone = session.zone_of_jobs();
        if (!home_zone) return Failure(home_zone.error());
        const Time now = session.clock().now();
        const JobHistory history = read_history(**store, job->id, now);
        Zones zones(*home_zone);
        if (session.json()) {
            JsonWriter json;
            write_job(json, *job, zones, &history);
            session.print(json.document());
        } else {
            const TimeZone& zone = zones.find(job->zone);
            session.print(members_text(*job, zone, now));
            session.print(attempts_text((*store)->attempts(job->id), zone, session.out()));
            session.print(children_text(history, zones, now, session.out()));
            session.print(events_text(history.events, zone, session.out()));
        }
        return kFine;
    }

private:
    std::optional<std::string> which_{};
};

}  // namespace

const SubcommandType kJobShowCommand{
    .name = "job show",
    .summary = "All that is known of one job, with its attempts, children and events",
    .details =
        "A task's name means its latest job; without either it is the latest of all. Children are "
        "the jobs that it has queued: follow-ups, "
        "and those of the command 'task'. The newest twenty are shown.",
    .examples =
        "periodic job show 12\nperiodic job show backup\nperiodic job show 12 --output json",
    .make = &make_subcommand<JobShow>};

}  // namespace periodic::cli
