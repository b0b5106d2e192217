#include "store/sqlite/changing.hpp"

#include <optional>
#include <utility>
#include <vector>

#include "store/job_changes.hpp"
#include "store/plan_rules.hpp"

namespace periodic::sqlite {
namespace {

// The unfinished job that has a key.
std::optional<JobId> holder_of(Database& database, const std::string& key) {
    if (key.empty()) return std::nullopt;
    auto row =
        database.query("SELECT id FROM job INDEXED BY job_key WHERE key = ?1 AND state < 3", key);
    return row.step() ? std::optional(row.integer(0)) : std::nullopt;
}

void write_changed(Database& database, const Job& job) {
    database.run(
        "UPDATE job SET state = ?2, reason = ?3, available = ?4, phase = ?5, attempt = ?6,"
        " crashes = ?7, finished = ?8, priority = ?9, owner = ?10, asked = ?11, shelf = ?12 WHERE "
        "id = ?1",
        job.id, static_cast<int>(job.state), static_cast<int>(job.reason), job.available, job.phase,
        job.attempt, job.crashes, job.finished, job.priority, job.owner,
        static_cast<int>(job.asked), shelf_of(job.state));
    database.run(
        "UPDATE job_detail SET missed = ?2, interval_seconds = ?3, comment = ?4, parameters = ?5,"
        " attributes = ?6 WHERE id = ?1",
        job.id, job.missed, job.interval_seconds, job.comment, values_text(job.parameters),
        values_text(job.attributes));
}

// A job that a person queues again stands by itself: it waits for no others of its entry.
void leave_series(Database& database, const Job& job) {
    database.run("UPDATE job SET serial = 0, lane = ?2 WHERE id = ?1", job.id, lane_of(job, 0));
}

}  // namespace

Job add_job(Database& database, const Job& job, std::string_view by) {
    check_beginning(job);
    if (const auto same = is_final(job.state) ? std::nullopt : holder_of(database, job.key)) {
        insert_event(database, *same, job.created, "refused", by, kRefusedKey);
        return load_job(database, *same).value();
    }
    const JobId id = insert_job(database, job, 0);
    insert_first_event(database, id, job.created, birth_event(job.state), by, job.error);
    return newborn(job, id);
}

JobChanged change_job(Database& database, const JobChange& change, Time now) {
    const auto job = load_job(database, change.id);
    if (!job) return {.id = change.id, .message = no_such_job(change.id)};
    const auto changed = changed_by(change, *job, now);
    if (!changed) return refused(*job, changed.error().message);
    if (changed->deleted) {
        delete_job(database, job->id);
        return {.id = job->id, .changed = true, .before = job->state};
    }
    if (change.action == JobAction::Retry) {
        if (const auto other = holder_of(database, job->key)) {
            return refused(*job, key_is_taken(*job, *other));
        }
        leave_series(database, changed->job);
    }
    if (!changed->event.empty()) {
        write_changed(database, changed->job);
        insert_event(database, job->id, now, changed->event, change.by, changed->detail);
    }
    if (changed->job.asked != job->asked) {
        database.run("UPDATE job_detail SET asked_by = ?2 WHERE id = ?1", job->id, change.by);
    }
    return {.id = job->id, .changed = true, .before = job->state, .after = changed->job.state};
}

bool append_to_job(Database& database, JobId id, const std::vector<LogLine>& lines,
                   std::string_view response) {
    std::int64_t seq = 0;
    {
        auto row = database.query(
            "SELECT (SELECT coalesce(max(seq), 0) FROM log WHERE job = id) FROM job"
            " WHERE id = ?1 AND state <> 2",
            id);
        if (!row.step()) return false;
        seq = row.integer(0);
    }
    std::int64_t bytes = 0;
    for (const LogLine& line : lines) {
        insert_line(database, id, ++seq, line);
        bytes += static_cast<std::int64_t>(line.text.size());
    }
    if (!response.empty()) insert_response(database, id, response);
    database.run(
        "UPDATE job_detail SET log_bytes = log_bytes + ?2, response_bytes = response_bytes + ?3"
        " WHERE id = ?1",
        id, bytes, static_cast<std::int64_t>(response.size()));
    return true;
}

std::int64_t set_clock_back(Database& database, Time now, Time after, std::string_view by) {
    std::vector<std::pair<JobId, Availability>> jobs;
    {
        auto rows = database.query(
            "SELECT id, available, (SELECT time FROM event WHERE job = id ORDER BY seq DESC LIMIT "
            "1)"
            " FROM job WHERE state = 1 AND available > ?1 ORDER BY id",
            after);
        while (rows.step()) {
            if (rows.is_null(2)) continue;
            jobs.push_back({rows.integer(0), {.available = rows.time(1), .since = rows.time(2)}});
        }
    }
    std::int64_t count = 0;
    for (const auto& [id, job] : jobs) {
        const auto again = available_again(job, now, after);
        if (!again) continue;
        database.run("UPDATE job SET available = ?2 WHERE id = ?1", id, again->available);
        insert_event(database, id, now, kClockEvent, by, again->detail);
        ++count;
    }
    return count;
}

}  // namespace periodic::sqlite
