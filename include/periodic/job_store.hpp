#pragma once

/// @file
/// Where jobs are kept, as a seam: SQLite in the state directory by default.
///
/// A store holds five things: entries with their watermarks, occurrences (for ever), jobs with
/// what belongs to them, pauses, and generations (who executed). What must happen together is one
/// call: a plan, a turn, a change. Every member may throw StorageError; after one, nothing of that
/// call has happened. Members may be called from any thread; changes that several threads ask for
/// at once may share a transaction, and each call returns when its change is durable.

#include <chrono>
#include <compare>
#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "periodic/clock.hpp"
#include "periodic/error.hpp"
#include "periodic/job.hpp"
#include "periodic/process_launcher.hpp"

namespace periodic {

/// Who executes: one process, from taking the lock to its end.
struct Generation {
    std::int64_t id = 0;
    std::string host{};
    ProcessIdentity process{};
    std::string kind{};  ///< "run", "daemon", "library"
    Time started{};
    std::optional<Time> ended{};
    std::string end_reason{};  ///< empty while it lives, or if it died
};

/// A `run` each minute makes half a million generations a year: older ones are forgotten.
inline constexpr std::int64_t kGenerationsKept = 1000;

/// How far an entry is planned.
struct EntryMark {
    std::int64_t id = 0;
    std::chrono::sys_seconds watermark{};  ///< occurrences up to here, inclusive, are planned
    std::int64_t start = 0;                ///< for `@reboot`: hash of the last start seen; else 0

    friend bool operator==(const EntryMark&, const EntryMark&) = default;
};

/// What a planning wants of one entry.
struct EntryPlan {
    std::int64_t id = 0;
    std::string definition{};  ///< CrontabEntry::definition(); only needed for a new entry
    /// The mark that the planning saw; none for an entry that it saw for the first time. If the
    /// store has another by now, the whole EntryPlan is refused: another planner was faster.
    std::optional<EntryMark> seen{};
    /// The mark from now on; none: the entry is gone from the crontab, its mark is dropped.
    std::optional<EntryMark> mark{};
    /// The jobs of its occurrences, oldest first: queued, skipped (missed, removed) or failed
    /// (invalid). Each has entry and scheduled; overlap says what an unfinished earlier job of the
    /// entry means for a queued one. A job that is not available yet (planned ahead) is decided
    /// upon by the first turn that asks for work at or after its time. The jobs of one plan wait
    /// for each other. Successive skips of one entry for one reason share one job.
    std::vector<Job> jobs{};
    std::string note{};  ///< an event about the entry itself: a clock set back; may be empty
};

/// What came of a planning.
struct PlanResult {
    std::int64_t inserted = 0;     ///< queued or failed
    std::int64_t skipped = 0;      ///< occurrences: of new, merged and replaced jobs
    std::int64_t refused = 0;      ///< occurrences that were there already
    std::int64_t stale = 0;        ///< EntryPlans refused whole: their mark had moved
    std::vector<JobId> failed{};   ///< those inserted as failed
    std::vector<JobId> to_stop{};  ///< running jobs that `replace` asked to stop
};

/// What happened during an attempt, written while it runs. Counts only under its claim.
struct LiveUpdate {
    JobId id = 0;
    std::int64_t claim = 0;
    std::vector<LogLine> lines{};
    std::string response{};  ///< appended
    /// Where it begins in the whole response, in bytes: what is there already of an update that is
    /// repeated is not appended again. None: at the end.
    std::optional<std::int64_t> response_at{};
    std::optional<int> progress{};
    std::optional<std::string> message{};
    std::optional<std::string> comment{};
    std::optional<std::string> result_code{};
    std::optional<Values> attributes{};
    std::optional<std::int64_t> pid{};
};

/// The end of an attempt. Counts only while the job is running under this claim.
struct Settlement {
    /// The job as it is from now on: id and claim say whose end it is; its state, reason, times,
    /// counters, texts, parameters and attributes are written. `owner` becomes 0.
    Job job{};
    JobEvent event{};
    /// Jobs that follow from this end, added with it or not at all.
    std::vector<Job> follow_ups{};
    bool delete_job = false;  ///< the job deleted itself; state then says what it would have been
    /// Cut: lines with seq in (cut_after, cut_before) are removed from the log, which was too long.
    std::int64_t cut_after = 0;
    std::int64_t cut_before = 0;
};

/// Asks for work. A claim takes the highest priority, then the earliest available, then the lowest
/// id, whose group is free, whose task is below its concurrency, and which waits for no earlier
/// job of its entry.
struct ClaimRequest {
    std::int64_t owner = 0;   ///< generation
    std::int64_t worker = 0;  ///< pid
    Time now{};
    int limit = 0;                          ///< free slots
    std::vector<std::string> topics{};      ///< empty: all
    std::vector<std::string> not_topics{};  ///< none of these
    /// The pid of each slot: the first job that is claimed is the first one's, and so on. Those
    /// beyond get `worker`.
    std::vector<std::int64_t> workers{};
    /// This one alone, also before its time and while it is paused; 0: any.
    JobId only = 0;
    /// These alone, if not empty, as if there were no others.
    std::vector<JobId> among{};
};

/// One step of an executor: everything in it is one transaction.
struct Turn {
    std::vector<LiveUpdate> updates{};
    std::vector<Settlement> settlements{};
    /// One for each kind of slot, in order; all of one owner and time.
    std::vector<ClaimRequest> claims{};
    /// The time of the claims is still to come, by a moment: what an earlier job of its entry may
    /// hold up stays undecided until then.
    bool early = false;
};
struct TurnResult {
    std::vector<JobId> late{};  ///< settlements that no longer counted; now events
    std::vector<Job> claimed{};
    std::int64_t skipped = 0;      ///< occurrences whose overlap was decided now
    std::vector<JobId> to_stop{};  ///< running jobs that `replace` asked to stop just now
};

/// A request to a running job.
struct Ask {
    JobId id = 0;
    std::int64_t claim = 0;
    Reason what = Reason::Stopped;  ///< or Killed
    std::string by{};
};

/// New values for a job that does not run; what is empty stays.
struct JobEdit {
    std::optional<std::string> phase{};  ///< only for a job with phases
    std::optional<std::string> comment{};
    std::optional<std::chrono::seconds> interval{};
    std::optional<int> priority{};
    std::optional<Time> available{};  ///< not for a final job
    Values parameters{};              ///< replaces or adds these; the others stay
    Values attributes{};              ///< likewise

