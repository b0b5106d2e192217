#include "store/sqlite/pausing.hpp"

#include <algorithm>

#include "store/sqlite/listing.hpp"

namespace periodic::sqlite {
namespace {

Pause read_pause(const Statement& row) {
    Pause pause;
    pause.scope = {static_cast<PauseScope::Kind>(row.integer(0)), row.text(1)};
    pause.since = row.time(2);
    if (!row.is_null(3)) pause.until = row.time(3);
    // One that ended by itself was closed at that time, which nobody did.
    if (!row.is_null(4) && row.time(4) != pause.until) pause.ended = row.time(4);
    pause.reason = row.text(5);
    pause.by = row.text(6);
    return pause;
}

// Those that hold now, but for one that was ended for a later time: of them there are few.
std::vector<Pause> read_open(Database& database) {
    std::vector<Pause> pauses;
    auto rows = database.query(
        "SELECT kind, name, since, until, ended, reason, by FROM pause INDEXED BY pause_open"
        " WHERE ended IS NULL");
    while (rows.step()) pauses.push_back(read_pause(rows));
    return pauses;
}

bool task_has_queued_job(Database& database, const std::string& task) {
    for (const std::string& topic : read_topics(database)) {
        auto row = database.query(
            "SELECT 1 FROM job INDEXED BY job_shelf WHERE topic = ?1 AND task = ?2 AND shelf = 1"
            " AND state = 1 LIMIT 1",
            topic, task);
        if (row.step()) return true;
    }
    return false;
}

bool holds_queued_job(Database& database, const PauseScope& scope) {
    switch (scope.kind) {
        case PauseScope::Kind::All:
            return database.query("SELECT 1 FROM job INDEXED BY job_queue WHERE state = 1 LIMIT 1")
                .step();
        case PauseScope::Kind::Topic:
            return database
                .query(
                    "SELECT 1 FROM job INDEXED BY job_queue WHERE state = 1 AND topic = ?1 LIMIT 1",
                    scope.name)
                .step();
        case PauseScope::Kind::Task:
            return task_has_queued_job(database, scope.name);
        case PauseScope::Kind::Group:
            return database
                .query(
                    "SELECT 1 FROM job INDEXED BY job_by_group WHERE group_name = ?1 AND shelf = 1 "
                    "AND state = 1 LIMIT 1",
                    scope.name)
                .step();
    }
    return false;
}

}  // namespace

void begin_pause(Database& database, const Pause& pause) {
    database.run(
        "DELETE FROM pause WHERE min(coalesce(ended, until), coalesce(until, ended)) <= ?1",
        pause.since - kPausesKept);
    // What is over by itself need not be looked at again.
    database.run("UPDATE pause SET ended = until WHERE ended IS NULL AND until <= ?1", pause.since);
    database.run(
        "UPDATE pause SET ended = ?3, ended_by = ?4 WHERE kind = ?1 AND name = ?2 AND since <= ?3"
        " AND (until IS NULL OR until > ?3) AND (ended IS NULL OR ended > ?3)",
        static_cast<int>(pause.scope.kind), pause.scope.name, pause.since, pause.by);
    database.run(
        "INSERT INTO pause (kind, name, since, until, ended, reason, by, ended_by)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, '')",
        static_cast<int>(pause.scope.kind), pause.scope.name, pause.since, pause.until, pause.ended,
        pause.reason, pause.by);
}

bool end_pause(Database& database, const PauseScope& scope, Time now, std::string_view by) {
    return database.run(
               "UPDATE pause SET ended = ?3, ended_by = ?4 WHERE kind = ?1 AND name = ?2"
               " AND since <= ?3 AND (until IS NULL OR until > ?3)"
               " AND (ended IS NULL OR ended > ?3)",
               static_cast<int>(scope.kind), scope.name, now, by) > 0;
}

std::vector<Pause> read_pauses(Database& database, Time since) {
    std::vector<Pause> pauses;
    auto rows = database.query(
        "SELECT kind, name, since, until, ended, reason, by FROM pause ORDER BY since, id");
    while (rows.step()) {
        Pause pause = read_pause(rows);
        if (holds_from(pause, since)) pauses.push_back(std::move(pause));
    }
    return pauses;
}

Paused read_paused(Database& database, Time now) {
    return {read_open(database), now};
}

std::optional<Time> read_next_resume(Database& database, Time now) {
    std::optional<Time> earliest;
    for (const Pause& pause : read_open(database)) {
        if (!pause.until || !pause.holds(now) || !holds_queued_job(database, pause.scope)) continue;
        earliest = std::min(earliest.value_or(*pause.until), *pause.until);
    }
    return earliest;
}

}  // namespace periodic::sqlite
