#pragma once

/// @file
/// The store in memory: simple and obviously right, so that others are held against it.

#include <condition_variable>
#include <map>
#include <mutex>
#include <utility>
#include <vector>

#include "periodic/job_store.hpp"

namespace periodic {

class MemoryStore final : public JobStore {
public:
    std::int64_t begin_generation(const Generation& owner) override;
    void end_generation(std::int64_t id, Time at, std::string_view reason) override;
    std::optional<Generation> last_generation() override;
    std::optional<Generation> find_generation(std::int64_t id) override;

    std::vector<EntryMark> entry_marks() override;
    std::string entry_definition(std::int64_t id) override;
    std::vector<JobEvent> entry_events(std::int64_t id) override;
    PlanResult plan(const std::vector<EntryPlan>& plans, Time now, std::string_view by) override;

    Job add(const Job& job, std::string_view by) override;
    std::vector<JobId> add_all(const std::vector<Job>& jobs, std::string_view by) override;
    TurnResult turn(const Turn& turn) override;
    std::vector<JobChanged> change(const std::vector<JobChange>& changes, Time now) override;
    bool append(JobId id, const std::vector<LogLine>& lines, std::string_view response) override;
    std::vector<Ask> asks(std::int64_t owner) override;
    std::vector<Job> running_of(std::int64_t owner) override;
    std::vector<Job> running_of_others(std::int64_t generation) override;
    std::optional<Time> next_available(Time now) override;
    QueueCounts counts(Time now) override;
    std::vector<std::pair<std::string, std::int64_t>> ready_topics(Time now) override;
    void add_event(JobId id, const JobEvent& event) override;
    std::int64_t set_clock_back(Time now, Time after, std::string_view by) override;

    std::optional<Job> find(JobId id, Time now) override;
    std::vector<Job> page(const JobFilter& filter, Time now) override;
    std::int64_t count(const JobFilter& filter) override;
    JobChildren children(JobId id, int limit) override;
    std::vector<JobAttempt> attempts(JobId id) override;
    std::vector<JobEvent> events(JobId id) override;
    std::vector<LogLine> log(JobId id, std::int64_t after, int limit) override;
    std::vector<LogLine> log_tail(JobId id, int count) override;
    std::string response(JobId id) override;
    std::vector<std::pair<std::string, JobState>> last_states() override;

    std::int64_t version() override;
    std::int64_t wait_for_change(std::int64_t seen, std::chrono::milliseconds patience,
                                 std::stop_token stop) override;

    void pause(const Pause& pause) override;
    bool resume(const PauseScope& scope, Time now, std::string_view by) override;
    std::vector<Pause> pauses(Time since) override;

    std::int64_t prune(std::string_view task, const RetentionPolicy& retention, Time now,
                       int limit) override;
    std::vector<std::string> tasks_with_history() override;

private:
    struct Record {
        Job job{};
        /// It waits for unfinished jobs of its entry with this id or a higher one; 0: for none.
        JobId waits_from = 0;
        bool undecided = false;  ///< planned ahead: its overlap is decided at its time
        std::string asked_by{};
        std::string response{};
        std::vector<LogLine> lines{};
        std::vector<JobEvent> events{};
        std::vector<JobAttempt> attempts{};
    };
    struct Entry {
        EntryMark mark{};
        std::string definition{};
    };
    /// What a decision on overlap came to.
    struct Overlapped {
        bool skip = false;
        bool wait = false;
    };

    /// Locks for a change; whoever waits for one is told when it goes.
    class Change {
    public:
        explicit Change(MemoryStore& store) : store_(store), lock_(store.mutex_) {}
        Change(const Change&) = delete;
        Change& operator=(const Change&) = delete;
        ~Change() {
            ++store_.version_;
            store_.changed_.notify_all();
        }

    private:
        MemoryStore& store_;
        std::lock_guard<std::mutex> lock_;
    };

    // The lock is held in all of these.
    void note(std::int64_t entry, const std::string& text, const JobEvent& event);
    [[nodiscard]] bool move_mark(const EntryPlan& plan);
    [[nodiscard]] bool refuse_known(const Job& job, PlanResult& result, const JobEvent& event);
    void plan_job(const Job& job, JobId& first_of_plan, PlanResult& result, const JobEvent& event);
    [[nodiscard]] Overlapped decide(const Job& job, JobId before, std::vector<JobId>& to_stop,
                                    std::int64_t& skipped, const JobEvent& event);
    [[nodiscard]] Job* skip_to_share(std::int64_t entry, Reason reason, JobId but);
    JobId insert_skipped(Job job, Reason reason, const JobEvent& event);
    void decide_due(TurnResult& result, const JobEvent& event, bool early);
    Record& insert(Job job);
    Record& insert_unless_known(const Job& job, std::string_view by);
    [[nodiscard]] JobChanged change_one(const JobChange& change, Time now);
    void write(const LiveUpdate& update);
    [[nodiscard]] bool settle(const Settlement& ending);
    [[nodiscard]] std::vector<Job> claim(const ClaimRequest& request);
    [[nodiscard]] bool group_busy(const Job& job) const;
    [[nodiscard]] bool waits_for_entry(const Record& record) const;
    [[nodiscard]] bool at_limit(const Job& job) const;
    [[nodiscard]] bool is_blocked(const Record& record) const;
    [[nodiscard]] Record* running(JobId id, std::int64_t claim);
    [[nodiscard]] Job as_of(const Record& record, Time now) const;

    std::mutex mutex_{};
    std::condition_variable_any changed_{};
    std::int64_t version_ = 1;
    JobId last_id_ = 0;
    std::map<JobId, Record> jobs_{};
    std::map<std::int64_t, Entry> entries_{};
    std::map<std::int64_t, std::vector<JobEvent>> entry_events_{};
    std::map<std::pair<std::int64_t, std::chrono::sys_seconds>, JobId> occurrences_{};
    std::vector<Pause> pauses_{};  ///< in the order in which they were begun
    std::vector<Generation> generations_{};
    std::int64_t last_generation_ = 0;
};

}  // namespace periodic
