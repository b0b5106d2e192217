#include "store/sqlite/reading.hpp"

#include <algorithm>
#include <limits>

#include "store/sqlite/claiming.hpp"
#include "store/sqlite/listing.hpp"

namespace periodic::sqlite {
namespace {

// Why a queued job has not started, as of now.
WaitingFor waiting_for(Blocking& blocking, const Job& job, Serial serial, Time now) {
    if (job.state != JobState::Queued) return WaitingFor::None;
    if (job.available && *job.available > now) return WaitingFor::Time;
    Candidate candidate;
    candidate.id = job.id;
    candidate.task = job.task;
    candidate.concurrency = job.concurrency;
    candidate.concurrency_value = job.concurrency_value;
    candidate.entry = job.entry;
    candidate.serial = serial;
    if (blocking.paused().holds(job)) return WaitingFor::Paused;
    if (blocking.group_busy(job.group)) return WaitingFor::Group;
    if (blocking.at_limit(candidate) || blocking.waits_for_entry(candidate))
        return WaitingFor::Concurrency;
    return WaitingFor::Slot;
}

constexpr int kSerialColumn = 46;  // the last of whole_job

Job read_with_waiting(Blocking& blocking, const Statement& row, Time now) {
    Job job = read_job(row);
    job.waiting_for = waiting_for(blocking, job, row.integer(kSerialColumn), now);
    return job;
}

JobEvent read_event(const Statement& row) {
    return {row.time(0), row.text(1), row.text(2), row.text(3)};
}

LogLine read_line(const Statement& row) {
    LogLine line;
    line.seq = row.integer(0);
    line.time = row.time(1);
    line.level = static_cast<LogLevel>(row.integer(2));
    line.stream = static_cast<LogStream>(row.integer(3));
    line.text = row.text(4);
    return line;
}

}  // namespace

std::optional<Job> find_job(Database& database, JobId id, Time now) {
    Blocking blocking(database, now);
    auto row = database.query("SELECT * FROM whole_job WHERE id = ?1", id);
    return row.step() ? std::optional(read_with_waiting(blocking, row, now)) : std::nullopt;
}

std::vector<Job> read_page(Database& database, const JobFilter& filter, Time now) {
    Blocking blocking(database, now);
    std::vector<Job> jobs;
    for (const JobId id : Listing(database, filter).page()) {
        auto row = database.query("SELECT * FROM whole_job WHERE id = ?1", id);
        if (row.step()) jobs.push_back(read_with_waiting(blocking, row, now));
    }
    return jobs;
}

std::int64_t count_jobs(Database& database, const JobFilter& filter) {
    return Listing(database, filter).count();
}

JobChildren read_children(Database& database, JobId id, int limit) {
    JobChildren children;
    auto all = database.query(
        "SELECT count(*) FROM job_detail INDEXED BY job_children WHERE parent = ?1 AND parent <> 0",
        id);
    if (all.step()) children.count = all.integer(0);
    auto rows = database.query(
        "SELECT id FROM job_detail INDEXED BY job_children WHERE parent = ?1 AND parent <> 0"
        " ORDER BY id DESC LIMIT ?2",
        id, limit);
    while (rows.step()) children.newest.push_back(rows.integer(0));
    return children;
}

std::vector<JobEvent> read_events(Database& database, JobId id) {
    auto rows =
        database.query("SELECT time, event, by, detail FROM event WHERE job = ?1 ORDER BY seq", id);
    std::vector<JobEvent> events;
    while (rows.step()) events.push_back(read_event(rows));
    return events;
}

std::vector<JobEvent> read_entry_events(Database& database, std::int64_t entry) {
    auto rows = database.query(
        "SELECT time, event, by, detail FROM entry_event WHERE entry = ?1 ORDER BY id", entry);
    std::vector<JobEvent> events;
    while (rows.step()) events.push_back(read_event(rows));
    return events;
}

std::vector<JobAttempt> read_attempts(Database& database, JobId id) {
    auto rows = database.query(
        "SELECT claim, attempt, phase, owner, worker, pid, started, ended, state, reason, "
        "exit_code,"
        " error FROM attempt WHERE job = ?1 ORDER BY claim",
        id);
    std::vector<JobAttempt> attempts;
    while (rows.step()) {
        JobAttempt& attempt = attempts.emplace_back();
        attempt.claim = rows.integer(0);
        attempt.attempt = static_cast<int>(rows.integer(1));
        if (!rows.is_null(2)) attempt.phase = rows.text(2);
        attempt.owner = rows.integer(3);
        attempt.worker = rows.integer(4);
        attempt.pid = rows.integer(5);
        if (!rows.is_null(6)) attempt.started = rows.time(6);
        attempt.ended = rows.time(7);
        attempt.state = static_cast<JobState>(rows.integer(8));
        attempt.reason = static_cast<Reason>(rows.integer(9));
        if (!rows.is_null(10)) attempt.exit_code = static_cast<int>(rows.integer(10));
        attempt.error = rows.text(11);
    }
    return attempts;
}

std::vector<LogLine> read_log(Database& database, JobId id, std::int64_t after, int limit) {
    auto rows = database.query(
        "SELECT seq, time, level, stream, text FROM log WHERE job = ?1 AND seq > ?2 ORDER BY seq "
        "LIMIT ?3",
        id, after, std::max(limit, 0));
    std::vector<LogLine> lines;
    while (rows.step()) lines.push_back(read_line(rows));
    return lines;
}

std::vector<LogLine> read_log_tail(Database& database, JobId id, int count) {
    auto rows = database.query(
        "SELECT seq, time, level, stream, text FROM log WHERE job = ?1 ORDER BY seq DESC LIMIT ?2",
        id, std::max(count, 0));
    std::vector<LogLine> lines;
    while (rows.step()) lines.push_back(read_line(rows));
    std::reverse(lines.begin(), lines.end());
    return lines;
}

std::string read_response(Database& database, JobId id) {
    auto rows = database.query("SELECT text FROM response WHERE job = ?1 ORDER BY seq", id);
    std::string response;
    while (rows.step()) response += rows.text(0);
    return response;
}

std::vector<Job> read_running_of(Database& database, std::int64_t owner) {
    auto rows = database.query(
        "SELECT id FROM job INDEXED BY job_running WHERE state = 2 AND owner = ?1 ORDER BY id",
        owner);
    std::vector<Job> jobs;
    while (rows.step()) jobs.push_back(load_job(database, rows.integer(0)).value());
    return jobs;
}

std::vector<Job> read_running_of_others(Database& database, std::int64_t generation) {
    auto rows = database.query(
        "SELECT id FROM job INDEXED BY job_running WHERE state = 2 AND owner <> ?1 ORDER BY id",
        generation);
    std::vector<Job> jobs;
    while (rows.step()) jobs.push_back(load_job(database, rows.integer(0)).value());
    return jobs;
}

std::vector<Ask> read_asks(Database& database, std::int64_t owner) {
    auto rows = database.query(
        "SELECT j.id, j.claim, j.asked, d.asked_by FROM job AS j INDEXED BY job_asked CROSS JOIN "
        "job_detail AS d"
        " ON d.id = j.id WHERE j.state = 2 AND j.asked <> 0 AND j.owner = ?1 ORDER BY j.id",
        owner);
    std::vector<Ask> asks;
    while (rows.step()) {
        asks.push_back(
            {rows.integer(0), rows.integer(1), static_cast<Reason>(rows.integer(2)), rows.text(3)});
    }
    return asks;
}

std::vector<std::pair<std::string, std::int64_t>> count_ready_topics(Database& database, Time now) {
    std::vector<std::pair<std::string, std::int64_t>> topics;
    auto rows = database.query(
        "SELECT topic, count(*) FROM job INDEXED BY job_queue WHERE state = 1 AND available <= ?1"
        " GROUP BY topic ORDER BY topic",
        now);
    while (rows.step()) topics.emplace_back(rows.text(0), rows.integer(1));
    return topics;
}

QueueCounts count_queue(Database& database, Time now) {
    QueueCounts counts;
    auto queued = database.query(
        "SELECT count(*), coalesce(sum(available <= ?1), 0) FROM job INDEXED BY job_queue WHERE "
        "state = 1",
        now);
    if (queued.step()) {
        counts.ready = queued.integer(1);
        counts.waiting = queued.integer(0) - counts.ready;
    }
    auto running =
        database.query("SELECT count(*) FROM job INDEXED BY job_running WHERE state = 2");
    if (running.step()) counts.running = running.integer(0);
    return counts;
}

std::optional<Time> read_next_available(Database& database, Time now) {
    // One look for each topic and priority, of which there are few.
    std::optional<Time> earliest = read_next_resume(database, now);
    std::string topic;
    std::int64_t priority = std::numeric_limits<std::int64_t>::min();
    for (;;) {
        {
            auto level = database.query(
                "SELECT topic, priority FROM job INDEXED BY job_queue WHERE state = 1"
                " AND topic = ?1 AND priority < ?2 ORDER BY priority DESC LIMIT 1",
                topic, priority);
            if (level.step()) {
                priority = level.integer(1);
            } else {
                auto next = database.query(
                    "SELECT topic, priority FROM job INDEXED BY job_queue WHERE state = 1"
                    " AND topic > ?1 ORDER BY topic, priority DESC LIMIT 1",
                    topic);
                if (!next.step()) return earliest;
                topic = next.text(0);
                priority = next.integer(1);
            }
        }
        auto row = database.query(
            "SELECT available FROM job INDEXED BY job_queue WHERE state = 1 AND topic = ?1"
            " AND priority = ?2 AND available > ?3 ORDER BY available LIMIT 1",
            topic, priority, now);
        if (row.step() && (!earliest || row.time(0) < *earliest)) earliest = row.time(0);
    }
}

}  // namespace periodic::sqlite
