// What a run claims: whether it may, for which slots, and which jobs before all others.

#include <algorithm>
#include <limits>
#include <utility>

#include "run/run_loop.hpp"

namespace periodic {
namespace {

using std::chrono::milliseconds;

// With so many jobs that wait for others, only what they wait for is started: each has a thread.
constexpr std::size_t kMostWaiting = 64;

}  // namespace

// Whether anything may be started at all.
bool RunLoop::may_start(Time now) const {
    const RunOptions& limits = request_.options;
    if (stopping_ || yielding_ || outbox_.holds_back(now) || !has_free_slot()) return false;
    if (limits.budget && now - begun_ >= *limits.budget) return false;
    return !limits.max_jobs || started_ < *limits.max_jobs;
}

// A run for one job takes others only when it is woken for them.
bool RunLoop::may_claim(Time now) const {
    return may_start(now) && (request_.only == 0 || woken_) && waits_.count() < kMostWaiting;
}

bool RunLoop::has_free_slot() const {
    const std::vector<FreeSlots> kinds = host_->free_slots();
    return std::any_of(kinds.begin(), kinds.end(),
                       [](const FreeSlots& slots) { return !slots.workers.empty(); });
}

std::vector<ClaimRequest> RunLoop::claim_for_slots(Time now) const {
    std::vector<ClaimRequest> claims;
    auto left = std::numeric_limits<std::int64_t>::max();
    if (request_.options.max_jobs) left = *request_.options.max_jobs - started_;
    for (FreeSlots& slots : host_->free_slots()) {
        const auto limit = std::min(left, static_cast<std::int64_t>(slots.workers.size()));
        if (limit <= 0) continue;
        left -= limit;
        claims.push_back({.owner = owner_.generation,
                          .worker = owner_.process.pid,
                          .now = now,
                          .limit = static_cast<int>(limit),
                          .topics = std::move(slots.topics),
                          .not_topics = std::move(slots.not_topics),
                          .workers = std::move(slots.workers)});
    }
    return claims;
}

// For one slot that serves a topic; none if there is none.
std::vector<ClaimRequest> RunLoop::claim_one(Time now, std::string_view topic) const {
    for (FreeSlots& slots : host_->free_slots()) {
        if (slots.workers.empty() || !slots.serve(topic)) continue;
        return {
            {.owner = owner_.generation, .worker = slots.workers.front(), .now = now, .limit = 1}};
    }
    return {};
}

// What is due. Before the first claim a look is enough, so that a run with nothing to do writes
// nothing.
std::vector<ClaimRequest> RunLoop::claim_due(Time now) {
    if (!may_claim(now)) return {};
    if (request_.step != nullptr) return claim_chosen(now);
    claim_tried_ = true;
    if (prepared_ || core_.store().counts(now).ready > 0) return claim_for_slots(now);
    claimed_all_ = true;
    return {};
}

// One after the other: what the next one is depends on what became of the last one.
std::vector<ClaimRequest> RunLoop::claim_chosen(Time now) {
    if (!host_->running().empty() || !outbox_.empty()) return {};
    claim_tried_ = true;
    const auto job = request_.step->next(now);
    claimed_all_ = !job;
    if (!job) return {};
    if (job->state == JobState::Idle) {
        core_.store().change({{.id = job->id, .action = JobAction::Start, .by = name_}}, now);
    }
    std::vector<ClaimRequest> claims = claim_one(now, job->topic);
    for (ClaimRequest& claim : claims) claim.among = {job->id};
    return claims;
}

void RunLoop::commit(Time now) {
    claimed_all_ = false;
    claim_tried_ = false;
    claim_wanted(now);
    claim_awaited(now);
    const std::vector<ClaimRequest> claims = claim_due(now);
    const auto started_before = started_;
    if (!write(claims, now) || claims.empty() || started_ > started_before) return;
    // Of those that a step chooses, somebody else was faster with this one.
    if (request_.step == nullptr) claimed_all_ = true;
    if (request_.step != nullptr) claim_tried_ = false;
}

// What is about to begin: it is claimed, and on the disk, when its time comes.
void RunLoop::claim_early(Time now) {
    next_available_.reset();
    // A run in which nothing runs waits for nothing more.
    if (!request_.forever && host_->running().empty() && outbox_.empty()) return;
    if (stopping_ || outbox_.broken_since() || !has_free_slot()) return;
    next_available_ = core_.store().next_available(now);
    const auto lead = host_->lead();
    if (lead.count() == 0 || !next_available_ || *next_available_ - now > lead || !outbox_.empty())
        return;
    if (!request_.forever || !may_claim(now)) return;
    if (write(claim_for_slots(*next_available_), now, true))
        next_available_ = core_.store().next_available(*next_available_ - milliseconds(1));
}

// Those that somebody wants to run at once. One that is held by its group, its task's limit or for
// want of a slot stays wanted.
void RunLoop::claim_wanted(Time now) {
    if (wanted_.empty()) return;
    std::vector<JobId> kept;  // all of them, if the store breaks
    for (const JobId id : wanted_) {
        if (!may_start(now)) {
            kept.push_back(id);
            continue;
        }
        const auto job = core_.store().find(id, now);
        if (!job || job->state != JobState::Queued) continue;
        std::vector<ClaimRequest> claims = claim_one(now, job->topic);
        for (ClaimRequest& claim : claims) claim.only = id;
        const auto started_before = started_;
        if (claims.empty() || !write(claims, now) || started_ == started_before) kept.push_back(id);
    }
    wanted_ = std::move(kept);
}

// What running jobs wait for: also when this run starts nothing else any more, as they would never
// end.
void RunLoop::claim_awaited(Time now) {
    if (stopping_ || outbox_.holds_back(now)) return;
    std::vector<JobId> awaited = waits_.awaited();
    std::erase_if(awaited, [this](JobId id) { return host_->find(id) != nullptr; });
    if (awaited.empty()) return;
    std::vector<ClaimRequest> claims;
    for (FreeSlots& slots : host_->free_slots()) {
        claims.push_back({.owner = owner_.generation,
                          .worker = owner_.process.pid,
                          .now = now,
                          .limit = static_cast<int>(slots.workers.size()),
                          .topics = std::move(slots.topics),
                          .not_topics = std::move(slots.not_topics),
                          .workers = std::move(slots.workers),
                          .among = awaited});
    }
    std::erase_if(claims, [](const ClaimRequest& claim) { return claim.limit == 0; });
    if (!claims.empty()) (void)write(claims, now);
}

}  // namespace periodic