    friend bool operator==(const JobEdit&, const JobEdit&) = default;
};

/// What somebody wants done with one job.
struct JobChange {
    JobId id = 0;
    JobAction action = JobAction::Edit;
    JobEdit edit{};    ///< for Edit; for Retry what changes with it
    std::string by{};  ///< who wants it, for the job's events
};

/// What came of it.
struct JobChanged {
    JobId id = 0;
    bool changed = false;
    std::optional<JobState> before{};  ///< none: there is no such job
    std::optional<JobState> after{};   ///< none: deleted. Running, if it was asked to end
    std::string message{};             ///< why not, if it was not changed
};

/// What is paused: all, a task, a group, or a topic.
struct PauseScope {
    enum class Kind : std::uint8_t { All, Task, Group, Topic };
    Kind kind = Kind::All;
    std::string name{};  ///< empty for All

    friend auto operator<=>(const PauseScope&, const PauseScope&) = default;
};
[[nodiscard]] std::string_view to_string(PauseScope::Kind kind) noexcept;

/// A time in which jobs of a scope are not started and its occurrences are skipped.
struct Pause {
    PauseScope scope{};
    Time since{};
    std::optional<Time> until{};  ///< it ends by itself then
    std::optional<Time> ended{};  ///< it was resumed or replaced then
    std::string reason{};
    std::string by{};

    /// Whether it holds at a time.
    [[nodiscard]] bool holds(Time at) const noexcept {
        return since <= at && (!until || at < *until) && (!ended || at < *ended);
    }

