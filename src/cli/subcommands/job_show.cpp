/// job show: all that is known of one job.

#include "cli/exit_codes.hpp"
#include "cli/history.hpp"
#include "cli/job_document.hpp"
#include "cli/subcommands/all.hpp"

namespace periodic::cli {
namespace {

constexpr std::size_t kLabelWidth = 14;

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
    add(text, "to", at(job.last_scheduled));
    add(text, "available", at(job.available));
    add(text, "created", at(std::optional(job.created)));
    add(text, "started", at(job.started));
    add(text, "finished", at(job.finished));
    add(text, "first failed", at(job.first_failed));
    add(text, "last failed", at(job.last_failed));
}

std::string job_text(const Job& job, const std::vector<JobEvent>& events, const TimeZone& zone) {
    std::string text;
    add(text, "job", std::to_string(job.id));
    add(text, "task", job.task);
    add(text, "group", job.group);
    add(text, "topic", job.topic == "default" ? "" : job.topic);
    add(text, "state", to_string(job.state));
    add(text, "reason", to_string(job.reason));
    add(text, "waits for", to_string(job.waiting_for));
    add(text, "phase", job.phase.value_or(""));
    add(text, "attempt", std::to_string(job.attempt) + " of " + std::to_string(job.max_attempts));
    add_number(text, "crashes", job.crashes);
    add_number(text, "missed", job.missed);
    add_number(text, "priority", job.priority);
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
    if (job.exit_code) add(text, "exit code", std::to_string(*job.exit_code));
    add_number(text, "worker", job.worker);
    add_number(text, "pid", job.pid);
    add_number(text, "parent", job.parent);
    add_number(text, "log bytes", job.log_bytes);
    add_number(text, "response", job.response_bytes);
    text += "\nevents\n";
    for (const auto& event : events) {
        std::string line = "  " + format_rfc3339(event.time, zone) + "  " + event.event;
        if (!event.by.empty()) line += " by " + event.by;
        if (!event.detail.empty()) line += ": " + event.detail;
        text += printable(line) + '\n';
    }
    return text;
}

class JobShow final : public Subcommand {
public:
    void declare(Arguments& arguments) override { arguments.required("ID", id_); }

    Result<int> execute(Session& session) override {
        const auto id = parse_job_id(id_);
        if (!id) return Failure(id.error());
        const auto store = open_history(session);
        if (!store) return Failure(store.error());
        const auto zone = session.zone();
        if (!zone) return Failure(zone.error());
        const auto job = (*store)->find(*id, session.clock().now());
        if (!job) return no_such_job(*id);
        const auto events = (*store)->events(*id);
        Zones zones(*zone);
        if (session.json()) {
            JsonWriter json;
            write_job(json, *job, zones, &events);
            session.print(json.document());
        } else {
            session.print(job_text(*job, events, zones.find(job->zone)));
        }
        return kFine;
    }

private:
    std::string id_{};
};

}  // namespace

const SubcommandType kJobShowCommand{
    .name = "job show",
    .summary = "All that is known of one job, with its events",
    .details = "",
    .examples = "periodic job show 12\nperiodic job show 12 --output json",
    .make = &make_subcommand<JobShow>};

}  // namespace periodic::cli
