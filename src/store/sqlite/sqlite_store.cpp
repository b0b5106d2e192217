#include "store/sqlite/sqlite_store.hpp"

#include <algorithm>
#include <chrono>
#include <thread>

#include "store/plan_rules.hpp"
#include "store/sqlite/changing.hpp"
#include "store/sqlite/claiming.hpp"
#include "store/sqlite/history.hpp"
#include "store/sqlite/open_store.hpp"
#include "store/sqlite/overlap.hpp"
#include "store/sqlite/pausing.hpp"
#include "store/sqlite/planning.hpp"
#include "store/sqlite/reading.hpp"
#include "store/sqlite/schema.hpp"
#include "store/sqlite/settling.hpp"

namespace periodic::sqlite {
namespace {

constexpr std::int64_t kLogToLeave = 256 << 10;  // bytes; reading it back costs a fraction of 1 ms

// Changing the journal needs the database alone, and SQLite does not wait for that as it does for
// other locks: while several processes make one store at once, each tries again.
void set_journal(Database& database, const std::string& mode, std::chrono::milliseconds patience) {
    const auto limit = std::chrono::steady_clock::now() + patience;
    while (true) {
        try {
            // The second is the first look at the database in this mode, which opens the log.
            database.execute("PRAGMA journal_mode = " + mode + "; PRAGMA user_version");
            return;
        } catch (const StorageError& error) {
            if (error.kind() != StorageError::Kind::Busy) throw;
            if (std::chrono::steady_clock::now() >= limit) throw;
        }
        std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
}

// Makes what is to be opened, so that the connection can be a member.
const std::string& prepare_file(const SqliteStoreOptions& options) {
    if (!options.allow_network_disk) refuse_network_disk(options.path);
    // Made whole before it has its name: one that is empty has been cut.
    make_private_file(options.path, [&options](const std::string& path) {
        Database database(path, options.busy_timeout);
        migrate(database, migrations());
    });
    return options.path;
}

}  // namespace

SqliteStore::SqliteStore(const SqliteStoreOptions& options, int patience)
    : database_(prepare_file(options), options.busy_timeout),
      patience_(patience),
      commits_(database_, mutex_,
               {.before =
                    [this](bool durable) {
                        check_file();
                        set_durable(durable);
                    },
                .after = [this] { watch_.changed(database_); }}) {
    // Overwriting deleted rows, which Debian's SQLite does by default, costs writes; the file is
    // readable by its owner alone. 8 MiB of cache hold what an executor looks at again.
    database_.execute(
        "PRAGMA secure_delete = OFF; PRAGMA temp_store = MEMORY; PRAGMA cache_size = -8192;"
        "PRAGMA journal_size_limit = 16777216; PRAGMA synchronous = FULL");
    migrate(database_, migrations());
    if (options.allow_network_disk) {
        set_journal(database_, "DELETE", options.busy_timeout);
        return;
    }
    set_journal(database_, "WAL", options.busy_timeout);
    write_ahead_log_.emplace(options.path + "-wal");
    checkpointer_.emplace(options.path, mutex_);
    database_.watch_log([this](int pages) { checkpointer_->note(pages); });
}

// Who only looked whether something is due need not wait for the disk at the end: its few pages
// stay in the log. Who wrote jobs leaves them in the database itself, as people expect.
SqliteStore::~SqliteStore() {
    if (!wrote_durably_ && write_ahead_log_ && write_ahead_log_->size() <= kLogToLeave) {
        database_.leave_log();
    }
}

void SqliteStore::set_durable(bool durable) {
    wrote_durably_ = wrote_durably_ || durable;
    if (durable == durable_) return;
    database_.execute(durable ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = NORMAL");
    durable_ = durable;
}

void SqliteStore::check_file() const {
    const bool lost_log = write_ahead_log_ && write_ahead_log_->replaced();
    if (!lost_log && !database_.has_moved()) return;
    const std::string& path = lost_log ? write_ahead_log_->path() : database_.path();
    throw StorageError(StorageError::Kind::Other,
                       "the store's file " + path +
                           " was deleted or replaced while it was in use: put it back, or start "
                           "Periodic again to go on with what is there now");
}

// A start or end that a power cut takes back had lost its process to it anyway.
std::int64_t SqliteStore::begin_generation(const Generation& owner) {
    return write_relaxed([&] { return insert_generation(database_, owner); });
}

void SqliteStore::end_generation(std::int64_t id, Time at, std::string_view reason) {
    write_relaxed([&] {
        close_generation(database_, id, at, reason);
        return true;
    });
}

std::optional<Generation> SqliteStore::last_generation() {
    return read([&] { return read_generation(database_, 0); });
}

std::optional<Generation> SqliteStore::find_generation(std::int64_t id) {
    return read([&] { return id <= 0 ? std::nullopt : read_generation(database_, id); });
}

std::vector<EntryMark> SqliteStore::entry_marks() {
    return read([&] {
        std::vector<EntryMark> marks;
        auto rows = database_.query("SELECT id, watermark, start FROM entry ORDER BY id");
        while (rows.step()) marks.push_back({rows.integer(0), rows.seconds(1), rows.integer(2)});
        return marks;
    });
}

std::string SqliteStore::entry_definition(std::int64_t id) {
    return read([&] {
        auto row = database_.query("SELECT definition FROM entry WHERE id = ?1", id);
        return row.step() ? row.text(0) : std::string();
    });
}

std::vector<JobEvent> SqliteStore::entry_events(std::int64_t id) {
    return read([&] { return read_entry_events(database_, id); });
}

PlanResult SqliteStore::plan(const std::vector<EntryPlan>& plans, Time now, std::string_view by) {
    return write([&] { return Planning(database_, now, by).carry_out(plans); });
}

Job SqliteStore::add(const Job& job, std::string_view by) {
    return write([&] { return add_job(database_, job, by); });
}

std::vector<JobId> SqliteStore::add_all(const std::vector<Job>& jobs, std::string_view by) {
    return write([&] {
        std::vector<JobId> ids;
        ids.reserve(jobs.size());
        for (const Job& job : jobs) ids.push_back(add_job(database_, job, by).id);
        return ids;
    });
}

std::vector<JobChanged> SqliteStore::change(const std::vector<JobChange>& changes, Time now) {
    return write([&] {
        std::vector<JobChanged> done;
        done.reserve(changes.size());
        for (const JobChange& change : changes) done.push_back(change_job(database_, change, now));
        return done;
    });
}

bool SqliteStore::append(JobId id, const std::vector<LogLine>& lines, std::string_view response) {
    return write([&] { return append_to_job(database_, id, lines, response); });
}

TurnResult SqliteStore::turn(const Turn& turn) {
    return write([&] {
        TurnResult result;
        for (const LiveUpdate& update : turn.updates) write_update(database_, update);
        for (const Settlement& settlement : turn.settlements) {
            if (!settle(database_, settlement)) result.late.push_back(settlement.job.id);
        }
        if (!turn.claims.empty()) {
            const ClaimRequest& first = turn.claims.front();
            const std::string by = executor_name(first.owner, first.worker);
            OverlapRule overlap(database_, first.now, by);
            result.skipped = overlap.decide_due(turn.early);
            result.to_stop = std::move(overlap.to_stop());
        }
        for (const ClaimRequest& request : turn.claims) {
            for (Job& job : Claimer(database_, request, patience_).claim())
                result.claimed.push_back(std::move(job));
        }
        return result;
    });
}

std::vector<Ask> SqliteStore::asks(std::int64_t owner) {
    return read([&] { return read_asks(database_, owner); });
}

std::vector<Job> SqliteStore::running_of(std::int64_t owner) {
    return read([&] { return read_running_of(database_, owner); });
}

std::vector<Job> SqliteStore::running_of_others(std::int64_t generation) {
    return read([&] { return read_running_of_others(database_, generation); });
}

std::optional<Time> SqliteStore::next_available(Time now) {
    return read([&] { return read_next_available(database_, now); });
}

std::vector<std::pair<std::string, std::int64_t>> SqliteStore::ready_topics(Time now) {
    return read([&] { return count_ready_topics(database_, now); });
}

QueueCounts SqliteStore::counts(Time now) {
    return read([&] { return count_queue(database_, now); });
}

std::int64_t SqliteStore::set_clock_back(Time now, Time after, std::string_view by) {
    return write([&] { return sqlite::set_clock_back(database_, now, after, by); });
}

void SqliteStore::add_event(JobId id, const JobEvent& event) {
    write([&] {
        if (database_.query("SELECT 1 FROM job WHERE id = ?1", id).step()) {
            insert_event(database_, id, event.time, event.event, event.by, event.detail);
        }
        return true;
    });
}

std::optional<Job> SqliteStore::find(JobId id, Time now) {
    return read([&] { return find_job(database_, id, now); });
}

std::vector<Job> SqliteStore::page(const JobFilter& filter, Time now) {
    return read([&] { return read_page(database_, filter, now); });
}

std::int64_t SqliteStore::count(const JobFilter& filter) {
    return read([&] { return count_jobs(database_, filter); });
}

JobChildren SqliteStore::children(JobId id, int limit) {
    return read([&] { return read_children(database_, id, limit); });
}

std::vector<JobAttempt> SqliteStore::attempts(JobId id) {
    return read([&] { return read_attempts(database_, id); });
}

std::vector<JobEvent> SqliteStore::events(JobId id) {
    return read([&] { return read_events(database_, id); });
}

std::vector<LogLine> SqliteStore::log(JobId id, std::int64_t after, int limit) {
    return read([&] { return read_log(database_, id, after, limit); });
}

std::vector<LogLine> SqliteStore::log_tail(JobId id, int count) {
    return read([&] { return read_log_tail(database_, id, count); });
}

std::string SqliteStore::response(JobId id) {
    return read([&] { return read_response(database_, id); });
}

std::vector<std::pair<std::string, JobState>> SqliteStore::last_states() {
    return read([&] { return read_last_states(database_); });
}

std::int64_t SqliteStore::version() {
    return read([&] { return watch_.look(database_); });
}

std::int64_t SqliteStore::wait_for_change(std::int64_t seen, std::chrono::milliseconds patience,
                                          std::stop_token stop) {
    using std::chrono::steady_clock;
    constexpr std::chrono::hours kLongest{24 * 365};  // a later end is beyond what a clock can say
    const auto end = steady_clock::now() + std::min<std::chrono::milliseconds>(patience, kLongest);
    for (;;) {
        const std::int64_t present = version();
        if (present != seen || stop.stop_requested() || steady_clock::now() >= end) return present;
        watch_.wait(seen, end, stop);
    }
}

void SqliteStore::pause(const Pause& pause) {
    write([&] {
        begin_pause(database_, pause);
        return true;
    });
}

bool SqliteStore::resume(const PauseScope& scope, Time now, std::string_view by) {
    return write([&] { return end_pause(database_, scope, now, by); });
}

std::vector<Pause> SqliteStore::pauses(Time since) {
    return read([&] { return read_pauses(database_, since); });
}

// What a power cut takes back is pruned again.
std::int64_t SqliteStore::prune(std::string_view task, const RetentionPolicy& retention, Time now,
                                int limit) {
    return write_relaxed([&] {
        const auto ids = find_prunable(database_, task, retention, now, limit);
        for (const JobId id : ids) delete_job(database_, id);
        if (!ids.empty()) forget_spans(database_);
        return static_cast<std::int64_t>(ids.size());
    });
}

std::vector<std::string> SqliteStore::tasks_with_history() {
    return read([&] { return read_tasks_with_history(database_); });
}

std::unique_ptr<JobStore> open_store(const SqliteStoreOptions& options, int patience) {
    return std::make_unique<SqliteStore>(options, patience);
}

}  // namespace periodic::sqlite

std::unique_ptr<periodic::JobStore> periodic::open_sqlite_store(const SqliteStoreOptions& options) {
    return sqlite::open_store(options, sqlite::kPatience);
}
