// The store: enqueueing and the full cycle, beside raw SQLite that writes the same rows, and what
// must not depend on how much is in it.
//
//     store_bench [PROGRAM [PART]]
//
// prints the rows of one part, or of all; what it keeps is in the temporary directory.

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <functional>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <sqlite3.h>

#include "bench/million_jobs.hpp"
#include "periodic/job_store.hpp"
#include "temporary_directory.hpp"

namespace periodic {
namespace {

using Clock = std::chrono::steady_clock;

constexpr Time kNow{std::chrono::milliseconds(1'700'000'000'000)};

double milliseconds_of(const std::function<void()>& action) {
    const auto begin = Clock::now();
    action();
    return std::chrono::duration<double, std::milli>(Clock::now() - begin).count();
}

double median(std::vector<double> values) {
    std::sort(values.begin(), values.end());
    return values[values.size() / 2];
}

void row(const std::string& what, const std::string& measured, const std::string& goal) {
    std::printf("%s\t%s\t%s\n", what.c_str(), measured.c_str(), goal.c_str());
    std::fflush(stdout);
}

std::string text(const char* format, double value) {
    char buffer[64];
    std::snprintf(buffer, sizeof buffer, format, value);
    return buffer;
}

Job no_op() {
    Job job;
    job.task = "noop";
    job.concurrency = 0;
    job.created = kNow;
    return job;
}

// Adds jobs in large transactions, each as an occurrence of an entry of its own.
class Filler {
public:
    explicit Filler(JobStore& store) : store_(store) {}

    void add(int count, Job job) {
        for (int left = count; left > 0;) {
            std::vector<EntryPlan> plans;
            for (; plans.size() < 1'000 && left > 0; --left) {
                EntryPlan& plan = plans.emplace_back();
                plan.id = ++entry_;
                job.entry = entry_;
                job.overlap = Overlap::Allow;
                job.scheduled = std::chrono::sys_seconds(std::chrono::seconds(entry_));
                plan.jobs.push_back(job);
            }
            static_cast<void>(store_.plan(plans, kNow, "bench"));
        }
    }

private:
    JobStore& store_;
    std::int64_t entry_ = 0;
};

std::vector<Job> claim(JobStore& store, int limit) {
    Turn turn;
    turn.claims = {{.owner = 1, .worker = 1, .now = kNow, .limit = limit}};
    return store.turn(turn).claimed;
}

Turn ends_of(std::vector<Job> jobs) {
    Turn turn;
    for (Job& job : jobs) {
        Settlement& end = turn.settlements.emplace_back();
        end.job = std::move(job);
        end.job.state = JobState::Succeeded;
        end.job.finished = kNow;
        end.event = {kNow, "succeeded", "executor 1 pid 1", ""};
    }
    return turn;
}

// Runs all that is queued, `batch` jobs a turn, each turn settling what the one before claimed.
int run_all(JobStore& store, int batch) {
    int done = 0;
    Turn turn;
    for (;;) {
        turn.claims = {{.owner = 1, .worker = 1, .now = kNow, .limit = batch}};
        const bool settles = !turn.settlements.empty();
        done += static_cast<int>(turn.settlements.size());
        auto claimed = store.turn(turn).claimed;
        if (claimed.empty() && !settles) return done;
        turn = ends_of(std::move(claimed));
    }
}

// What `JobStore::add` writes, written by hand: the same rows into the same tables and indexes.
class RawSqlite {
public:
    explicit RawSqlite(const std::string& path) {
        sqlite3_open(path.c_str(), &database_);
        sqlite3_exec(database_, "PRAGMA synchronous = FULL; PRAGMA secure_delete = OFF", nullptr,
                     nullptr, nullptr);
        prepare("BEGIN IMMEDIATE");
        prepare(
            "INSERT INTO job (state, task, topic, priority, available, lane, claim, owner, worker, "
            "asked,"
            " serial, concurrency, concurrency_value, reason, attempt, max_attempts, crashes, "
            "created, shelf)"
            " VALUES (1, 'noop', 'default', 0, ?1, 123456789012345, 0, 0, 0, 0, 0, 0, '', 0, 1, 1, "
            "0, ?1, 1)");
        prepare(
            "INSERT INTO job_detail VALUES (last_insert_rowid(), 2, 0, 0, NULL, '', 0, NULL, NULL, "
            "NULL,"
            " 0, NULL, 0, 0, 0, '', '', '', '', '', '', '', '', '')");
        prepare("INSERT INTO event VALUES (last_insert_rowid(), 1, ?1, 'created', 'bench', '')");
        prepare("COMMIT");
    }
    RawSqlite(const RawSqlite&) = delete;
    RawSqlite& operator=(const RawSqlite&) = delete;
    ~RawSqlite() {
        for (sqlite3_stmt* statement : statements_) sqlite3_finalize(statement);
        sqlite3_close(database_);
    }

