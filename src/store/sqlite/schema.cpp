#include "store/sqlite/schema.hpp"

#include <array>
#include <string>

namespace periodic::sqlite {
namespace {

// States, reasons and the like are the enumerators' numbers (job.hpp). Times are milliseconds,
// `scheduled` and `watermark` are seconds since the epoch. docs/store.md says why it is cut so.
constexpr const char* kVersion1 = R"sql(
CREATE TABLE generation (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    host        TEXT NOT NULL,
    pid         INTEGER NOT NULL,
    start_ticks INTEGER NOT NULL,
    boot_id     TEXT NOT NULL,
    kind        TEXT NOT NULL,
    started     INTEGER NOT NULL,
    ended       INTEGER,
    end_reason  TEXT NOT NULL DEFAULT ''
) STRICT;

CREATE TABLE entry (
    id         INTEGER PRIMARY KEY,
    watermark  INTEGER NOT NULL,
    start      INTEGER NOT NULL,
    definition TEXT NOT NULL
) STRICT;

CREATE TABLE entry_event (
    id     INTEGER PRIMARY KEY AUTOINCREMENT,
    entry  INTEGER NOT NULL,
    time   INTEGER NOT NULL,
    event  TEXT NOT NULL,
    by     TEXT NOT NULL,
    detail TEXT NOT NULL
) STRICT;
CREATE INDEX entry_event_of ON entry_event(entry);

CREATE TABLE occurrence (
    entry     INTEGER NOT NULL,
    scheduled INTEGER NOT NULL,
    job       INTEGER NOT NULL,
    PRIMARY KEY (entry, scheduled)
) STRICT, WITHOUT ROWID;

CREATE TABLE job (
    id                INTEGER PRIMARY KEY AUTOINCREMENT,
    state             INTEGER NOT NULL,
    task              TEXT NOT NULL,
    group_name        TEXT,
    topic             TEXT NOT NULL,
    priority          INTEGER NOT NULL,
    available         INTEGER,
    lane              INTEGER NOT NULL,
    claim             INTEGER NOT NULL,
    owner             INTEGER NOT NULL,
    worker            INTEGER NOT NULL,
    asked             INTEGER NOT NULL,
    entry             INTEGER,
    serial            INTEGER NOT NULL,
    concurrency       INTEGER NOT NULL,
    concurrency_value TEXT NOT NULL,
    key               TEXT,
    phase             TEXT,
    reason            INTEGER NOT NULL,
    attempt           INTEGER NOT NULL,
    max_attempts      INTEGER NOT NULL,
    crashes           INTEGER NOT NULL,
    scheduled         INTEGER,
    created           INTEGER NOT NULL,
    started           INTEGER,
    finished          INTEGER
) STRICT;
-- With the lane and the state, so that whoever walks it need not look at the table.
CREATE INDEX job_queue ON job(topic, priority DESC, available, id, lane, state) WHERE state = 1;
CREATE INDEX job_lane ON job(topic, lane, priority DESC, available) WHERE state = 1;
CREATE INDEX job_undecided ON job(available) WHERE state = 1 AND serial < 0;
CREATE INDEX job_running ON job(task, concurrency_value) WHERE state = 2;
CREATE UNIQUE INDEX job_running_group ON job(group_name) WHERE state = 2 AND group_name IS NOT NULL;
CREATE INDEX job_asked ON job(owner) WHERE state = 2 AND asked <> 0;
CREATE UNIQUE INDEX job_key ON job(key) WHERE key IS NOT NULL AND state < 3;
CREATE INDEX job_entry ON job(entry) WHERE entry IS NOT NULL AND state < 3;
CREATE INDEX job_history ON job(task, (state = 5), finished) WHERE state >= 3;

CREATE TABLE job_detail (
    id               INTEGER PRIMARY KEY,
    overlap          INTEGER NOT NULL,
    on_lost          INTEGER NOT NULL,
    missed           INTEGER NOT NULL,
    last_scheduled   INTEGER,
    zone             TEXT NOT NULL,
    parent           INTEGER NOT NULL,
    interval_seconds INTEGER,
    first_failed     INTEGER,
    last_failed      INTEGER,
    pid              INTEGER NOT NULL,
    exit_code        INTEGER,
    progress         INTEGER NOT NULL,
    log_bytes        INTEGER NOT NULL,
    response_bytes   INTEGER NOT NULL,
    asked_by         TEXT NOT NULL,
    task_digest      TEXT NOT NULL,
    result_code      TEXT NOT NULL,
    message          TEXT NOT NULL,
    comment          TEXT NOT NULL,
    error            TEXT NOT NULL,
    error_detail     TEXT NOT NULL,
    parameters       TEXT NOT NULL,
    attributes       TEXT NOT NULL
) STRICT;

CREATE VIEW whole_job AS
SELECT j.id, j.state, j.task, j.group_name, j.topic, j.priority, j.available, j.claim, j.owner,
       j.worker, j.asked, j.entry, j.concurrency, j.concurrency_value, j.key, j.phase, j.reason,
       j.attempt, j.max_attempts, j.crashes, j.scheduled, j.created, j.started, j.finished,
       d.overlap, d.on_lost, d.missed, d.last_scheduled, d.zone, d.parent, d.interval_seconds,
       d.first_failed, d.last_failed, d.pid, d.exit_code, d.progress, d.log_bytes,
       d.response_bytes, d.task_digest, d.result_code, d.message, d.comment, d.error,
       d.error_detail, d.parameters, d.attributes, j.serial
FROM job AS j CROSS JOIN job_detail AS d ON d.id = j.id;

CREATE TABLE attempt (
    job       INTEGER NOT NULL,
    claim     INTEGER NOT NULL,
    attempt   INTEGER NOT NULL,
    phase     TEXT,
    owner     INTEGER NOT NULL,
    worker    INTEGER NOT NULL,
    pid       INTEGER NOT NULL,
    started   INTEGER,
    ended     INTEGER NOT NULL,
    state     INTEGER NOT NULL,
    reason    INTEGER NOT NULL,
    exit_code INTEGER,
    error     TEXT NOT NULL,
    PRIMARY KEY (job, claim)
) STRICT, WITHOUT ROWID;

CREATE TABLE event (
    job    INTEGER NOT NULL,
    seq    INTEGER NOT NULL,
    time   INTEGER NOT NULL,
    event  TEXT NOT NULL,
    by     TEXT NOT NULL,
    detail TEXT NOT NULL,
    PRIMARY KEY (job, seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE log (
    job    INTEGER NOT NULL,
    seq    INTEGER NOT NULL,
    time   INTEGER NOT NULL,
    level  INTEGER NOT NULL,
    stream INTEGER NOT NULL,
    text   TEXT NOT NULL,
    PRIMARY KEY (job, seq)
) STRICT, WITHOUT ROWID;

CREATE TABLE response (
    job  INTEGER NOT NULL,
    seq  INTEGER NOT NULL,
    text TEXT NOT NULL,
    PRIMARY KEY (job, seq)
) STRICT, WITHOUT ROWID;
)sql";

constexpr const char* kVersion2 = R"sql(
CREATE TABLE pause (
    id       INTEGER PRIMARY KEY,
    kind     INTEGER NOT NULL,
    name     TEXT NOT NULL,
    since    INTEGER NOT NULL,
    until    INTEGER,
    ended    INTEGER,
    reason   TEXT NOT NULL,
    by       TEXT NOT NULL,
    ended_by TEXT NOT NULL
) STRICT;
CREATE INDEX pause_open ON pause(kind, name) WHERE ended IS NULL;

-- A job's shelf is its state, but that running ones stand with the queued. Each index leads to the
-- newest jobs of a value on a shelf.
ALTER TABLE job ADD COLUMN shelf INTEGER NOT NULL DEFAULT 0;
UPDATE job SET shelf = CASE state WHEN 2 THEN 1 ELSE state END WHERE state > 0;
CREATE INDEX job_shelf ON job(topic, task, shelf);
CREATE INDEX job_by_group ON job(group_name, shelf) WHERE group_name IS NOT NULL;
CREATE INDEX job_by_phase ON job(phase, shelf) WHERE phase IS NOT NULL;
CREATE INDEX job_by_key ON job(key, shelf) WHERE key IS NOT NULL;

-- When the jobs of 1024 successive ids were created, once there are so many.
CREATE TABLE job_span (
    block    INTEGER PRIMARY KEY,
    earliest INTEGER NOT NULL,
    latest   INTEGER NOT NULL
) STRICT;
INSERT INTO job_span SELECT id / 1024, min(created), max(created) FROM job GROUP BY id / 1024
HAVING id / 1024 < (SELECT max(seq) / 1024 FROM sqlite_sequence WHERE name = 'job');

-- A lane has the jobs of one task now, because a task can be paused. No hash is so small.
UPDATE job SET lane = lanes.number
FROM (SELECT id, dense_rank() OVER (ORDER BY lane, task) AS number FROM job WHERE state = 1)
    AS lanes
WHERE job.id = lanes.id;
)sql";

constexpr const char* kVersion3 = R"sql(
CREATE INDEX job_children ON job_detail(parent) WHERE parent <> 0;
)sql";

constexpr std::array kMigrations{kVersion1, kVersion2, kVersion3};

std::int64_t version_of(Database& database) {
    return database.integer("PRAGMA user_version");
}

// Refuses what is not a store of a version that we know.
void check_origin(Database& database, std::int64_t version, std::size_t newest) {
    const std::int64_t application = database.integer("PRAGMA application_id");
    const bool empty = application == 0 && version == 0 &&
                       database.integer("SELECT count(*) FROM sqlite_schema") == 0;
    if (application != kApplicationId && !empty) {
        throw StorageError(StorageError::Kind::Corrupt,
                           database.path() +
                               " is a database, but not a store of Periodic; name "
                               "another file in <store url=\"sqlite:...\"/>");
    }
    if (version > static_cast<std::int64_t>(newest)) {
        throw StorageError(StorageError::Kind::Newer,
                           "the store " + database.path() + " has version " +
                               std::to_string(version) +
                               ", made by a newer Periodic; this one knows " + "versions up to " +
                               std::to_string(newest) + ": install the newer one again");
    }
}

}  // namespace

std::span<const char* const> migrations() noexcept {
    return kMigrations;
}

void migrate(Database& database, std::span<const char* const> steps) {
    const auto newest = static_cast<std::int64_t>(steps.size());
    const bool is_ours = database.integer("PRAGMA application_id") == kApplicationId;
    if (is_ours && version_of(database) == newest) return;

    // Another process may be making the store just now: what is there is looked at under the lock,
    // so that none of it is half of theirs.
    Transaction transaction(database);
    const std::int64_t version = version_of(database);
    check_origin(database, version, steps.size());
    if (version == newest) return;
    for (auto step = static_cast<std::size_t>(version); step < steps.size(); ++step) {
        database.execute(steps[step]);
    }
    database.execute("PRAGMA application_id = " + std::to_string(kApplicationId));
    database.execute("PRAGMA user_version = " + std::to_string(steps.size()));
    transaction.commit();
}

}  // namespace periodic::sqlite
