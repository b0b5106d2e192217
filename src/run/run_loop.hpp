#pragma once

/// @file
/// One `run`: plans what is due, runs it, and ends when nothing runs or is due.

#include <chrono>
#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <vector>

#include "periodic/executor.hpp"
#include "periodic/run_observer.hpp"
#include "run/append_request.hpp"
#include "run/attempt_host.hpp"
#include "run/child_waits.hpp"
#include "run/control.hpp"
#include "run/executor_core.hpp"
#include "run/lock.hpp"
#include "run/loop_listener.hpp"
#include "run/loop_requests.hpp"
#include "run/orphans.hpp"
#include "run/outbox.hpp"
#include "run/retention.hpp"
#include "run/set_clock.hpp"
#include "run/step_choice.hpp"
#include "store/reserve.hpp"

namespace periodic {

/// What one run is asked to do.
struct RunRequest {
    RunOptions options{};
    bool forever = false;  ///< go on when nothing is due, until asked to stop
    JobId only = 0;  ///< run one attempt of this job, and what it is woken for; 0: what is due
    /// Run what this chooses, one after the other, and nothing else; outlives the loop. nullptr:
    /// what is due.
    StepChoice* step = nullptr;
    MakeHost host{};  ///< makes what the attempts run in; empty: threads
    /// Occurrences are planned so long before their instant, so that they start on it.
    std::chrono::seconds ahead{0};
    /// How long what runs goes on after a stop was requested, before it is asked to end.
    std::chrono::seconds stop_within{0};
    std::stop_token hurry{};  ///< ends that time; where it is over, kills what was asked to end
    LoopListener* listener = nullptr;  ///< outlives the loop
};

/// Holds the lock for as long as it lives. Used by one thread, but for what the control socket's
/// thread calls.
class RunLoop {
public:
    /// Precondition: `lock` is held, and the generation of `owner` is on record in the store.
    RunLoop(ExecutorCore& core, RunRequest request, Lock lock, LockOwner owner);
    RunLoop(const RunLoop&) = delete;
    RunLoop& operator=(const RunLoop&) = delete;
    ~RunLoop();

    /// Steps until all is done. Throws StorageError if the store does not take results for 60 s;
    /// or, where something does not end then and the process may, ends that with it.
    RunReport run();

    /// Does all that can be done now, without waiting. Answers when to look again at the latest;
    /// nullopt: the run has ended.
    std::optional<Time> step();

private:
    std::optional<std::string> on_request(std::string_view request);
    [[nodiscard]] bool answer_questions();
    [[nodiscard]] LoopState state();
    void note_stop(Time now);
    [[nodiscard]] std::string append(const AppendRequest& request);
    void hear(const LoopWakes& wakes, Time now);
    [[nodiscard]] bool is_time_to_plan(Time now);
    void meet_asks();
    void heed_clock(Time now);
    void look_after_files(Time now, bool asked);
    void note_other(bool is_locked);
    void note_configuration(Time now);
    void settle_orphans(Time now, const OrphanOptions& options);
    void retry_orphans(Time now);
    [[nodiscard]] std::optional<Time> orphans_due() const;
    void plan(Time now);
    void recall_failures();
    void note_unplannable(JobId id);
    void tell_unheard(Time now);
    void note_problems(std::vector<Problem> problems);
    void note_failure(JobId id);
    [[nodiscard]] std::optional<Time> step_on();
    [[nodiscard]] std::stop_token next_stop() const;
    void ask_to_stop(const std::vector<JobId>& replaced);
    void end_what_must(Time now);
    void note_asked(RunningAttempt& attempt, Time now) const;
    void report_overdue(RunningAttempt& attempt, Time now);
    void collect_results();
    void collect_updates(Time now);
    void commit(Time now);
    void claim_wanted(Time now);
    void claim_awaited(Time now);
    void claim_early(Time now);
    [[nodiscard]] bool write(const std::vector<ClaimRequest>& claims, Time now, bool early = false);
    void count(const Settlement& settlement);
    void tell_settled(const Settlement& settlement);
    void start(const std::vector<Job>& claimed, Time now);
    void prepare();
    [[nodiscard]] bool has_free_slot() const;
    [[nodiscard]] std::vector<ClaimRequest> claim_for_slots(Time now) const;
    [[nodiscard]] std::vector<ClaimRequest> claim_one(Time now, std::string_view topic) const;
    [[nodiscard]] std::vector<ClaimRequest> claim_due(Time now);
    [[nodiscard]] std::vector<ClaimRequest> claim_chosen(Time now);
    [[nodiscard]] bool may_start(Time now) const;
    [[nodiscard]] bool may_claim(Time now) const;
    [[nodiscard]] bool is_at_rest(Time now) const;
    [[nodiscard]] bool is_done(Time now);
    [[nodiscard]] Time next_look(Time now);
    void give_up_in_the_end(Time now);
    [[noreturn]] void give_up();
    RunReport finish();
    [[nodiscard]] std::string note_unended(Time now);
    void end_process();
    [[nodiscard]] std::chrono::steady_clock::duration lived() const {
        return core_.clock().steady_now() - begun_steady_;
    }
    RunReport run_to_end();
    void break_off(const std::string& problem);
    void kill_what_runs();
    void note_waited_for();

    ExecutorCore& core_;
    RunRequest request_;
    Lock lock_;
    LockOwner owner_;
    std::string name_;  ///< of the executor, for events
    RunReport report_;
    Time begun_;
    std::chrono::steady_clock::time_point begun_steady_;

    Reserve reserve_;
    Outbox outbox_;
    /// When an orphan could not be settled, for the last time: its record is still needed.
    std::optional<Time> blocked_;
    ChildWaits waits_;
    std::unique_ptr<AttemptHost> host_;
    bool prepared_ = false;

    LoopRequests requests_;
    bool plans_;  ///< the first step plans

    bool stopping_ = false;
    std::optional<Time> end_at_;  ///< when what runs is asked to end, once it is stopping
    bool yielding_ = false;
    bool ready_ = false;
    bool store_is_broken_ = false;
    bool hurried_ = false;
    bool kills_ = false;  ///< what was asked to end has no more time
    bool over_ = false;   ///< its generation is on record as ended, or that was tried
    PruningRound pruning_;
    ClockLooks clock_looks_;
    bool clock_was_set_ = false;  ///< far back, and the store does not know it yet
    bool woken_ = false;
    std::vector<JobId> wanted_;  ///< to be claimed before all others, whatever their time
    std::shared_ptr<const Configuration> configuration_;  ///< that all know of
    std::int64_t started_ = 0;
    std::optional<Time> next_plan_;
    std::optional<Time> next_due_;  ///< as the last planning found it
    std::optional<Time> planned_at_;
    std::string plan_trouble_;  ///< what the store said to the last planning; empty: it took it
    std::optional<Time> unsure_plan_;  ///< when a planning began whose answer was lost
    std::deque<JobId> unheard_;        ///< failed at planning, and nobody was told yet
    std::optional<Time> looked_after_;
    bool files_are_there_ = false;  ///< the lock and the socket
    std::optional<std::chrono::steady_clock::time_point> unlocked_since_;
    bool lost_home_ = false;  ///< to another executor
    std::optional<Time> flushed_;
    std::optional<Time> updates_due_;  ///< when what attempts say is written next
    bool claimed_all_ = false;         ///< the last look found nothing more to claim
    bool claim_tried_ = false;
    std::optional<Time> next_available_;  ///< when something in the queue comes to its time
    std::optional<Time> observer_look_;
    std::unique_ptr<ControlServer> control_;  // last: its thread calls into the rest
};

}  // namespace periodic
