#include "cli/job_document.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include "periodic/duration.hpp"

namespace periodic::cli {
namespace {

void write_times(JsonWriter& json, const Job& job, const TimeZone& zone) {
    json.instant("scheduled_", job.scheduled, zone);
    json.instant("last_scheduled_", last_scheduled(job), zone);
    json.instant("available_", job.available, zone);
    json.instant("created_", std::optional(job.created), zone);
    json.instant("started_", job.started, zone);
    json.instant("finished_", job.finished, zone);
    json.instant("first_failed_", job.first_failed, zone);
    json.instant("last_failed_", job.last_failed, zone);
}

JsonWriter& integer_or_null(JsonWriter& json, std::int64_t value) {
    return value == 0 ? json.null() : json.integer(value);
}

void write_counters(JsonWriter& json, const Job& job) {
    json.key("priority").integer(job.priority).key("claim").integer(job.claim);
    json.key("attempt").integer(job.attempt).key("max_attempts").integer(job.max_attempts);
    json.key("crashes").integer(job.crashes).key("missed").integer(job.missed);
    json.key("progress").integer(job.progress);
}

void write_texts(JsonWriter& json, const Job& job) {
    json.key("parameters").values(job.parameters).key("attributes").values(job.attributes);
    json.key("comment").text_or_null(job.comment).key("key").text_or_null(job.key);
    json.key("interval_seconds");
    job.interval_seconds ? json.integer(*job.interval_seconds) : json.null();
    json.key("result_code").text_or_null(job.result_code).key("message").text_or_null(job.message);
    json.key("reason").text_or_null(to_string(job.reason));
    json.key("waiting_for").text_or_null(to_string(job.waiting_for));
    json.key("error").text_or_null(job.error).key("error_detail").text_or_null(job.error_detail);
}

void write_events(JsonWriter& json, const std::vector<JobEvent>& events, const TimeZone& zone) {
    json.key("events").array();
    for (const auto& event : events) {
        json.object().instant("", std::optional(event.time), zone);
        json.key("event").text(event.event).key("by").text_or_null(event.by);
        json.key("detail").text_or_null(event.detail).end();
    }
    json.end();
}

void write_children(JsonWriter& json, const JobHistory& history, Zones& zones) {
    json.key("children").object().key("count").integer(history.children).key("newest").array();
    for (const Job& child : history.newest_children) {
        json.object().key("id").integer(child.id).key("task").text(child.task);
        json.key("group").text_or_null(child.group).key("state").text(to_string(child.state));
        json.key("reason").text_or_null(to_string(child.reason));
        json.instant("created_", std::optional(child.created), zones.find(child.zone)).end();
    }
    json.end().end();
}

}  // namespace

const TimeZone& Zones::find(const std::string& name) {
    if (name.empty() || name == home_.name()) return home_;
    const auto known = known_.find(name);
    if (known != known_.end()) return known->second;
    return known_.emplace(name, TimeZone::load(name).value_or(home_)).first->second;
}

void write_job(JsonWriter& json, const Job& job, Zones& zones, const JobHistory* history) {
    const TimeZone& zone = zones.find(job.zone);
    json.object().key("id").integer(job.id).key("task").text(job.task);
    json.key("group").text_or_null(job.group).key("topic").text(job.topic);
    json.key("state").text(to_string(job.state)).key("phase");
    job.phase ? json.text(*job.phase) : json.null();
    write_counters(json, job);
    write_texts(json, job);
    write_times(json, job, zone);
    integer_or_null(json.key("worker"), job.worker);
    integer_or_null(json.key("pid"), job.pid).key("exit_code");
    job.exit_code ? json.integer(*job.exit_code) : json.null();
    json.key("task_digest").text_or_null(job.task_digest);
    integer_or_null(json.key("parent"), job.parent);
    json.key("log_bytes").integer(job.log_bytes).key("response_bytes").integer(job.response_bytes);
    if (history != nullptr) {
        write_events(json, history->events, zone);
        write_children(json, *history, zones);
    }
    json.end();
}

std::optional<std::chrono::sys_seconds> last_scheduled(const Job& job) noexcept {
    return job.state == JobState::Skipped ? job.last_scheduled : std::nullopt;
}

void write_log_line(JsonWriter& json, const LogLine& line, const TimeZone& zone) {
    json.object().key("seq").integer(line.seq).instant("", std::optional(line.time), zone);
    json.key("level").text(to_string(line.level)).key("stream").text(to_string(line.stream));
    json.key("text").text(line.text).end();
}

std::string local_text(std::optional<std::chrono::sys_seconds> time, const TimeZone& zone) {
    if (!time) return {};
    std::string text = format_rfc3339(*time, zone).substr(0, 19);
    std::replace(text.begin(), text.end(), 'T', ' ');
    return text;
}

std::string local_text(std::optional<Time> time, const TimeZone& zone) {
    if (!time) return {};
    return local_text(std::optional(std::chrono::floor<std::chrono::seconds>(*time)), zone);
}

std::string took_text(const Job& job, Time now) {
    if (!job.started) return {};
    const bool running = job.state == JobState::Running;
    if (!running && !job.finished) return {};
    const auto took =
        std::max((running ? now : *job.finished) - *job.started, std::chrono::milliseconds(0));
    if (took >= std::chrono::seconds(10)) {
        return format_duration(std::chrono::round<std::chrono::seconds>(took));
    }
    const auto tenths = (took.count() + 50) / 100;
    return std::to_string(tenths / 10) + '.' + std::to_string(tenths % 10) + 's';
}

std::string waiting_text(const Job& job, const TimeZone* zone) {
    switch (job.waiting_for) {
        case WaitingFor::None:
            return {};
        case WaitingFor::Time:
            return zone != nullptr ? "waits until " + local_text(job.available, *zone)
                                   : "waits for its time";
        case WaitingFor::Group:
            return "waits for its group";
        case WaitingFor::Concurrency:
            return "waits for another job of its task";
        case WaitingFor::Slot:
            return "waits for an executor";
        case WaitingFor::Paused:
            return "paused";
    }
    return {};
}

std::string_view reason_beside_state(const Job& job) {
    const std::string_view reason = to_string(job.reason);
    return reason == to_string(job.state) ? std::string_view() : reason;
}

std::string remark(const Job& job, const TimeZone* zone) {
    // What stands in the state already, as in "stopped: stopped", is not said twice.
    std::string text(reason_beside_state(job));
    const auto add = [&](const std::string& what) {
        if (what.empty()) return;
        text += (text.empty() ? "" : ": ") + what;
    };
    add(waiting_text(job, zone));
    if (job.state == JobState::Running && job.progress > 0)
        add(std::to_string(job.progress) + " %");
    if (job.state == JobState::Running && job.asked != Reason::None) add("asked to end");
    add(job.error.empty() ? job.message : job.error);
    if (text.empty()) text = job.comment;
    return text;
}

}  // namespace periodic::cli
