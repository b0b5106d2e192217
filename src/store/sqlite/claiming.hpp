#pragma once

/// @file
/// Finds the next job to run, however many others are blocked.

#include <map>
#include <optional>
#include <set>
#include <string>
#include <unordered_set>
#include <utility>
#include <vector>

#include "periodic/job_store.hpp"
#include "store/sqlite/pausing.hpp"
#include "store/sqlite/row.hpp"

namespace periodic::sqlite {

/// A queued job as a claim looks at it.
struct Candidate {
    JobId id = 0;
    int priority = 0;
    Time available{};
    std::int64_t lane = 0;
    std::string topic{}, group{}, task{}, concurrency_value{};
    int concurrency = 0;
    std::int64_t entry = 0;
    Serial serial = 0;

    /// Whether this one is claimed before another.
    [[nodiscard]] bool before(const Candidate& other) const noexcept {
        if (priority != other.priority) return priority > other.priority;
        return std::pair(available, id) < std::pair(other.available, other.id);
    }
};

/// What blocks a job now. It remembers what it looked up, so that it must be told of claims.
class Blocking {
public:
    Blocking(Database& database, Time now)
        : database_(database), paused_(read_paused(database, now)) {}

    [[nodiscard]] const Paused& paused() const noexcept { return paused_; }

    [[nodiscard]] bool group_busy(const std::string& group);
    [[nodiscard]] bool at_limit(const Candidate& job);
    /// Whether an earlier job of its entry that it waits for is unfinished.
    [[nodiscard]] bool waits_for_entry(const Candidate& job);
    void claimed(const Candidate& job);

private:
    [[nodiscard]] std::int64_t& running(const std::string& task, const std::string& value);

    Database& database_;
    Paused paused_;
    std::map<std::string, bool, std::less<>> groups_{};
    /// By task and value of its concurrency key; with an empty value, of the task in all.
    std::map<std::pair<std::string, std::string>, std::int64_t> running_{};
};

/// One request for work, within the caller's transaction.
///
/// Two ways lead to the best job. The first walks the queue in its order, which is right at once
/// unless what stands at its head is blocked. After some blocked jobs (`patience`) the second looks
/// at the first job of each lane instead: jobs that are blocked by the same thing share a lane, so
/// that a backlog of any length behind one busy group costs one look. Only where very many lanes
/// meet very many blocked jobs is the queue walked to its end.
class Claimer {
public:
    Claimer(Database& database, const ClaimRequest& request, int patience);

    /// Claims up to the request's limit, best first.
    [[nodiscard]] std::vector<Job> claim();

private:
    void claim_only();
    void claim_among();
    /// Looks at no more than about `patience` blocked jobs; answers whether it saw all there are.
    [[nodiscard]] bool walk_queue(int patience);
    [[nodiscard]] bool walk_level(const std::vector<std::string>& topics, int priority,
                                  int& patience);
    /// Answers whether it did not meet too many lanes.
    [[nodiscard]] bool walk_lanes();
    [[nodiscard]] bool add_heads(const std::string& topic, std::vector<Candidate>& heads);

    /// Those that are asked for, not left out and not paused.
    [[nodiscard]] std::vector<std::string> topics();
    [[nodiscard]] std::optional<int> next_priority(const std::string& topic, std::int64_t below);
    [[nodiscard]] std::optional<Candidate> load_candidate(JobId id);
    [[nodiscard]] std::optional<Candidate> head_of(const Candidate& first);
    [[nodiscard]] std::optional<Candidate> head_of_serial(const Candidate& first);

    [[nodiscard]] bool lane_is_free(const Candidate& job);
    [[nodiscard]] bool done() const noexcept {
        return static_cast<int>(claimed_.size()) >= request_.limit;
    }
    [[nodiscard]] bool is_blocked(const Candidate& job);
    /// Claims a job if nothing blocks it.
    bool take_if_free(const Candidate& job);
    void take(const Candidate& job);
    void forget_last_program(Job& job);

    Database& database_;
    const ClaimRequest& request_;
    Blocking blocking_;
    std::unordered_set<std::int64_t> blocked_lanes_{};
    int patience_;
    std::vector<Job> claimed_{};
};

}  // namespace periodic::sqlite