    void add() {
        for (sqlite3_stmt* statement : statements_) {
            if (sqlite3_bind_parameter_count(statement) == 1) {
                sqlite3_bind_int64(statement, 1, kNow.time_since_epoch().count());
            }
            if (sqlite3_step(statement) != SQLITE_DONE)
                std::fprintf(stderr, "%s\n", sqlite3_errmsg(database_));
            sqlite3_reset(statement);
        }
    }

private:
    void prepare(const char* sql) {
        sqlite3_stmt* statement = nullptr;
        sqlite3_prepare_v2(database_, sql, -1, &statement, nullptr);
        statements_.push_back(statement);
    }

    sqlite3* database_ = nullptr;
    std::vector<sqlite3_stmt*> statements_{};
};

void measure_enqueue(const std::string& path) {
    constexpr int kJobs = 500;
    const auto store = open_sqlite_store({.path = path});
    RawSqlite raw(path);
    std::vector<double> ours;
    std::vector<double> theirs;
    for (int i = 0; i < kJobs; ++i) {  // in turns, so that both meet the same disk
        ours.push_back(milliseconds_of([&] { store->add(no_op(), "bench"); }));
        theirs.push_back(milliseconds_of([&] { raw.add(); }));
    }
    row("enqueue one by one, durably", text("%.0f jobs/s", 1'000 / median(ours)), "");
    row("  of what raw SQLite does with the same rows", text("%.2f", median(theirs) / median(ours)),
        "0.75");
}

// Callers who add one job after another, each from a thread of its own.
double added_in_a_second(JobStore& store, int callers) {
    constexpr int kJobs = 4'000;
    const int each = kJobs / callers;
    const double took = milliseconds_of([&] {
        std::vector<std::jthread> threads;
        for (int i = 0; i < callers; ++i) {
            threads.emplace_back([&] {
                for (int job = 0; job < each; ++job) store.add(no_op(), "bench");
            });
        }
    });
    return 1'000.0 * each * callers / took;
}

void measure_callers(const std::string& path) {
    const auto store = open_sqlite_store({.path = path});
    std::vector<double> ones;
    std::vector<double> tens;
    for (int i = 0; i < 5; ++i) {  // in turns, so that both meet the same disk
        ones.push_back(added_in_a_second(*store, 1));
        tens.push_back(added_in_a_second(*store, 10));
    }
    row("enqueue by ten callers of one process, durably", text("%.0f jobs/s", median(tens)), "");
    row("  to one caller", text("%.1f times", median(tens) / median(ones)), "4");
}

void measure_cycle(const std::string& path) {
    constexpr int kJobs = 20'000;
    const auto store = open_sqlite_store({.path = path});
    Filler filler(*store);
    for (const int batch : {10, 100, 500}) {
        const double took = milliseconds_of([&] {
            filler.add(kJobs, no_op());
            if (run_all(*store, batch) != kJobs) std::puts("jobs were lost");
        });
        row("enqueue, claim and finish, by " + std::to_string(batch),
            text("%.0f jobs/s", kJobs / took * 1'000), batch >= 100 ? "20000" : "");
    }
}

double cycle_of_one(JobStore& store, Filler& filler) {
    filler.add(200, no_op());
    std::vector<double> times;
    for (int i = 0; i < 200; ++i) {
        times.push_back(milliseconds_of([&] { store.turn(ends_of(claim(store, 1))); }));
    }
    return median(times);
}

double claim_and_finish(JobStore& store) {
    std::vector<Job> jobs;
    const double took = milliseconds_of([&] { jobs = claim(store, 1); });
    store.turn(ends_of(std::move(jobs)));
    return took;
}

// Prunes in batches, as whoever plans does, while another thread claims and finishes one by one.
void measure_prune(JobStore& store, Filler& filler) {
    constexpr int kPruned = 100'000;
    constexpr int kBatch = 20;  // as Periodic prunes
    filler.add(8'000, no_op());
    std::vector<double> alone;
    for (int i = 0; i < 2'500; ++i) alone.push_back(claim_and_finish(store));
    std::vector<double> claims;
    std::vector<double> batches;
    {
        const std::jthread claimer([&](const std::stop_token& stop) {
            while (!stop.stop_requested()) claims.push_back(claim_and_finish(store));
        });
        std::int64_t pruned = 0;
        for (int i = 0; pruned < kPruned; ++i) {
            const std::string task = "task-" + std::to_string(i % 100);
            batches.push_back(milliseconds_of([&] {
                pruned +=
                    store.prune(task, {.age = std::chrono::seconds(0), .jobs = 1}, kNow, kBatch);
            }));
        }
    }
    row("claim while another thread prunes 100,000 jobs by 20, median and longest of " +
            std::to_string(claims.size()),
        text("%.1f ms, ", median(claims)) +
            text("%.1f ms", *std::max_element(claims.begin(), claims.end())),
        "20 ms");
    row("  the same while nobody prunes, of " + std::to_string(alone.size()),
        text("%.1f ms, ", median(alone)) +
            text("%.1f ms", *std::max_element(alone.begin(), alone.end())),
        "");
    row("  prune 20 jobs, median and longest",
        text("%.1f ms, ", median(batches)) +
            text("%.1f ms", *std::max_element(batches.begin(), batches.end())),
        "");
}

void measure_pages(JobStore& store) {
    double worst = 0;
    std::string name;
    for (const ListCase& list : list_cases()) {
        std::vector<double> times;
        for (int i = 0; i < 3; ++i) {
            times.push_back(
                milliseconds_of([&] { static_cast<void>(store.page(list.filter, kNow)); }));
        }
        if (median(times) <= worst) continue;
        worst = median(times);
        name = list.name;
    }
    row("list the newest 50 of 1,000,000 jobs, the worst of all filters: " + name,
        text("%.1f ms", worst), "20 ms");
}

void measure_million(const std::string& path, const std::string& path_of_empty) {
    static_cast<void>(open_sqlite_store({.path = path}));
    fill_with_a_million(path);
    const auto store = open_sqlite_store({.path = path});
    measure_pages(*store);

    const auto empty = open_sqlite_store({.path = path_of_empty});
    Filler filler(*store);
    Filler filler_of_empty(*empty);
    std::vector<double> ratios;
    for (int i = 0; i < 5; ++i) {  // in turns, so that both meet the same disk
        const double alone = cycle_of_one(*empty, filler_of_empty);
        ratios.push_back(cycle_of_one(*store, filler) / alone);
    }
    row("claim and finish with 1,000,000 finished jobs, to an empty store",
        text("%.2f times", median(ratios)), "1.3");
    measure_prune(*store, filler);
}

double claim_of_one(JobStore& store, Filler& filler) {
    filler.add(100, no_op());
    std::vector<double> times;
    for (int i = 0; i < 100; ++i) times.push_back(milliseconds_of([&] { claim(store, 1); }));
    return median(times);
}

void measure_blocked(const std::string& path) {
    const auto store = open_sqlite_store({.path = path});
    Filler filler(*store);
    const double alone = claim_of_one(*store, filler);
    Job limited = no_op();
    limited.task = "limited";
    limited.concurrency = 1;
    filler.add(100'000, limited);
    claim(*store, 1);
    row("claim behind 100,000 blocked jobs, to one behind none",
        text("%+.2f ms", claim_of_one(*store, filler) - alone), "");
    for (const auto kind : {PauseScope::Kind::Task, PauseScope::Kind::Topic}) {
        const std::string name = "paused-" + std::string(to_string(kind));
        Job paused = no_op();
        (kind == PauseScope::Kind::Task ? paused.task : paused.topic) = name;
        filler.add(100'000, paused);
        store->pause({.scope = {kind, name}, .since = kNow});
    }
    row("  and 200,000 of a paused task and topic",
        text("%+.2f ms", claim_of_one(*store, filler) - alone), "");
}

void measure_open(const std::string& path) {
    static_cast<void>(open_sqlite_store({.path = path}));
    std::vector<double> times;
    for (int i = 0; i < 30; ++i) {
        times.push_back(milliseconds_of([&] {
            const auto store = open_sqlite_store({.path = path});
            const auto id = store->begin_generation({.host = "bench"});
            static_cast<void>(store->entry_marks());
            store->end_generation(id, kNow, "done");
        }));
    }
    row("open, look and close with nothing due", text("%.2f ms", median(times)), "");
}

}  // namespace
}  // namespace periodic

int main(int argc, char** argv) {
    const periodic::TemporaryDirectory directory;
    const std::string part = argc == 3 ? argv[2] : "";
    const auto wanted = [&part](const char* name) { return part.empty() || part == name; };
    if (wanted("open")) periodic::measure_open(directory.file("open.db"));
    if (wanted("enqueue")) periodic::measure_enqueue(directory.file("enqueue.db"));
    if (wanted("callers")) periodic::measure_callers(directory.file("callers.db"));
    if (wanted("cycle")) periodic::measure_cycle(directory.file("cycle.db"));
    if (wanted("blocked")) periodic::measure_blocked(directory.file("blocked.db"));
    if (wanted("million"))
        periodic::measure_million(directory.file("million.db"), directory.file("empty.db"));
    return 0;
}
