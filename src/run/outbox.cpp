#include "run/outbox.hpp"

#include <utility>

namespace periodic {

std::optional<Outbox::Committed> Outbox::commit(std::optional<ClaimRequest> claim, Time now) {
    if (broken_since_ && now < retry_at_ && now >= *broken_since_) return std::nullopt;
    // Nothing new is begun on a disk that has just refused.
    waiting_.claim = broken_since_ ? std::nullopt : std::move(claim);
    if (empty() && !waiting_.claim && !broken_since_) return Committed{};
    try {
        Committed committed;
        committed.result = store_.turn(waiting_);
        committed.settlements = std::move(waiting_.settlements);
        waiting_ = Turn{};
        broken_since_.reset();
        problem_.reset();
        return committed;
    } catch (const StorageError& error) {
        refused(error, now);
        return std::nullopt;
    }
}

void Outbox::refused(const StorageError& error, Time now) {
    const bool first = !broken_since_;
    problem_ = error;
    if (first) broken_since_ = now;
    retry_at_ = now + std::chrono::seconds(1);
    if (first && error.kind() == StorageError::Kind::Full && relief_) {
        relief_();
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
