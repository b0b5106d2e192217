#include "store/sqlite/history.hpp"

#include <algorithm>
#include <limits>
#include <map>

namespace periodic::sqlite {
namespace {

// A place in a task's history, which is in order of (finished, id).
using Place = std::pair<Time, JobId>;
constexpr Place kBeginning{Time::min(), 0};

// The newest job that a limit on the number excludes; the beginning of time if there is none.
Place beyond_number(Database& database, std::string_view task, bool failed, std::int64_t jobs) {
    if (jobs <= 0) return kBeginning;
    auto row = database.query(
        "SELECT finished, id FROM job INDEXED BY job_history WHERE state >= 3 AND task = ?1"
        " AND (state = 5) = ?2 ORDER BY finished DESC, id DESC LIMIT 1 OFFSET ?3",
        task, failed, jobs);
    return row.step() ? Place{row.time(0), row.integer(1)} : kBeginning;
}

Place beyond_age(Time now, std::chrono::seconds age) {
    if (age.count() <= 0) return kBeginning;
    return {now - age, std::numeric_limits<JobId>::max()};
}

}  // namespace

std::int64_t insert_generation(Database& database, const Generation& owner) {
    database.run(
        "INSERT INTO generation (host, pid, start_ticks, boot_id, kind, started)"
        " VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
        owner.host, owner.process.pid, static_cast<std::int64_t>(owner.process.start_ticks),
        owner.process.boot_id, owner.kind, owner.started);
    const std::int64_t id = database.last_id();
    database.run("DELETE FROM generation WHERE id <= ?1", id - kGenerationsKept);
    return id;
}

void close_generation(Database& database, std::int64_t id, Time at, std::string_view reason) {
    database.run("UPDATE generation SET ended = ?2, end_reason = ?3 WHERE id = ?1", id, at, reason);
}

std::optional<Generation> read_generation(Database& database, std::int64_t id) {
    auto row = id == 0 ? database.query(
                             "SELECT id, host, pid, start_ticks, boot_id, kind, started, ended,"
                             " end_reason FROM generation ORDER BY id DESC LIMIT 1")
                       : database.query(
                             "SELECT id, host, pid, start_ticks, boot_id, kind, started, ended,"
                             " end_reason FROM generation WHERE id = ?1",
                             id);
    if (!row.step()) return std::nullopt;
    Generation generation;
    generation.id = row.integer(0);
    generation.host = row.text(1);
    generation.process.pid = row.integer(2);
    generation.process.start_ticks = static_cast<std::uint64_t>(row.integer(3));
    generation.process.boot_id = row.text(4);
    generation.kind = row.text(5);
    generation.started = row.time(6);
    if (!row.is_null(7)) generation.ended = row.time(7);
    generation.end_reason = row.text(8);
    return generation;
}

std::vector<std::string> read_tasks_with_history(Database& database) {
    std::vector<std::string> tasks;
    for (std::string last;;) {
        auto row = database.query(
            "SELECT task FROM job INDEXED BY job_history WHERE state >= 3 AND task > ?1"
            " ORDER BY task LIMIT 1",
            last);
        if (!row.step()) return tasks;
        tasks.push_back(last = row.text(0));
    }
}

std::vector<std::pair<std::string, JobState>> read_last_states(Database& database) {
    std::map<std::string, JobState> states;
    for (const std::string& task : read_tasks_with_history(database)) {
        Place latest = kBeginning;
        for (const bool failed : {false, true}) {
            auto row = database.query(
                "SELECT finished, id, state FROM job INDEXED BY job_history WHERE state >= 3"
                " AND task = ?1 AND (state = 5) = ?2 ORDER BY finished DESC, id DESC LIMIT 1",
                task, failed);
            if (!row.step()) continue;
            const Place place{row.time(0), row.integer(1)};
            if (place < latest) continue;
            latest = place;
            states[task] = static_cast<JobState>(row.integer(2));
        }
    }
    auto running =
        database.query("SELECT DISTINCT task FROM job INDEXED BY job_running WHERE state = 2");
    while (running.step()) states[running.text(0)] = JobState::Running;
    return {states.begin(), states.end()};
}

void forget_spans(Database& database) {
    database.run(
        "DELETE FROM job_span WHERE block < (SELECT coalesce(min(id), 0) FROM job) / 1024");
}

std::vector<JobId> find_prunable(Database& database, std::string_view task,
                                 const RetentionPolicy& retention, Time now, int limit) {
    std::vector<JobId> ids;
    for (const bool failed : {false, true}) {
        const Place last = std::max(beyond_number(database, task, failed, retention.jobs),
                                    beyond_age(now, retention.age));
        auto rows = database.query(
            "SELECT id FROM job INDEXED BY job_history WHERE state >= 3 AND task = ?1"
            " AND (state = 5) = ?2 AND (finished, id) <= (?3, ?4) ORDER BY finished, id LIMIT ?5",
            task, failed, last.first, last.second,
            static_cast<std::int64_t>(limit) - static_cast<std::int64_t>(ids.size()));
        while (rows.step()) ids.push_back(rows.integer(0));
    }
    return ids;
}

}  // namespace periodic::sqlite
