#pragma once

/// @file
/// The SQLite store: one connection, and a transaction around each change, shared by those who
/// ask at once.

#include <mutex>
#include <optional>
#include <utility>

#include "periodic/job_store.hpp"
#include "store/sqlite/change_watch.hpp"
#include "store/sqlite/checkpointer.hpp"
#include "store/sqlite/commit_group.hpp"
#include "store/sqlite/database.hpp"
#include "store/sqlite/disk.hpp"

namespace periodic::sqlite {

class SqliteStore final : public JobStore {
public:
    SqliteStore(const SqliteStoreOptions& options, int patience);
    SqliteStore(const SqliteStore&) = delete;
    SqliteStore& operator=(const SqliteStore&) = delete;
    ~SqliteStore() override;

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
    /// Reads under the mutex.
    template <class Function>
    auto read(Function function) {
        const std::lock_guard lock(mutex_);
        return function();
    }

    /// Changes in one durable transaction, which other threads may share; an exception undoes all
    /// of it. `function` may be called several times, the last of which counts.
    template <class Function>
    auto write(Function function) {
        return change(function, true);
    }

    /// The same without waiting for the disk: it survives a killed process, not a power cut.
    template <class Function>
    auto write_relaxed(Function function) {
        return change(function, false);
    }

    template <class Function>
    auto change(Function& function, bool durable) {
        std::optional<decltype(function())> answer;
        const auto work = [&] { answer.emplace(function()); };
        if (checkpointer_) checkpointer_->give_way();
        commits_.carry_out(Work(work), durable);
        return *std::move(answer);
    }

    /// Whether commits wait for the disk.
    void set_durable(bool durable);

    /// Throws StorageError if the database's file or log is no longer at its path: what is
    /// written to a deleted file would be lost in silence.
    void check_file() const;

    std::mutex mutex_{};
    Database database_;
    int patience_;  ///< of claims
    bool durable_ = true;
    bool wrote_durably_ = false;
    std::optional<RememberedFile> write_ahead_log_{};
    ChangeWatch watch_{};
    std::optional<Checkpointer> checkpointer_{};  ///< of the log, if there is one
    CommitGroup commits_;
};

}  // namespace periodic::sqlite
