#include "store/sqlite/row.hpp"

#include <utility>

namespace periodic::sqlite {
namespace {

constexpr int kWholeJobColumns = 47;  // of the view

constexpr std::uint64_t kFnvOffset = 14695981039346656037ULL;
constexpr std::uint64_t kFnvPrime = 1099511628211ULL;

std::uint64_t hash(std::uint64_t seed, std::string_view text) noexcept {
    for (const char c : text) seed = (seed ^ static_cast<unsigned char>(c)) * kFnvPrime;
    return (seed ^ 0xFFU) * kFnvPrime;  // no byte of UTF-8, so that "a","b" is not "ab",""
}

std::uint64_t hash(std::uint64_t seed, std::int64_t number) noexcept {
    for (unsigned shift = 0; shift < 64; shift += 8) {
        seed = (seed ^ ((static_cast<std::uint64_t>(number) >> shift) & 0xFFU)) * kFnvPrime;
    }
    return seed;
}

std::optional<std::string_view> unless_empty(std::string_view text) {
    return text.empty() ? std::nullopt : std::optional(text);
}

std::optional<Time> first_available(const Job& job) {
    return job.state == JobState::Queued && !job.available ? job.created : job.available;
}

std::optional<Time> end_of(const Job& job) {
    return is_final(job.state) && !job.finished ? job.created : job.finished;
}

template <class Enumerator>
int number(Enumerator value) noexcept {
    return static_cast<int>(value);
}

// Reads columns one after another.
class Cursor {
public:
    explicit Cursor(const Statement& row) : row_(row) {}

