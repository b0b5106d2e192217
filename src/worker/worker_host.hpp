#pragma once

/// @file
/// The daemon's worker processes: attempts run in them.

#include <chrono>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "periodic/configuration.hpp"
#include "run/attempt_host.hpp"
#include "run/pool_status.hpp"
#include "worker/clerk.hpp"
#include "worker/mail_room.hpp"
#include "worker/worker_process.hpp"

namespace periodic {

/// How workers are made.
struct WorkerHostOptions {
    std::vector<PoolOptions> pools{};  ///< empty, or none for `default`: that one as it is
    std::string program{};             ///< a path; empty: what this process runs
    /// This process is a child subreaper or process 1, with SIGCHLD blocked in all threads: what
    /// it adopts is reaped when it ends. The executor's thread starts no children but workers.
    bool adopts_strays = false;
    /// A worker that says nothing for so long while it is to begin, itself or a job, is killed:
    /// it was stopped by a signal, or waits for a disk.
    std::chrono::seconds begin_within{60};
};

/// Pools of worker processes, each for a topic; a topic without one is served by `default`.
///
/// Static workers are replaced when they end. Dynamic ones come while more jobs wait than `grow_at`
/// and go when they were idle; work goes to static ones first. Each ends after a number of jobs, a
/// time or a size, finishing what it has; one that takes twice that size is killed. Pools whose
/// workers die at once wait longer and longer before the next start. Where the configuration is
/// read anew, pools grow and shrink without stopping what runs. A death is noticed at once: what
/// the worker left is ended, its jobs are settled as lost; of several, those that may be retried
/// run alone afterwards, and that crash does not count. A worker in which a command goes on past
/// its end is killed.
///
/// The members of AttemptHost belong to the executor's thread, which must be the same from the
/// beginning; `status`, `replace_workers` and `append` may be called from any.
class WorkerHost final : public AttemptHost {
public:
    /// Error: Io, if the program can't be opened. Throws std::system_error.
    [[nodiscard]] static Result<std::unique_ptr<WorkerHost>> create(const HostParts& parts,
                                                                    WorkerHostOptions options);
    ~WorkerHost() override;

    void prepare() override;
    void look(Time now) override;
    [[nodiscard]] std::optional<Time> next_look(Time now) override;
    [[nodiscard]] std::vector<FreeSlots> free_slots() override;
    [[nodiscard]] std::chrono::milliseconds lead() const noexcept override;
    void start(const std::vector<Job>& claimed, Time now) override;
    [[nodiscard]] std::vector<RunningAttempt>& running() noexcept override { return running_; }
    [[nodiscard]] RunningAttempt* find(JobId id) noexcept override;
    [[nodiscard]] std::vector<LiveUpdate> take_updates() override;
    [[nodiscard]] std::vector<EndedAttempt> take_ended() override;
    bool append(const AppendRequest& request, Time now) override;
    void reconfigure(const Configuration& configuration, Time now) override;
    void finish() override;

    [[nodiscard]] WorkersStatus status() override;
    Result<void> replace_workers() override;
    [[nodiscard]] std::optional<Result<void>> replacement() override;

private:
    struct Pool;
    struct Worker;

    WorkerHost(const HostParts& parts, WorkerHostOptions options, WorkerProgram program);

    // What workers say.
    void take_mail(Time now);
    void take(Worker& worker, Message message, Time now);
    void begun(Worker& worker, const BegunMessage& message);
    void ended(Worker& worker, EndedMessage message, Time now);
    void begin_wait(Worker& worker, const WaitMessage& message, Time now);
    void answer_waits(Time now);
    void append_late(Time now);

    // Their pools.
    void set_pools(std::vector<PoolOptions> wanted);
    void drop_retired();
    void shrink(const Pool& pool, bool is_static, int most);

    // Their lives.
    void tend(Pool& pool, Time now);
    void start_worker(Pool& pool, bool is_static, Time now);
    [[nodiscard]] Result<Worker*> launch(Pool& pool, const WorkerProgram& program, Time now);
    void try_candidate(Time now);
    void accept_candidate(Worker& trial);
    void refuse_candidate(const std::string& why);
    void grow(Time now);
    void drop_alone(Time now);
    void note_failure(Pool& pool, Time now, const std::string& text) const;
    [[nodiscard]] static std::string crash_loop_of(const Pool& pool);
    void drain(Worker& worker);
    void kill(Worker& worker);
    void end_hung(Time now);
    void end_silent();
    void weigh(Time now);
    void died(Worker& worker, Time now);
    void settle_left(Time now);
    [[nodiscard]] bool try_settle_lost_job(Worker& worker, RunningAttempt& attempt, Time now);
    [[nodiscard]] bool settle_lost_job(Worker& worker, RunningAttempt& attempt, Time now);
    void put_end(RunningAttempt& attempt, Settlement settlement);
    void reap_strays();

    [[nodiscard]] Worker* worker_of(std::int64_t pid);
    void run_in(Worker& worker, const Job& job, Time now);
    static void leave(Worker& worker, JobId id);
    struct Delivery;
    void hand_over(Worker& worker, const Job& job, Time now, Delivery& delivery);
    void send(const Delivery& delivery);
    void hand_over_due(Time now);
    void tell(Worker& worker, const Message& message);
    [[nodiscard]] Settlement give_back(const Job& job, Time now) const;
    [[nodiscard]] Settlement end_asked(const RunningAttempt& attempt, Time now) const;
    [[nodiscard]] Settlement end_crashed(const Worker& worker, const RunningAttempt& attempt,
                                         Time now);
    [[nodiscard]] int free_in(const Worker& worker) const;
    void begin();

    HostParts parts_;
    WorkerHostOptions options_;
    WorkerProgram program_;
    ChildStarter starter_;
    std::string name_;  // of the executor, for events

    std::optional<WorkerProgram> candidate_;  // tried before workers are replaced by it
    std::int64_t trial_ = 0;                  // the number of the worker that does so
    std::optional<Error> refused_;            // why the last candidate was not taken

    std::recursive_mutex mutex_;  // of all below: status() looks from another thread
    std::vector<std::unique_ptr<Pool>> pools_;
    std::map<std::int64_t, std::unique_ptr<Worker>> workers_;  // by number
    std::vector<std::unique_ptr<Worker>> left_;  // dead, with jobs whose programs did not end yet
    std::vector<RunningAttempt> running_;
    std::map<JobId, std::int64_t> where_;  // the number of the worker that runs it
    struct Held;
    std::map<JobId, Held> held_;  // those of them that begin at a time to come
    std::vector<LiveUpdate> updates_;
    std::vector<EndedAttempt> ended_;
    std::set<JobId> alone_;  // to be run with nothing beside them
    std::vector<AppendRequest> returned_;

    struct PendingWait;
    std::map<std::pair<std::int64_t, std::int64_t>, std::unique_ptr<PendingWait>> waits_;
    std::int64_t waits_seen_ = -1;  // the store's version when they were looked at

    std::int64_t last_number_ = 0;
    std::optional<std::chrono::steady_clock::time_point> listened_;  // to those that are to begin
    std::optional<Time> left_tried_;
    std::optional<Time> alone_checked_;
    std::optional<Time> weighed_;  // when the memory of those that are busy was looked at
    std::optional<Time> counted_;  // when it was last asked what waits
    bool ending_ = false;
    std::unique_ptr<MailRoom> mail_room_;
    std::unique_ptr<Clerk> clerk_;
};

}  // namespace periodic