    friend bool operator==(const Pause&, const Pause&) = default;
};

/// Pauses that are over are kept this long, so that a planning that comes late skips what was due
/// meanwhile.
inline constexpr std::chrono::hours kPausesKept{24 * 400};

/// Which jobs to list or to change. What is empty does not filter.
struct JobFilter {
    std::vector<JobId> ids{};
    std::vector<JobId> not_ids{};
    std::string task{}, group{}, topic{}, key{}, phase{};
    std::vector<JobState> states{};
    std::optional<JobId> above{};          ///< only higher ids
    std::optional<JobId> below{};          ///< only lower ids
    std::optional<Time> created_before{};  ///< exclusive
    std::optional<Time> created_after{};   ///< exclusive
    std::optional<JobId> before{};         ///< only lower ids: the cursor of a page, newest first
    std::optional<JobId> after{};          ///< only higher ids: the cursor of a page, oldest first
    int limit = 50;                        ///< 1 to 10,000
    bool newest_first = true;
};

/// The jobs that a job has added: follow-ups, and those of its commands.
struct JobChildren {
    std::int64_t count = 0;
    std::vector<JobId> newest{};  ///< the newest of them, the highest id first
};

/// How many jobs wait, for `left` and `status`.
struct QueueCounts {
    std::int64_t ready = 0;    ///< available now, whatever holds them
    std::int64_t waiting = 0;  ///< available later
    std::int64_t running = 0;
};

class JobStore {
public:
    JobStore() = default;
    JobStore(const JobStore&) = delete;
    JobStore& operator=(const JobStore&) = delete;
    virtual ~JobStore() = default;

    // Generations.

    /// Puts a new owner on record; survives a killed process, not a power cut.
    /// Only the latest kGenerationsKept are kept.
    virtual std::int64_t begin_generation(const Generation& owner) = 0;
    /// Puts its end on record; survives as its beginning does.
    virtual void end_generation(std::int64_t id, Time at, std::string_view reason) = 0;
    /// The latest, which has ended or not; nullopt if there was none.
    [[nodiscard]] virtual std::optional<Generation> last_generation() = 0;
    [[nodiscard]] virtual std::optional<Generation> find_generation(std::int64_t id) = 0;

    // Planning.

    /// All marks, in order of id.
    [[nodiscard]] virtual std::vector<EntryMark> entry_marks() = 0;
    /// The definition of an entry; empty if it is unknown.
    [[nodiscard]] virtual std::string entry_definition(std::int64_t id) = 0;
    /// What was noted about an entry, oldest first.
    [[nodiscard]] virtual std::vector<JobEvent> entry_events(std::int64_t id) = 0;
    /// Carries out the plans of many entries in one transaction. An occurrence that is there
    /// already inserts nothing, which is an event of the job that it met.
    virtual PlanResult plan(const std::vector<EntryPlan>& plans, Time now, std::string_view by) = 0;

    // Jobs.

    /// Adds a job that is idle, queued, skipped or failed and answers it; with a key that an
    /// unfinished job has, answers that one. Throws std::invalid_argument for another state.
    virtual Job add(const Job& job, std::string_view by) = 0;
    /// The same for many in one transaction: all are added or, with an exception, none. Answers
    /// their ids in the same order.
    virtual std::vector<JobId> add_all(const std::vector<Job>& jobs, std::string_view by) = 0;
    /// Writes updates, then settlements, then claims. Throws std::invalid_argument for a settlement
    /// to a state that a running job can't go to (transitions.hpp), naming both.
    virtual TurnResult turn(const Turn& turn) = 0;
    /// Does what people want with jobs, in one transaction; answers in the same order. What a job's
    /// state forbids is not done, and said why; so are a key that another unfinished job has by now
    /// and an unknown id. A stop or kill of a running job is kept as a request for `asks`.
    virtual std::vector<JobChanged> change(const std::vector<JobChange>& changes, Time now) = 0;
    /// Adds to the log and response of a job that does not run; seq of the lines is given here.
    /// False, with nothing written, if it runs (its executor writes then) or does not exist.
    virtual bool append(JobId id, const std::vector<LogLine>& lines, std::string_view response) = 0;
    /// Requests to running jobs of this owner that it has not met yet.
    [[nodiscard]] virtual std::vector<Ask> asks(std::int64_t owner) = 0;
    /// Running jobs of this owner: also those of a turn whose answer it never got.
    [[nodiscard]] virtual std::vector<Job> running_of(std::int64_t owner) = 0;
    /// Running jobs that belong to another generation than this one.
    [[nodiscard]] virtual std::vector<Job> running_of_others(std::int64_t generation) = 0;
    /// The earliest instant after `now` at which a queued job becomes available, or a pause that
    /// holds one ends by itself.
    [[nodiscard]] virtual std::optional<Time> next_available(Time now) = 0;
    [[nodiscard]] virtual QueueCounts counts(Time now) = 0;
    /// How many queued jobs are available in each topic that has any, in order of its name.
    [[nodiscard]] virtual std::vector<std::pair<std::string, std::int64_t>> ready_topics(
        Time now) = 0;
    virtual void add_event(JobId id, const JobEvent& event) = 0;
    /// The clock was ahead and was set back. A queued job that is available later than `after`, and
    /// whose last event is later too, has its time from that clock: it becomes available as long
    /// after `now` as it was to wait then, which is an event. Answers how many there were.
    virtual std::int64_t set_clock_back(Time now, Time after, std::string_view by) = 0;

