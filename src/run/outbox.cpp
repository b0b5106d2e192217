#include "run/outbox.hpp"

#include <algorithm>
#include <condition_variable>
#include <iterator>
#include <mutex>
#include <utility>

namespace periodic {
namespace {

template <class T>
void append(std::vector<T>& all, std::vector<T> more) {
    all.insert(all.end(), std::make_move_iterator(more.begin()),
               std::make_move_iterator(more.end()));
}

void append(TurnResult& all, TurnResult more) {
    append(all.late, std::move(more.late));
    append(all.claimed, std::move(more.claimed));
    append(all.to_stop, std::move(more.to_stop));
    all.skipped += more.skipped;
}

}  // namespace

// A turn that was carried out, until it is durable.
struct Outbox::Flight {
    Turn turn{};
    Committed committed{};

    std::mutex mutex{};
    std::condition_variable told{};
    bool has_landed = false;
    bool is_awaited = false;  ///< somebody is to hear when it lands
    std::exception_ptr error{};

    /// Answers whether somebody is to hear of it.
    bool land(std::exception_ptr why) {
        const std::lock_guard lock(mutex);
        error = std::move(why);
        has_landed = true;
        told.notify_all();
        return is_awaited;
    }
    /// Whether it has written or found anything.
    [[nodiscard]] bool matters() const {
        const TurnResult& result = committed.result;
        return !turn.updates.empty() || !turn.settlements.empty() ||
               !committed.settlements.empty() || !result.claimed.empty() ||
               !result.to_stop.empty() || result.skipped > 0;
    }
    void await() {
        const std::lock_guard lock(mutex);
        is_awaited = true;
    }
    void wait() {
        std::unique_lock lock(mutex);
        told.wait(lock, [this] { return has_landed; });
    }
    [[nodiscard]] bool is_down() {
        const std::lock_guard lock(mutex);
        return has_landed;
    }
};

Outbox::~Outbox() {
    land();
}

std::optional<std::size_t> Outbox::begin(std::vector<ClaimRequest> claims, Time now, How how) {
    if (broken_since_ && now < retry_at_ && now >= *broken_since_) return std::nullopt;
    if (empty() && claims.empty() && !broken_since_) return 0;
    try {
        if (broken_since_) reconcile();
        // Nothing new is begun before what waits was taken. Where nothing waits a claim shows
        // whether the store takes anything: an empty turn would not.
        const bool is_sound = !broken_since_ || (empty() && found_.result.claimed.empty());
        waiting_.early = how.early;
        waiting_.claims = is_sound ? std::move(claims) : std::vector<ClaimRequest>();
        auto flight = std::make_shared<Flight>();
        const auto landed = [flight, landed = executor_.landed](std::exception_ptr error) {
            if (flight->land(std::move(error)) && landed) landed();
        };
        // One after a broken store shows that it is sound again, which only a durable one does.
        const bool at_once = how.at_once || broken_since_;
        TurnResult result = at_once ? store_.turn(waiting_) : store_.begin_turn(waiting_, landed);
        if (at_once) flight->land(nullptr);
        flight->turn = std::exchange(waiting_, {});
        flight->committed = std::exchange(found_, {});
        append(flight->committed.result, std::move(result));
        const std::size_t claimed = flight->committed.result.claimed.size();
        // One that has found nothing to do lands unheard: who heard it would begin another.
        if (flight->matters()) {
            flight->await();
            flights_.push_back(std::move(flight));
        }
        broken_since_.reset();
        problem_.reset();
        return claimed;
    } catch (const StorageError& error) {
        refused(error, now);
        return std::nullopt;
    }
}

std::vector<Outbox::Committed> Outbox::take_kept(Time now) {
    std::vector<Committed> kept;
    while (!flights_.empty() && flights_.front()->is_down()) {
        Flight& flight = *flights_.front();
        if (flight.error) {
            take_back(flight.error, now);
            break;
        }
        append(flight.committed.settlements, std::move(flight.turn.settlements));
        kept.push_back(std::move(flight.committed));
        flights_.pop_front();
    }
    return kept;
}

// Of all that is on its way: what follows a turn that may be lost is as uncertain.
void Outbox::take_back(std::exception_ptr error, Time now) {
    land();
    Turn again;
    for (const auto& flight : flights_) {
        append(again.updates, std::move(flight->turn.updates));
        append(again.settlements, std::move(flight->turn.settlements));
        append(found_.settlements, std::move(flight->committed.settlements));
        flight->committed.result.claimed.clear();  // found again, if they were
        append(found_.result, std::move(flight->committed.result));
    }
    flights_.clear();
    append(again.updates, std::move(waiting_.updates));
    append(again.settlements, std::move(waiting_.settlements));
    waiting_ = std::move(again);
    try {
        std::rethrow_exception(std::move(error));
    } catch (const StorageError& problem) {
        refused(problem, now);
    }
}

void Outbox::land() const {
    for (const auto& flight : flights_) flight->wait();
}

std::vector<std::int64_t> Outbox::claiming() const {
    std::vector<std::int64_t> workers;
    for (const auto& flight : flights_)
        for (const Job& job : flight->committed.result.claimed) workers.push_back(job.worker);
    return workers;
}

// A store that has refused may have done all of it and lost only its answer: what no longer runs
// has been settled, and what runs without the executor's knowledge has been claimed.
void Outbox::reconcile() {
    const std::vector<Job> running = store_.running_of(executor_.generation);
    // Under the same claim: a retry may have been claimed with the end of the attempt before it.
    const auto is_running = [&running](JobId id, std::int64_t claim) {
        return std::any_of(running.begin(), running.end(), [id, claim](const Job& job) {
            return job.id == id && job.claim == claim;
        });
    };
    const auto settled =
        std::stable_partition(waiting_.settlements.begin(), waiting_.settlements.end(),
                              [&](const Settlement& settlement) {
                                  return is_running(settlement.job.id, settlement.job.claim);
                              });
    found_.settlements.insert(found_.settlements.end(), std::make_move_iterator(settled),
                              std::make_move_iterator(waiting_.settlements.end()));
    waiting_.settlements.erase(settled, waiting_.settlements.end());
    std::erase_if(waiting_.updates,
                  [&](const LiveUpdate& update) { return !is_running(update.id, update.claim); });
    for (const Job& job : running) {
        const auto same = [&job](const auto& other) { return other.id == job.id; };
        const auto ends = [&job](const Settlement& other) { return other.job.id == job.id; };
        if (executor_.runs(job.id) ||
            std::any_of(waiting_.settlements.begin(), waiting_.settlements.end(), ends) ||
            std::any_of(found_.result.claimed.begin(), found_.result.claimed.end(), same)) {
            continue;
        }
        const std::vector<LogLine> last = store_.log_tail(job.id, 1);
        found_.result.claimed.push_back(job);
        found_.result.claimed.back().log_seq = last.empty() ? 0 : last.front().seq;
    }
}

void Outbox::refused(const StorageError& error, Time now) {
    const bool first = !broken_since_;
    problem_ = error;
    if (first) broken_since_ = now;
    retry_at_ = now + std::chrono::seconds(1);
    if (first && error.kind() == StorageError::Kind::Full && executor_.relief) {
        executor_.relief();
        retry_at_ = now;
    }
}

std::vector<JobId> Outbox::unsettled() const {
    std::vector<JobId> ids;
    const auto add = [&ids](const Turn& turn) {
        for (const Settlement& settlement : turn.settlements) ids.push_back(settlement.job.id);
    };
    for (const auto& flight : flights_) add(flight->turn);
    add(waiting_);
    return ids;
}

}  // namespace periodic
