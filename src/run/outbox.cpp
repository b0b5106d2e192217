#include "run/outbox.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace periodic {
namespace {

template <class T>
void append(std::vector<T>& all, std::vector<T> more) {
    all.insert(all.end(), std::make_move_iterator(more.begin()),
               std::make_move_iterator(more.end()));
}

}  // namespace

std::optional<Outbox::Committed> Outbox::commit(std::vector<ClaimRequest> claims, Time now,
                                                bool early) {
    if (broken_since_ && now < retry_at_ && now >= *broken_since_) return std::nullopt;
    if (empty() && claims.empty() && !broken_since_) return Committed{};
    try {
        if (broken_since_) reconcile();
        // Nothing new is begun before what waits was taken. Where nothing waits a claim shows
        // whether the store takes anything: an empty turn would not.
        const bool is_sound = !broken_since_ || (empty() && found_.result.claimed.empty());
        waiting_.early = early;
        waiting_.claims = is_sound ? std::move(claims) : std::vector<ClaimRequest>();
        TurnResult result = store_.turn(waiting_);
        Committed committed = std::exchange(found_, {});
        append(result.claimed, std::move(committed.result.claimed));
        committed.result = std::move(result);
        append(committed.settlements, std::move(waiting_.settlements));
        waiting_ = Turn{};
        broken_since_.reset();
        problem_.reset();
        return committed;
    } catch (const StorageError& error) {
        refused(error, now);
        return std::nullopt;
    }
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
    ids.reserve(waiting_.settlements.size());
    for (const Settlement& settlement : waiting_.settlements) ids.push_back(settlement.job.id);
    return ids;
}

}  // namespace periodic
