#include "store/sqlite/claiming.hpp"

#include <algorithm>
#include <limits>
#include <tuple>

#include "store/plan_rules.hpp"

namespace periodic::sqlite {
namespace {

// Beyond so many lanes the queue is walked to its end instead, which is as quick then.
constexpr int kMostLanes = 2'000;

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

// Walks the jobs of one topic and priority that are available, in the queue's order, within its
// index alone.
class QueueCursor {
public:
    struct Place {
        Time available{};
        JobId id = 0;
        std::int64_t lane = 0;
    };

    QueueCursor(Database& database, const std::string& topic, int priority, Time now)
        : rows_(database.query("SELECT available, id, lane FROM job INDEXED BY job_queue"
                               " WHERE state = 1 AND topic = ?1 AND priority = ?2"
                               " AND available <= ?3 ORDER BY available, id",
                               topic, priority, now)) {
        advance();
    }

    void advance() {
        at_end_ = !rows_.step();
        if (!at_end_) place_ = {rows_.time(0), rows_.integer(1), rows_.integer(2)};
    }

    [[nodiscard]] bool at_end() const noexcept { return at_end_; }
    [[nodiscard]] const Place& place() const noexcept { return place_; }

    /// Whether its job is before another's; an ended one is last.
    friend bool operator<(const QueueCursor& a, const QueueCursor& b) noexcept {
        return std::tuple(a.at_end_, a.place_.available, a.place_.id) <
               std::tuple(b.at_end_, b.place_.available, b.place_.id);
    }

private:
    Statement rows_;
    Place place_{};
    bool at_end_ = false;
};

}  // namespace

bool Blocking::group_busy(const std::string& group) {
    if (group.empty()) return false;
    const auto [found, is_new] = groups_.try_emplace(group, false);
    if (is_new) {
        found->second = database_
                            .query(
                                "SELECT 1 FROM job INDEXED BY job_running_group WHERE state = 2 "
                                "AND group_name = ?1",
                                group)
                            .step();
    }
    return found->second;
}

std::int64_t& Blocking::running(const std::string& task, const std::string& value) {
    const auto [found, is_new] = running_.try_emplace({task, value}, 0);
    if (is_new) {
        auto row = value.empty() ? database_.query(
                                       "SELECT count(*) FROM job INDEXED BY job_running WHERE "
                                       "state = 2 AND task = ?1",
                                       task)
                                 : database_.query(
                                       "SELECT count(*) FROM job INDEXED BY job_running WHERE "
                                       "state = 2 AND task = ?1"
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
        .query(
            "SELECT 1 FROM job INDEXED BY job_entry WHERE entry = ?1 AND state < 3 AND id >= ?2 "
            "AND id < ?3 LIMIT 1",
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
    : database_(database),
      request_(request),
      blocking_(database, request.now),
      patience_(patience) {}

std::vector<Job> Claimer::claim() {
    if (request_.only != 0) {
        claim_only();
    } else if (!request_.among.empty()) {
        claim_among();
    } else if (!walk_queue(patience_) && !walk_lanes()) {
        static_cast<void>(walk_queue(std::numeric_limits<int>::max()));
    }
    return std::move(claimed_);
}

void Claimer::claim_only() {
    const auto job = load_candidate(request_.only);
    if (job && !is_blocked(*job)) take(*job);
}

void Claimer::claim_among() {
    const std::vector<std::string> topics = this->topics();
    std::vector<Candidate> jobs;
    for (const JobId id : std::set(request_.among.begin(), request_.among.end())) {
        auto job = load_candidate(id);
        const bool wanted = job && job->available <= request_.now &&
                            std::find(topics.begin(), topics.end(), job->topic) != topics.end();
        if (wanted) jobs.push_back(*std::move(job));
    }
    std::sort(jobs.begin(), jobs.end(),
              [](const Candidate& a, const Candidate& b) { return a.before(b); });
    for (const Candidate& job : jobs) {
        if (done()) return;
        take_if_free(job);
    }
}

bool Claimer::walk_queue(int patience) {
    struct Level {
        std::string topic;
        std::optional<int> priority;
    };
    std::vector<Level> levels;
    for (std::string& topic : topics()) {
        auto priority = next_priority(topic, std::numeric_limits<std::int64_t>::max());
        levels.push_back({std::move(topic), priority});
    }
    while (!done()) {
        std::optional<int> highest;
        for (const Level& level : levels) highest = std::max(highest, level.priority);
        if (!highest) return true;
        if (patience <= 0) return false;
        std::vector<std::string> at_it;
        for (Level& level : levels) {
            if (level.priority != highest) continue;
            at_it.push_back(level.topic);
            level.priority = next_priority(level.topic, *highest);
        }
        if (!walk_level(at_it, *highest, patience)) return false;
        patience -= 10;  // very many priorities are as slow as very many blocked jobs
    }
    return true;
}

bool Claimer::walk_level(const std::vector<std::string>& topics, int priority, int& patience) {
    std::vector<QueueCursor> cursors;
    cursors.reserve(topics.size());
    for (const std::string& topic : topics)
        cursors.emplace_back(database_, topic, priority, request_.now);
    while (!done()) {
        const auto next = std::min_element(cursors.begin(), cursors.end());
        if (next->at_end()) return true;
        if (patience <= 0) return false;
        const QueueCursor::Place place = next->place();
        // Moved on before the job leaves the index that the cursor stands in.
        next->advance();
        if (!blocked_lanes_.contains(place.lane)) {
            const auto job = load_candidate(place.id);
            if (job && take_if_free(*job)) continue;
        }
        --patience;
    }
    return true;
}

std::vector<std::string> Claimer::topics() {
    if (blocking_.paused().all()) return {};
    const auto is_left_out = [this](const std::string& topic) {
        const auto& without = request_.not_topics;
        return blocking_.paused().topic(topic) ||
               std::find(without.begin(), without.end(), topic) != without.end();
    };
    if (!request_.topics.empty()) {
        std::vector<std::string> wanted = request_.topics;
        std::sort(wanted.begin(), wanted.end());
        wanted.erase(std::unique(wanted.begin(), wanted.end()), wanted.end());
        std::erase_if(wanted, is_left_out);
        return wanted;
    }
    std::vector<std::string> topics;
    for (std::string last;;) {
        auto row = database_.query(
            "SELECT topic FROM job INDEXED BY job_queue WHERE state = 1 AND topic > ?1"
            " ORDER BY topic LIMIT 1",
            last);
        if (!row.step()) return topics;
        last = row.text(0);
        if (!is_left_out(last)) topics.push_back(last);
    }
}

std::optional<int> Claimer::next_priority(const std::string& topic, std::int64_t below) {
    auto row = database_.query(
        "SELECT priority FROM job INDEXED BY job_queue WHERE state = 1 AND topic = ?1"
        " AND priority < ?2 ORDER BY priority DESC LIMIT 1",
        topic, below);
    return row.step() ? std::optional(static_cast<int>(row.integer(0))) : std::nullopt;
}

std::optional<Candidate> Claimer::load_candidate(JobId id) {
    auto row = database_.query(
        "SELECT id, priority, available, lane, topic, group_name, task, concurrency_value,"
        " concurrency, entry, serial FROM job WHERE id = ?1 AND state = 1",
        id);
    return row.step() ? std::optional(read_candidate(row)) : std::nullopt;
}

bool Claimer::walk_lanes() {
    const auto later = [](const Candidate& a, const Candidate& b) { return b.before(a); };
    std::vector<Candidate> heads;
    for (const std::string& topic : topics()) {
        if (!add_heads(topic, heads)) return false;
    }
    std::make_heap(heads.begin(), heads.end(), later);
    while (!done() && !heads.empty()) {
        std::pop_heap(heads.begin(), heads.end(), later);
        const Candidate job = std::move(heads.back());
        heads.pop_back();
        if (!take_if_free(job) || !lane_is_free(job)) continue;
        if (auto next = head_of(job)) {
            heads.push_back(*std::move(next));
            std::push_heap(heads.begin(), heads.end(), later);
        }
    }
    return true;
}

// Adds the best available job of each lane that is free; false if there are too many lanes.
bool Claimer::add_heads(const std::string& topic, std::vector<Candidate>& heads) {
    auto lane = std::numeric_limits<std::int64_t>::min();
    for (int lanes = 0; lanes < kMostLanes; ++lanes) {
        std::optional<Candidate> first;
        {
            auto row = database_.query(
                "SELECT id, priority, available, lane, topic, group_name, task, concurrency_value,"
                " concurrency, entry, serial FROM job INDEXED BY job_lane"
                " WHERE state = 1 AND topic = ?1 AND lane > ?2"
                " ORDER BY lane, priority DESC, available LIMIT 1",
                topic, lane);
            if (!row.step()) return true;
            first = read_candidate(row);
        }
        lane = first->lane;
        if (!lane_is_free(*first)) continue;
        const bool is_head = first->serial == 0 && first->available <= request_.now;
        if (auto head = is_head ? std::move(first) : head_of(*first))
            heads.push_back(*std::move(head));
    }
    return false;
}

// The best job of a lane that is available, given one of the lane's jobs.
std::optional<Candidate> Claimer::head_of(const Candidate& first) {
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
        " concurrency, entry, serial, state FROM job INDEXED BY job_entry"
        " WHERE entry = ?1 AND state < 3 AND id >= ?2 ORDER BY id LIMIT 1",
        first.entry, first.serial);
    if (!row.step() || row.integer(11) != static_cast<int>(JobState::Queued)) return std::nullopt;
    Candidate job = read_candidate(row);
    const bool here = job.lane == first.lane && job.topic == first.topic;
    return here && job.available <= request_.now ? std::optional(std::move(job)) : std::nullopt;
}

bool Claimer::lane_is_free(const Candidate& job) {
    if (blocked_lanes_.contains(job.lane)) return false;
    const bool paused = blocking_.paused().task_or_group(job.task, job.group);
    if (!paused && !blocking_.group_busy(job.group) && !blocking_.at_limit(job)) return true;
    blocked_lanes_.insert(job.lane);  // a claim only takes, so that it stays blocked
    return false;
}

// By anything but a pause, which does not hold who names the job.
bool Claimer::is_blocked(const Candidate& job) {
    return blocking_.group_busy(job.group) || blocking_.at_limit(job) ||
           blocking_.waits_for_entry(job);
}

bool Claimer::take_if_free(const Candidate& job) {
    if (!lane_is_free(job) || blocking_.waits_for_entry(job)) return false;
    take(job);
    return true;
}

void Claimer::forget_last_program(Job& job) {
    database_.run("UPDATE job_detail SET pid = 0, exit_code = NULL WHERE id = ?1", job.id);
    job.pid = 0;
    job.exit_code.reset();
}

void Claimer::take(const Candidate& job) {
    const std::int64_t worker = claimed_.size() < request_.workers.size()
                                    ? request_.workers[claimed_.size()]
                                    : request_.worker;
    database_.run(
        "UPDATE job SET state = 2, claim = claim + 1, owner = ?2, worker = ?3, started = ?4, asked "
        "= 0"
        " WHERE id = ?1",
        job.id, request_.owner, worker, request_.now);
    blocking_.claimed(job);
    Job claimed = load_logged_job(database_, job.id).value();
    if (claimed.pid != 0 || claimed.exit_code) forget_last_program(claimed);
    insert_event(database_, job.id, request_.now, "claimed", executor_name(request_.owner, worker),
                 "");
    claimed_.push_back(std::move(claimed));
}

}  // namespace periodic::sqlite
