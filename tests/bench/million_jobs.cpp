#include "bench/million_jobs.hpp"

#include <cstdio>
#include <cstdlib>
#include <stdexcept>

#include <fcntl.h>
#include <sqlite3.h>
#include <unistd.h>

#include "base/descriptor.hpp"

namespace periodic {
namespace {

constexpr std::int64_t kFirstCreated = 1'600'000'000;  // seconds

void execute(sqlite3* database, const std::string& sql) {
    char* message = nullptr;
    if (sqlite3_exec(database, sql.c_str(), nullptr, nullptr, &message) == SQLITE_OK) return;
    std::fprintf(stderr, "%s\n", message);
    std::exit(1);  // NOLINT(concurrency-mt-unsafe)
}

Time created(std::int64_t id) {
    return Time(std::chrono::seconds(kFirstCreated + id));
}

void add(std::vector<ListCase>& cases, const std::string& name, const JobFilter& filter) {
    cases.push_back({name, filter});
}

template <class Set>
void add_values(std::vector<ListCase>& cases, const std::string& name, const std::string& common,
                const Set& set) {
    for (const std::string& value : {common, std::string("rare"), std::string("absent")}) {
        JobFilter filter;
        set(filter, value);
        add(cases, name + ' ' + value, filter);
    }
}

}  // namespace

void fill_with_a_million(const std::string& path) {
    sqlite3* database = nullptr;
    sqlite3_open(path.c_str(), &database);
    execute(database,
            "PRAGMA synchronous = OFF; PRAGMA cache_size = -200000; BEGIN;"
            "CREATE TEMP TABLE n AS WITH RECURSIVE i(id) AS (VALUES (1) UNION ALL SELECT id + 1"
            " FROM i WHERE id < 1000000) SELECT id, (id * 7919) % 1000003 AS r,"
            " (1600000000 + id) * 1000 AS at FROM i;"
            "INSERT INTO job SELECT id,"
            " CASE WHEN r % 10 < 9 THEN 3 ELSE 3 + r % 5 END,"
            " CASE WHEN id < 4 THEN 'rare' ELSE 'task-' || (r % 100) END,"
            " CASE WHEN id < 4 THEN 'rare' WHEN r % 3 = 0 THEN 'group-' || (r % 51) END,"
            " CASE WHEN id < 4 THEN 'rare' ELSE 'topic-' || (r % 5) END,"
            " 0, at, 1, 1, 0, 4242, 0, NULL, 0, 0, '',"
            " CASE WHEN id < 4 THEN 'rare' WHEN r % 7 = 0 THEN 'key-' || (r % 70) END,"
            " CASE WHEN id < 4 THEN 'rare' WHEN r % 4 = 0 THEN 'phase-' || (r % 16) END,"
            " 0, 1, 1, 0, NULL, at, at, at + 500,"
            " CASE WHEN r % 10 < 9 THEN 3 ELSE 3 + r % 5 END FROM n;"
            "INSERT INTO job_span SELECT id / 1024, min(created), max(created) FROM job"
            " GROUP BY id / 1024 HAVING id / 1024 < 1000000 / 1024;"
            "INSERT INTO job_detail SELECT id, 2, 0, 0, NULL, '', 0, NULL, NULL, NULL, 0, 0, 100,"
            " 0, 0, '', '', '', '', '', '', '', '', '' FROM n;"
            "INSERT INTO attempt SELECT id, 1, 1, NULL, 1, 4242, 0, at, at + 500, 3, 0, 0, ''"
            " FROM n;"
            "INSERT INTO event SELECT n.id, words.seq, at, words.word, 'bench', '' FROM n,"
            " (SELECT 1 AS seq, 'created' AS word UNION ALL SELECT 2, 'claimed' UNION ALL"
            " SELECT 3, 'succeeded') AS words;"
            "COMMIT; PRAGMA wal_checkpoint(TRUNCATE)");
    sqlite3_close(database);
    // What follows is not to pay for the disk that this did not wait for.
    const Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    if (::fsync(file.get()) != 0) throw std::runtime_error("fsync " + path);
}

std::vector<ListCase> list_cases() {
    std::vector<ListCase> cases;
    add(cases, "nothing", {});
    add_values(cases, "task", "task-7",
               [](JobFilter& filter, const std::string& value) { filter.task = value; });
    add_values(cases, "topic", "topic-3",
               [](JobFilter& filter, const std::string& value) { filter.topic = value; });
    add_values(cases, "group", "group-6",
               [](JobFilter& filter, const std::string& value) { filter.group = value; });
    add_values(cases, "phase", "phase-8",
               [](JobFilter& filter, const std::string& value) { filter.phase = value; });
    add_values(cases, "key", "key-14",
               [](JobFilter& filter, const std::string& value) { filter.key = value; });
    add(cases, "ids", {.ids = {1, 500'000, 999'999, 2'000'000}});
    add(cases, "not-ids", {.not_ids = {999'999, 999'998, 1}});
    for (const JobId id : {JobId{5}, JobId{500'000}, JobId{999'990}}) {
        add(cases, "above " + std::to_string(id), {.above = id});
        add(cases, "below " + std::to_string(id), {.below = id});
        add(cases, "created before " + std::to_string(id), {.created_before = created(id)});
        add(cases, "created after " + std::to_string(id), {.created_after = created(id)});
    }
    add(cases, "created between two",
        {.created_before = created(500'100), .created_after = created(500'000)});
    for (const std::size_t alone = cases.size(), all = 0;
         const int state : {0, 1, 2, 3, 4, 5, 6, 7}) {
        for (std::size_t i = all; i < alone; ++i) {
            ListCase with_state = cases[i];
            with_state.filter.states = {static_cast<JobState>(state)};
            with_state.name += ", " + std::string(to_string(static_cast<JobState>(state)));
            cases.push_back(std::move(with_state));
        }
    }
    return cases;
}

}  // namespace periodic
