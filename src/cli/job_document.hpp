#pragma once

/// @file
/// A job as JSON and as text: the one place that knows the shape.

#include <chrono>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "cli/json_writer.hpp"
#include "periodic/job.hpp"
#include "periodic/time_zone.hpp"

namespace periodic::cli {

/// The zones that jobs' times are shown in: the one of a job's entry, else the home's. Used by one
/// thread.
class Zones {
public:
    explicit Zones(TimeZone home) : home_(home) {}

    [[nodiscard]] const TimeZone& home() const noexcept { return home_; }

    /// A zone by name; the home's for an empty name, and for one that does not load any more.
    [[nodiscard]] const TimeZone& find(const std::string& name);

private:
    TimeZone home_;
    std::map<std::string, TimeZone> known_{};
};

/// What else is known of a job: its events, and the jobs that it has added.
struct JobHistory {
    std::vector<JobEvent> events{};
    std::int64_t children = 0;
    std::vector<Job> newest_children{};
};

/// Writes a job; with its history, that too.
void write_job(JsonWriter& json, const Job& job, Zones& zones, const JobHistory* history = nullptr);

/// The last occurrence of a skipped job that stands for several; none for any other job.
[[nodiscard]] std::optional<std::chrono::sys_seconds> last_scheduled(const Job& job) noexcept;

/// Writes one line of a log.
void write_log_line(JsonWriter& json, const LogLine& line, const TimeZone& zone);

/// `2026-03-29 03:00:00` in a zone, for people; empty for no time.
[[nodiscard]] std::string local_text(std::optional<std::chrono::sys_seconds> time,
                                     const TimeZone& zone);
[[nodiscard]] std::string local_text(std::optional<Time> time, const TimeZone& zone);

/// How long an attempt took, or has been running: `0.3s`, `12s`, `1h30m`; empty if it never
/// started.
[[nodiscard]] std::string took_text(const Job& job, Time now);

/// What a queued job waits for, in words: `waits for its group`, `paused`; empty if for nothing.
/// With a zone, also until when.
[[nodiscard]] std::string waiting_text(const Job& job, const TimeZone* zone = nullptr);

/// The job's reason in a word, beside its state; empty where the state says it already (stopped).
[[nodiscard]] std::string_view reason_beside_state(const Job& job);

/// What there is to say of a job in one line: its reason, what it waits for, how far it is, its
/// error or message; else its comment.
[[nodiscard]] std::string remark(const Job& job, const TimeZone* zone = nullptr);

}  // namespace periodic::cli
