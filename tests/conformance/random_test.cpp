#include <cstdlib>
#include <iostream>
#include <random>

#include "conformance/store_fixture.hpp"

namespace periodic {
namespace {

using std::chrono::milliseconds;

// Does the same random things to two stores and compares all that can be seen of them. The store
// in memory looks at every job each time, which makes it the naive model of the others.
class Twins {
public:
    Twins(JobStore& model, JobStore& tested, unsigned seed)
        : model_(model), tested_(tested), random_(seed) {}

    void step() {
        now_ += milliseconds(below(300));
        switch (below(10)) {
            case 0:
            case 1:
            case 2:
                return plan();
            case 3:
                return add();
            case 4:
                return claim_by_name();
            case 5:
                return prune();
            default:
                return turn();
        }
    }

    void compare_all() {
        const JobFilter all{.limit = 10'000, .newest_first = false};
        const auto expected = model_.page(all, now_);
        const auto actual = tested_.page(all, now_);
        ASSERT_EQ(ids_of(actual), ids_of(expected));
        for (std::size_t i = 0; i < expected.size(); ++i) {
            const JobId id = expected[i].id;
            ASSERT_EQ(actual[i], expected[i]) << "job " << id << ": " << to_string(actual[i].state)
                                              << " and " << to_string(expected[i].state);
            ASSERT_EQ(tested_.events(id), model_.events(id)) << "job " << id;
            ASSERT_EQ(tested_.attempts(id), model_.attempts(id)) << "job " << id;
            ASSERT_EQ(tested_.log(id, 0, 1'000), model_.log(id, 0, 1'000)) << "job " << id;
            ASSERT_EQ(tested_.response(id), model_.response(id)) << "job " << id;
        }
        ASSERT_EQ(tested_.entry_marks(), model_.entry_marks());
        ASSERT_EQ(tested_.next_available(now_), model_.next_available(now_));
        ASSERT_EQ(tested_.last_states(), model_.last_states());
        ASSERT_EQ(tested_.tasks_with_history(), model_.tasks_with_history());
        ASSERT_EQ(tested_.running_of_others(1), model_.running_of_others(1));
        const QueueCounts counted = tested_.counts(now_);
        const QueueCounts counts = model_.counts(now_);
        ASSERT_EQ(std::tie(counted.ready, counted.waiting, counted.running),
                  std::tie(counts.ready, counts.waiting, counts.running));
    }

    [[nodiscard]] std::size_t settled() const noexcept { return settled_; }

private:
    int below(int limit) { return std::uniform_int_distribution(0, limit - 1)(random_); }
    bool one_in(int number) { return below(number) == 0; }
    std::string word(const char* prefix, int count) {
        return prefix + std::to_string(below(count));
    }

    Job random_job() {
        Job job = job_of(word("task-", 4));
        job.created = now_;
        if (one_in(2)) job.group = word("group-", 3);
        job.topic = word("topic-", 3);
        job.priority = below(3) - 1;
        job.available = now_ + milliseconds(below(600) - 300);
        job.concurrency = below(3);
        if (one_in(3)) job.concurrency_value = word("value-", 2);
        if (one_in(4)) job.key = word("key-", 5);
        return job;
    }

    void plan() {
        std::vector<EntryPlan> plans;
        for (int i = below(4); i >= 0; --i) {
            EntryPlan& plan = plans.emplace_back();
            plan.id = 1 + below(6);
            plan.definition = "entry";
            std::int64_t& at = marks_[plan.id];
            if (at != 0) plan.seen = mark(plan.id, one_in(10) ? at - 1 : at);
            for (int jobs = below(4); jobs > 0; --jobs)
                plan.jobs.push_back(random_occurrence(plan.id, ++at));
            if (one_in(10) && !plan.jobs.empty())
                plan.jobs.back().scheduled = second(below(static_cast<int>(at)));
            if (at != 0 || one_in(2)) plan.mark = mark(plan.id, at);
        }
        const PlanResult expected = model_.plan(plans, now_, "planner");
        const PlanResult actual = tested_.plan(plans, now_, "planner");
        ASSERT_EQ(std::tie(actual.inserted, actual.skipped, actual.refused, actual.stale),
                  std::tie(expected.inserted, expected.skipped, expected.refused, expected.stale));
        ASSERT_EQ(actual.failed, expected.failed);
        ASSERT_EQ(actual.to_stop, expected.to_stop);
        for (const EntryMark& stored : model_.entry_marks()) {
            marks_[stored.id] = (stored.watermark - second(0)).count();
        }
    }

    Job random_occurrence(std::int64_t entry, std::int64_t at) {
        Job job = random_job();
        job.key.clear();  // the planner gives none
        job.entry = entry;
        job.scheduled = second(at);
        job.overlap = static_cast<Overlap>(below(4));
        job.missed = one_in(4) ? below(5) : 0;
        if (one_in(6)) {
            job.state = JobState::Skipped;
            job.reason = one_in(2) ? Reason::Missed : Reason::Removed;
        } else if (one_in(10)) {
            job.state = JobState::Failed;
            job.reason = Reason::Invalid;
        }
        return job;
    }

    void add() {
        const Job job = random_job();
        ASSERT_EQ(tested_.add(job, "somebody"), model_.add(job, "somebody"));
    }

    void claim_by_name() {
        Turn turn;
        turn.claim = {.owner = 1, .worker = 7, .now = now_, .limit = 1, .only = 1 + below(200)};
        carry_out(turn);
    }

    void prune() {
        const std::string task = word("task-", 4);
        const RetentionPolicy retention{.age = std::chrono::seconds(below(20)), .jobs = below(10)};
        const int limit = 1 + below(5);
        ASSERT_EQ(tested_.prune(task, retention, now_, limit),
                  model_.prune(task, retention, now_, limit));
    }

    void turn() {
        Turn turn;
        while (!running_.empty() && !one_in(3)) turn.settlements.push_back(random_end());
        if (!running_.empty() && one_in(2)) {
            const Job& job =
                running_[static_cast<std::size_t>(below(static_cast<int>(running_.size())))];
            turn.updates.push_back(
                {.id = job.id,
                 .claim = job.claim,
                 .lines = {{.seq = 1 + below(20), .time = now_, .text = word("line ", 9)}},
                 .response = word("r", 9),
                 .progress = below(101)});
        }
        turn.claim = {.owner = 1 + below(2), .worker = 7, .now = now_, .limit = below(5)};
        for (int topics = below(3); topics > 0; --topics)
            turn.claim->topics.push_back(word("topic-", 3));
        carry_out(turn);
    }

    Settlement random_end() {
        const auto at = static_cast<std::size_t>(below(static_cast<int>(running_.size())));
        const Job job = running_[at];
        if (!one_in(10))
            running_.erase(running_.begin() +
                           static_cast<std::ptrdiff_t>(at));  // else settled twice
        static constexpr JobState kEnds[] = {JobState::Succeeded, JobState::Aborted,
                                             JobState::Failed, JobState::Stopped, JobState::Queued};
        Settlement end = end_of(job, kEnds[below(5)], Reason::None, now_);
        end.job.available = now_ + milliseconds(below(500));
        end.delete_job = one_in(15);
        end.cut_after = below(10);
        end.cut_before = below(20);
        return end;
    }

    void carry_out(const Turn& turn) {
        const TurnResult expected = model_.turn(turn);
        const TurnResult actual = tested_.turn(turn);
        ASSERT_EQ(actual.late, expected.late);
        ASSERT_EQ(actual.claimed, expected.claimed);
        ASSERT_EQ(actual.skipped, expected.skipped);
        ASSERT_EQ(actual.to_stop, expected.to_stop);
        settled_ += turn.settlements.size() - expected.late.size();
        running_.insert(running_.end(), expected.claimed.begin(), expected.claimed.end());
    }

    JobStore& model_;
    JobStore& tested_;
    std::mt19937 random_;
    Time now_ = kNow;
    std::map<std::int64_t, std::int64_t> marks_{};
    std::vector<Job> running_{};
    std::size_t settled_ = 0;
};

class RandomWork : public StoreTest {};
INSTANTIATE_TEST_SUITE_P(Stores, RandomWork, testing::ValuesIn(all_stores()), store_name);

TEST_P(RandomWork, GoesAsInTheNaiveModel) {
    const char* given = std::getenv("PERIODIC_TEST_SEED");  // NOLINT(concurrency-mt-unsafe)
    const unsigned first =
        given != nullptr ? static_cast<unsigned>(std::stoul(given)) : std::random_device{}();
    std::cout << "PERIODIC_TEST_SEED=" << first << '\n';
    const auto model = make_memory_store();
    Twins twins(*model, store(), first);
    for (int step = 0; step < 400; ++step) {
        SCOPED_TRACE("step " + std::to_string(step) + " of seed " + std::to_string(first));
        twins.step();
        if (step % 20 == 19) twins.compare_all();
        if (HasFatalFailure()) return;
    }
    EXPECT_GT(twins.settled(), 10U) << "the work was too idle to show anything";
}

}  // namespace
}  // namespace periodic