    std::int64_t integer() { return row_.integer(column_++); }
    int small() { return static_cast<int>(integer()); }
    std::string text() { return row_.text(column_++); }
    std::optional<std::string> optional_text() {
        return row_.is_null(column_) ? (++column_, std::nullopt) : std::optional(text());
    }
    std::optional<std::int64_t> optional_integer() {
        return row_.is_null(column_) ? (++column_, std::nullopt) : std::optional(integer());
    }
    std::optional<Time> optional_time() {
        return row_.is_null(column_) ? (++column_, std::nullopt)
                                     : std::optional(row_.time(column_++));
    }
    std::optional<std::chrono::sys_seconds> optional_seconds() {
        return row_.is_null(column_) ? (++column_, std::nullopt)
                                     : std::optional(row_.seconds(column_++));
    }
    Time time() { return row_.time(column_++); }
    template <class Enumerator>
    Enumerator enumerator() {
        return static_cast<Enumerator>(integer());
    }
    Values values() {
        const std::string text_of_them = text();
        if (text_of_them.empty()) return {};
        auto values = values_from_json(text_of_them);
        if (!values) {
            throw StorageError(StorageError::Kind::Corrupt,
                               "the store has parameters or attributes that are no JSON object: " +
                                   values.error().message);
        }
        return std::move(*values);
    }

private:
    const Statement& row_;
    int column_ = 0;
};

// Notes when the jobs of a block that is full were created.
void insert_span(Database& database, std::int64_t block) {
    database.run(
        "INSERT OR REPLACE INTO job_span (block, earliest, latest)"
        " SELECT ?1, min(created), max(created) FROM job WHERE id >= ?1 * 1024"
        " AND id < ?1 * 1024 + 1024 HAVING count(*) > 0",
        block);
}

void insert_detail(Database& database, JobId id, const Job& job) {
    database.run(
        "INSERT INTO job_detail (id, overlap, on_lost, missed, last_scheduled, zone, parent,"
        " interval_seconds, first_failed, last_failed, pid, exit_code, progress, log_bytes,"
        " response_bytes, asked_by, task_digest, result_code, message, comment, error,"
        " error_detail, parameters, attributes)"
        " VALUES (?1,?2,?3,?4,?5,?6,?7,?8,?9,?10,0,?11,?12,0,0,'',?13,?14,?15,?16,?17,?18,?19,?20)",
        id, number(job.overlap), number(job.on_lost), job.missed, job.last_scheduled, job.zone,
        job.parent, job.interval_seconds, job.first_failed, job.last_failed, job.exit_code,
        job.progress, job.task_digest, job.result_code, job.message, job.comment, job.error,
        job.error_detail, values_text(job.parameters), values_text(job.attributes));
}

}  // namespace

std::int64_t lane_of(const Job& job, Serial serial) noexcept {
    std::uint64_t seed = hash(hash(kFnvOffset, job.group), job.task);
    if (job.concurrency > 0) seed = hash(hash(seed, job.concurrency_value), job.concurrency);
    if (serial != 0) seed = hash(hash(seed, job.entry), serial);
    return static_cast<std::int64_t>(seed);
}

JobId insert_job(Database& database, const Job& job, Serial serial) {
    database.run(
        "INSERT INTO job (state, task, group_name, topic, priority, available, lane, claim, owner,"
        " worker, asked, entry, serial, concurrency, concurrency_value, key, phase, reason,"
        " attempt, max_attempts, crashes, scheduled, created, started, finished, shelf)"
        " VALUES "
        "(?1,?2,?3,?4,?5,?6,?7,0,0,0,0,?8,?9,?10,?11,?12,?13,?14,?15,?16,?17,?18,?19,NULL,?20,?21)",
        number(job.state), job.task, unless_empty(job.group), job.topic, job.priority,
        first_available(job), lane_of(job, serial),
        job.entry == 0 ? std::nullopt : std::optional(job.entry), serial, job.concurrency,
        job.concurrency_value, unless_empty(job.key), job.phase, number(job.reason), job.attempt,
        job.max_attempts, job.crashes, job.scheduled, job.created, end_of(job),
        shelf_of(job.state));
    const JobId id = database.last_id();
    if (id % kSpan == 0) insert_span(database, id / kSpan - 1);
    insert_detail(database, id, job);
    return id;
}

Job read_job(const Statement& row) {
    Cursor next(row);
    Job job;
    job.id = next.integer();
    job.state = next.enumerator<JobState>();
    job.task = next.text();
    job.group = next.text();
    job.topic = next.text();
    job.priority = next.small();
    job.available = next.optional_time();
    job.claim = next.integer();
    job.owner = next.integer();
    job.worker = next.integer();
    job.asked = next.enumerator<Reason>();
    job.entry = next.integer();
    job.concurrency = next.small();
    job.concurrency_value = next.text();
    job.key = next.text();
    job.phase = next.optional_text();
    job.reason = next.enumerator<Reason>();
    job.attempt = next.small();
    job.max_attempts = next.small();
    job.crashes = next.small();
    job.scheduled = next.optional_seconds();
    job.created = next.time();
    job.started = next.optional_time();
    job.finished = next.optional_time();
    job.overlap = next.enumerator<Overlap>();
    job.on_lost = next.enumerator<OnLost>();
    job.missed = next.integer();
    job.last_scheduled = next.optional_seconds();
    job.zone = next.text();
    job.parent = next.integer();
    job.interval_seconds = next.optional_integer();
    job.first_failed = next.optional_time();
    job.last_failed = next.optional_time();
    job.pid = next.integer();
    if (const auto code = next.optional_integer()) job.exit_code = static_cast<int>(*code);
    job.progress = next.small();
    job.log_bytes = next.integer();
    job.response_bytes = next.integer();
    job.task_digest = next.text();
    job.result_code = next.text();
    job.message = next.text();
    job.comment = next.text();
    job.error = next.text();
    job.error_detail = next.text();
    job.parameters = next.values();
    job.attributes = next.values();
    return job;
}

std::optional<Job> load_job(Database& database, JobId id) {
    Statement row = database.query("SELECT * FROM whole_job WHERE id = ?1", id);
    return row.step() ? std::optional(read_job(row)) : std::nullopt;
}

std::optional<Job> load_logged_job(Database& database, JobId id) {
    Statement row = database.query(
        "SELECT *, (SELECT seq FROM log WHERE log.job = whole_job.id ORDER BY seq DESC LIMIT 1)"
        " FROM whole_job WHERE id = ?1",
        id);
    if (!row.step()) return std::nullopt;
    Job job = read_job(row);
    job.log_seq = row.integer(kWholeJobColumns);
    return job;
}

void delete_job(Database& database, JobId id) {
    database.run("DELETE FROM log WHERE job = ?1", id);
    database.run("DELETE FROM response WHERE job = ?1", id);
    database.run("DELETE FROM event WHERE job = ?1", id);
    database.run("DELETE FROM attempt WHERE job = ?1", id);
    database.run("DELETE FROM job_detail WHERE id = ?1", id);
    database.run("DELETE FROM job WHERE id = ?1", id);
}

void insert_event(Database& database, JobId id, Time time, std::string_view event,
                  std::string_view by, std::string_view detail) {
    database.run(
        "INSERT INTO event (job, seq, time, event, by, detail) VALUES (?1,"
        " coalesce((SELECT seq FROM event WHERE job = ?1 ORDER BY seq DESC LIMIT 1), 0) + 1,"
        " ?2, ?3, ?4, ?5)",
        id, time, event, by, detail);
}

void insert_first_event(Database& database, JobId id, Time time, std::string_view event,
                        std::string_view by, std::string_view detail) {
    database.run(
        "INSERT INTO event (job, seq, time, event, by, detail) VALUES (?1, 1, ?2, ?3, ?4, ?5)", id,
        time, event, by, detail);
}

bool insert_line(Database& database, JobId id, std::int64_t seq, const LogLine& line) {
    return database.run(
               "INSERT OR IGNORE INTO log (job, seq, time, level, stream, text)"
               " VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
               id, seq, line.time, number(line.level), number(line.stream), line.text) == 1;
}

void insert_response(Database& database, JobId id, std::string_view text) {
    database.run(
        "INSERT INTO response (job, seq, text) VALUES (?1,"
        " (SELECT coalesce(max(seq), 0) + 1 FROM response WHERE job = ?1), ?2)",
        id, text);
}

std::string values_text(const Values& values) {
    return values.empty() ? std::string() : to_json(values);
}

}  // namespace periodic::sqlite
