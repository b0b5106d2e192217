#include "store/sqlite/claiming.hpp"

#include <algorithm>
#include <limits>
#include <queue>

#include "store/plan_rules.hpp"

namespace periodic::sqlite {
namespace {

Candidate read_candidate(const Statement& row) {
    Candidate job;
    job.id = row.integer(0);
    job.priority = static_cast<int>(row.integer(1));
    job.available = row.time(2);
    job.lane = row.integer(3);
    job.topic = row.text(4);
    job.group = row.text(5);
    job.task = row.text(6);
    job.concurrency_value = row.text(7);
    job.concurrency = static_cast<int>(row.integer(8));
    job.entry = row.integer(9);
    job.serial = row.integer(10);
    return job;
}

}  // namespace

bool Blocking::group_busy(const std::string& group) {
    if (group.empty()) return false;
    const auto [found, is_new] = groups_.try_emplace(group, false);
    if (is_new) {
        found->second =
            database_.query("SELECT 1 FROM job WHERE state = 2 AND group_name = ?1", group).step();
    }
    return found->second;
}

std::int64_t& Blocking::running(const std::string& task, const std::string& value) {
    const auto [found, is_new] = running_.try_emplace({task, value}, 0);
    if (is_new) {
        auto row =
            value.empty()
                ? database_.query("SELECT count(*) FROM job WHERE state = 2 AND task = ?1", task)
                : database_.query(
                      "SELECT count(*) FROM job WHERE state = 2 AND task = ?1"
                      " AND concurrency_value = ?2",
                      task, value);
        if (row.step()) found->second = row.integer(0);
    }
    return found->second;
}

bool Blocking::at_limit(const Candidate& job) {
    return job.concurrency > 0 && running(job.task, job.concurrency_value) >= job.concurrency;
}

bool Blocking::waits_for_entry(const Candidate& job) {
    if (job.serial == 0 || job.entry == 0) return false;
    return database_
        .query("SELECT 1 FROM job WHERE entry = ?1 AND state < 3 AND id >= ?2 AND id < ?3 LIMIT 1",
               job.entry, job.serial, job.id)
        .step();
}

void Blocking::claimed(const Candidate& job) {
    if (!job.group.empty()) groups_[job.group] = true;
    // Both counts, if they were looked up; what was not will be read with this claim in it.
    if (const auto all = running_.find({job.task, ""}); all != running_.end()) ++all->second;
    if (job.concurrency_value.empty()) return;
    const auto own = running_.find({job.task, job.concurrency_value});
    if (own != running_.end()) ++own->second;
}

Claimer::Claimer(Database& database, const ClaimRequest& request, int patience)
    : database_(database), request_(request), blocking_(database), patience_(patience) {}

std::vector<Job> Claimer::claim() {
    if (request_.only != 0) {
        claim_only();
    } else if (request_.limit > 0) {
        walk_queue();
        if (!done() && patience_ <= 0) walk_lanes();
    }
    return std::move(claimed_);
}

void Claimer::claim_only() {
    std::optional<Candidate> job;
    {
        auto row = database_.query(
            "SELECT id, priority, available, lane, topic, group_name, task, concurrency_value,"
            " concurrency, entry, serial FROM job WHERE id = ?1 AND state = 1",
            request_.only);
        if (row.step()) job = read_candidate(row);
    }
    if (job && is_free(*job)) take(*job);
}

void Claimer::walk_queue() {
    struct Level {
        std::string topic;
        std::optional<int> priority;
    };
    std::vector<Level> levels;
    for (std::string& topic : topics()) {
        auto priority = next_priority(topic, std::numeric_limits<std::int64_t>::max());
        levels.push_back({std::move(topic), priority});
    }
    while (!done() && patience_ > 0) {
        std::optional<int> highest;
        for (const Level& level : levels) highest = std::max(highest, level.priority);
        if (!highest) return;
        std::vector<std::string> at_it;
        for (Level& level : levels) {
            if (level.priority != highest) continue;
            at_it.push_back(level.topic);
            level.priority = next_priority(level.topic, *highest);
        }
        if (!walk_level(at_it, *highest)) return;
        --patience_;  // very many priorities are as slow as very many blocked jobs
    }
}

// Answers whether to go on with the next level.
bool Claimer::walk_level(const std::vector<std::string>& topics, int priority) {
    Time after_time = Time::min();
    JobId after_id = 0;
    for (;;) {
        const auto wanted = static_cast<std::size_t>(request_.limit) - claimed_.size();
        const auto count = std::clamp<std::size_t>(wanted + 8, 16, 256);
        const auto jobs = read_level(topics, priority, after_time, after_id, count);
        for (const Candidate& job : jobs) {
            if (done() || patience_ <= 0) return false;
            if (is_free(job)) {
                take(job);
            } else {
                --patience_;
            }
        }
        if (jobs.size() < count) return true;
        after_time = jobs.back().available;
        after_id = jobs.back().id;
    }
}

std::vector<std::string> Claimer::topics() {
    if (!request_.topics.empty()) {
        std::vector<std::string> wanted = request_.topics;
        std::sort(wanted.begin(), wanted.end());
        wanted.erase(std::unique(wanted.begin(), wanted.end()), wanted.end());
        return wanted;
    }
    std::vector<std::string> topics;
    for (std::string last;;) {
        auto row = database_.query(
            "SELECT topic FROM job INDEXED BY job_queue WHERE state = 1 AND topic > ?1"
            " ORDER BY topic LIMIT 1",
            last);
        if (!row.step()) return topics;
        topics.push_back(last = row.text(0));
    }
}

std::optional<int> Claimer::next_priority(const std::string& topic, std::int64_t below) {
    auto row = database_.query(
        "SELECT priority FROM job INDEXED BY job_queue WHERE state = 1 AND topic = ?1"
        " AND priority < ?2 ORDER BY priority DESC LIMIT 1",
        topic, below);
    return row.step() ? std::optional(static_cast<int>(row.integer(0))) : std::nullopt;
}

// The next `count` jobs of one priority that are available, in order.
std::vector<Candidate> Claimer::read_level(const std::vector<std::string>& topics, int priority,
                                           Time after_time, JobId after_id, std::size_t count) {
    std::vector<Candidate> jobs;
    for (const std::string& topic : topics) {
        auto rows = database_.query(
            "SELECT id, priority, available, lane, topic, group_name, task, concurrency_value,"
            " concurrency, entry, serial FROM job INDEXED BY job_queue"
            " WHERE state = 1 AND topic = ?1 AND priority = ?2 AND available <= ?3"
            " AND (available, id) > (?4, ?5) ORDER BY available, id LIMIT ?6",
            topic, priority, request_.now, after_time, after_id, static_cast<std::int64_t>(count));
        while (rows.step()) jobs.push_back(read_candidate(rows));
    }
    if (topics.size() > 1) {
        std::sort(jobs.begin(), jobs.end(),
                  [](const Candidate& a, const Candidate& b) { return a.before(b); });
        if (jobs.size() > count) jobs.resize(count);
    }
    return jobs;
}

void Claimer::walk_lanes() {
    const auto later = [](const Candidate& a, const Candidate& b) { return b.before(a); };
    std::priority_queue<Candidate, std::vector<Candidate>, decltype(later)> heads(later);
    for (const std::string& topic : topics()) {
        for (std::int64_t last = std::numeric_limits<std::int64_t>::min();;) {
            std::optional<Candidate> first;
            {
                auto row = database_.query(
                    "SELECT id, priority, available, lane, topic, group_name, task,"
                    " concurrency_value, concurrency, entry, serial FROM job INDEXED BY job_lane"
                    " WHERE state = 1 AND topic = ?1 AND lane > ?2"
                    " ORDER BY lane, priority DESC, available, id LIMIT 1",
                    topic, last);
                if (!row.step()) break;
                first = read_candidate(row);
            }
            last = first->lane;
            if (!lane_is_free(*first)) continue;
            if (auto head = head_of(*std::move(first))) heads.push(*std::move(head));
        }
    }
    while (!done() && !heads.empty()) {
        Candidate job = heads.top();
        heads.pop();
        if (!is_free(job)) continue;  // by what was claimed since
        take(job);
        if (lane_is_free(job)) {
            if (auto next = head_of(std::move(job))) heads.push(*std::move(next));
        }
    }
}

// The best job of a lane that is available, given one of the lane's jobs.
std::optional<Candidate> Claimer::head_of(Candidate first) {
    if (first.serial != 0) return head_of_serial(first);
    for (std::int64_t below = std::numeric_limits<std::int64_t>::max();;) {
        auto row = database_.query(
            "SELECT id, priority, available, lane, topic, group_name, task, concurrency_value,"
            " concurrency, entry, serial FROM job INDEXED BY job_lane"
            " WHERE state = 1 AND topic = ?1 AND lane = ?2 AND priority < ?3"
            " ORDER BY priority DESC, available, id LIMIT 1",
            first.topic, first.lane, below);
        if (!row.step()) return std::nullopt;
        Candidate job = read_candidate(row);
        if (job.available <= request_.now) return job;
        below = job.priority;
    }
}

// Of jobs that wait for each other only the earliest unfinished can be next.
std::optional<Candidate> Claimer::head_of_serial(const Candidate& first) {
    auto row = database_.query(
        "SELECT id, priority, available, lane, topic, group_name, task, concurrency_value,"
        " concurrency, entry, serial, state FROM job"
        " WHERE entry = ?1 AND state < 3 AND id >= ?2 ORDER BY id LIMIT 1",
        first.entry, first.serial);
    if (!row.step() || row.integer(11) != static_cast<int>(JobState::Queued)) return std::nullopt;
    Candidate job = read_candidate(row);
    const bool here = job.lane == first.lane && job.topic == first.topic;
    return here && job.available <= request_.now ? std::optional(std::move(job)) : std::nullopt;
}

bool Claimer::lane_is_free(const Candidate& job) {
    if (blocked_lanes_.contains(job.lane)) return false;
    if (!blocking_.group_busy(job.group) && !blocking_.at_limit(job)) return true;
    blocked_lanes_.insert(job.lane);  // a claim only takes, so that it stays blocked
    return false;
}

bool Claimer::is_free(const Candidate& job) {
    return lane_is_free(job) && !blocking_.waits_for_entry(job);
}

void Claimer::take(const Candidate& job) {
    database_.run(
        "UPDATE job SET state = 2, claim = claim + 1, owner = ?2, worker = ?3, started = ?4, asked "
        "= 0"
        " WHERE id = ?1",
        job.id, request_.owner, request_.worker, request_.now);
    database_.run(
        "UPDATE job_detail SET pid = 0, exit_code = NULL"
        " WHERE id = ?1 AND (pid <> 0 OR exit_code IS NOT NULL)",
        job.id);
    blocking_.claimed(job);
    Job claimed = load_job(database_, job.id).value();
    if (claimed.log_bytes > 0) {
        auto row = database_.query("SELECT coalesce(max(seq), 0) FROM log WHERE job = ?1", job.id);
        if (row.step()) claimed.log_seq = row.integer(0);
    }
    insert_event(database_, job.id, request_.now, "claimed",
                 executor_name(request_.owner, request_.worker), "");
    claimed_.push_back(std::move(claimed));
}

}  // namespace periodic::sqlite