    // Reading.

    /// With waiting_for computed as of `now`.
    [[nodiscard]] virtual std::optional<Job> find(JobId id, Time now) = 0;
    [[nodiscard]] virtual std::vector<Job> page(const JobFilter& filter, Time now) = 0;
    /// How many jobs a filter matches, whatever its cursor and limit.
    [[nodiscard]] virtual std::int64_t count(const JobFilter& filter) = 0;
    /// The jobs whose parent this one is or was, `newest` with at most `limit` of them.
    [[nodiscard]] virtual JobChildren children(JobId id, int limit) = 0;
    /// The attempts that have ended, oldest first.
    [[nodiscard]] virtual std::vector<JobAttempt> attempts(JobId id) = 0;
    [[nodiscard]] virtual std::vector<JobEvent> events(JobId id) = 0;
    /// Log lines with seq > after, at most `limit`.
    [[nodiscard]] virtual std::vector<LogLine> log(JobId id, std::int64_t after, int limit) = 0;
    /// The last `count` log lines, oldest first.
    [[nodiscard]] virtual std::vector<LogLine> log_tail(JobId id, int count) = 0;
    [[nodiscard]] virtual std::string response(JobId id) = 0;
    /// For each task, in order of name, the state of a job that runs, else of the one that ended
    /// last.
    [[nodiscard]] virtual std::vector<std::pair<std::string, JobState>> last_states() = 0;

    // Watching.

    /// A number that changes whenever anything in the store does, by whichever process. Cheap.
    [[nodiscard]] virtual std::int64_t version() = 0;
    /// Waits until `version()` is not `seen`, a stop is requested or `patience` is over; answers
    /// the version then.
    virtual std::int64_t wait_for_change(std::int64_t seen, std::chrono::milliseconds patience,
                                         std::stop_token stop) = 0;

    // Pauses.

    /// Begins a pause; one of the same scope that holds ends with it.
    virtual void pause(const Pause& pause) = 0;
    /// Ends the pause of a scope; false if none holds.
    virtual bool resume(const PauseScope& scope, Time now, std::string_view by) = 0;
    /// The pauses that hold at `since` or held later, by since. Jobs in one that holds are not
    /// claimed, unless as ClaimRequest::only; they wait for `paused`.
    [[nodiscard]] virtual std::vector<Pause> pauses(Time since) = 0;

    // Housekeeping.

    /// Deletes at most `limit` final jobs of a task beyond its retention, oldest first, failed ones
    /// counted apart; answers how many.
    virtual std::int64_t prune(std::string_view task, const RetentionPolicy& retention, Time now,
                               int limit) = 0;
    /// Tasks that have final jobs.
    [[nodiscard]] virtual std::vector<std::string> tasks_with_history() = 0;
};

struct SqliteStoreOptions {
    std::string path{};
    bool allow_network_disk = false;  ///< journal="delete"
    std::chrono::milliseconds busy_timeout{10'000};
};

/// Opens or makes the SQLite store, and brings an older one to the present schema. Throws
/// StorageError, also for a newer one.
[[nodiscard]] std::unique_ptr<JobStore> open_sqlite_store(const SqliteStoreOptions& options);

/// A store in memory, for tests and hosts that need no record beyond the process.
[[nodiscard]] std::unique_ptr<JobStore> make_memory_store();

}  // namespace periodic
