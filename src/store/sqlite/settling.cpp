#include "store/sqlite/settling.hpp"

#include <optional>
#include <stdexcept>

#include "store/job_changes.hpp"
#include "store/plan_rules.hpp"
#include "store/sqlite/changing.hpp"
#include "store/transitions.hpp"

namespace periodic::sqlite {
namespace {

// A fence: whether a job is still running under a claim.
bool holds(Database& database, JobId id, std::int64_t claim) {
    return database.query("SELECT 1 FROM job WHERE id = ?1 AND state = 2 AND claim = ?2", id, claim)
        .step();
}

std::int64_t write_lines(Database& database, const LiveUpdate& update) {
    std::int64_t bytes = 0;
    for (const LogLine& line : update.lines) {
        if (insert_line(database, update.id, line.seq, line))
            bytes += static_cast<std::int64_t>(line.text.size());
    }
    return bytes;
}

// Answers what was new of an update's part of the response.
std::string_view append_response(Database& database, const LiveUpdate& update) {
    if (update.response.empty()) return {};
    std::int64_t bytes = 0;
    if (update.response_at) {
        auto row = database.query("SELECT response_bytes FROM job_detail WHERE id = ?1", update.id);
        if (row.step()) bytes = row.integer(0);
    }
    const std::string_view response = new_response(update, bytes);
    if (!response.empty()) insert_response(database, update.id, response);
    return response;
}

// Removes the middle of a log that was too long and answers how many bytes that were.
std::int64_t cut_log(Database& database, const Settlement& settlement) {
    const JobId id = settlement.job.id;
    if (settlement.cut_before <= settlement.cut_after + 1) return 0;
    std::int64_t bytes = 0;
    {
        auto row = database.query(
            "SELECT coalesce(sum(length(CAST(text AS BLOB))), 0) FROM log"
            " WHERE job = ?1 AND seq > ?2 AND seq < ?3",
            id, settlement.cut_after, settlement.cut_before);
        if (row.step()) bytes = row.integer(0);
    }
    database.run("DELETE FROM log WHERE job = ?1 AND seq > ?2 AND seq < ?3", id,
                 settlement.cut_after, settlement.cut_before);
    return bytes;
}

// Writes the attempt that is over, as the claim and the end have it; false if the claim was lost.
bool record_attempt(Database& database, const Settlement& settlement) {
    const Job& job = settlement.job;
    return database.run(
               "INSERT INTO attempt (job, claim, attempt, phase, owner, worker, pid, started, "
               "ended,"
               " state, reason, exit_code, error)"
               " SELECT id, claim, attempt, phase, owner, worker, ?3, started, ?4, ?5, ?6, ?7, ?8"
               " FROM job WHERE id = ?1 AND state = 2 AND claim = ?2",
               job.id, job.claim, job.pid, settlement.event.time, static_cast<int>(job.state),
               static_cast<int>(job.reason), job.exit_code, job.error) == 1;
}

void write_hot(Database& database, const Settlement& settlement) {
    const Job& job = settlement.job;
    std::optional<Time> finished;
    std::optional<Time> available = job.available;
    if (is_final(job.state)) {
        finished = job.finished.value_or(settlement.event.time);
    } else if (!available) {
        available = settlement.event.time;
    }
    database.run(
        "UPDATE job SET state = ?2, reason = ?3, available = ?4, phase = ?5, attempt = ?6,"
        " max_attempts = ?7, crashes = ?8, started = ?9, finished = ?10, priority = ?11,"
        " shelf = ?12, owner = 0, asked = 0 WHERE id = ?1",
        job.id, static_cast<int>(job.state), static_cast<int>(job.reason), available, job.phase,
        job.attempt, job.max_attempts, job.crashes, job.started, finished, job.priority,
        shelf_of(job.state));
}

void write_detail(Database& database, const Settlement& settlement, std::int64_t bytes_cut) {
    const Job& job = settlement.job;
    database.run(
        "UPDATE job_detail SET missed = ?2, interval_seconds = ?3, first_failed = ?4,"
        " last_failed = ?5, pid = ?6, exit_code = ?7, progress = ?8, log_bytes = log_bytes - ?9,"
        " asked_by = '', task_digest = ?10, result_code = ?11, message = ?12, comment = ?13,"
        " error = ?14, error_detail = ?15, parameters = ?16, attributes = ?17 WHERE id = ?1",
        job.id, job.missed, job.interval_seconds, job.first_failed, job.last_failed, job.pid,
        job.exit_code, job.progress, bytes_cut, job.task_digest, job.result_code, job.message,
        job.comment, job.error, job.error_detail, values_text(job.parameters),
        values_text(job.attributes));
}

void record_late(Database& database, const Settlement& settlement) {
    const Job& job = settlement.job;
    if (!database.query("SELECT 1 FROM job WHERE id = ?1", job.id).step()) return;  // deleted
    insert_event(database, job.id, settlement.event.time, "late result", settlement.event.by,
                 late_result(job));
}

// What was asked of the job while this attempt ran.
std::optional<Ask> ask_of(Database& database, const Job& job) {
    auto row = database.query(
        "SELECT asked, (SELECT asked_by FROM job_detail WHERE job_detail.id = job.id) FROM job"
        " WHERE id = ?1 AND claim = ?2 AND state = 2 AND asked <> 0",
        job.id, job.claim);
    if (!row.step()) return std::nullopt;
    return Ask{.id = job.id,
               .claim = job.claim,
               .what = static_cast<Reason>(row.integer(0)),
               .by = row.text(1)};
}

}  // namespace

void write_update(Database& database, const LiveUpdate& update) {
    if (!holds(database, update.id, update.claim)) return;
    const std::int64_t log_bytes = write_lines(database, update);
    const std::string_view response = append_response(database, update);
    database.run(
        "UPDATE job_detail SET log_bytes = log_bytes + ?2, response_bytes = response_bytes + ?3,"
        " progress = coalesce(?4, progress), message = coalesce(?5, message),"
        " comment = coalesce(?6, comment), result_code = coalesce(?7, result_code),"
        " attributes = coalesce(?8, attributes), pid = coalesce(?9, pid) WHERE id = ?1",
        update.id, log_bytes, static_cast<std::int64_t>(response.size()), update.progress,
        update.message, update.comment, update.result_code,
        update.attributes ? std::optional(values_text(*update.attributes)) : std::nullopt,
        update.pid);
}

bool settle(Database& database, const Settlement& settlement) {
    const Job& job = settlement.job;
    if (const auto allowed = check_transition(job.id, JobState::Running, job.state); !allowed) {
        throw std::invalid_argument(allowed.error().message);
    }
    if (job.state == JobState::Queued && !settlement.delete_job) {
        if (const auto ask = ask_of(database, job))
            return settle(database, heeding(settlement, ask->what, ask->by));
    }
    for (const Job& follow_up : settlement.follow_ups) check_beginning(follow_up);
    const bool held = settlement.delete_job ? holds(database, job.id, job.claim)
                                            : record_attempt(database, settlement);
    if (!held) {
        record_late(database, settlement);
        return false;
    }
    for (const Job& follow_up : settlement.follow_ups) {
        static_cast<void>(add_job(database, follow_up, settlement.event.by));
    }
    if (settlement.delete_job) {
        delete_job(database, job.id);
        return true;
    }
    write_hot(database, settlement);
    write_detail(database, settlement, cut_log(database, settlement));
    insert_event(database, job.id, settlement.event.time, settlement.event.event,
                 settlement.event.by, settlement.event.detail);
    return true;
}

}  // namespace periodic::sqlite
