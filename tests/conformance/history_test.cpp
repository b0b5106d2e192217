#include "conformance/store_fixture.hpp"

namespace periodic {
namespace {

using namespace std::chrono_literals;
using testing::ValuesIn;

class Generations : public StoreTest {};
INSTANTIATE_TEST_SUITE_P(Stores, Generations, ValuesIn(all_stores()), store_name);

TEST_P(Generations, AreKeptWithTheirEnd) {
    EXPECT_FALSE(store().last_generation().has_value());
    const Generation owner{.host = "host",
                           .process = {.pid = 42, .start_ticks = 1ULL << 63U, .boot_id = "boot"},
                           .kind = "daemon",
                           .started = kNow};
    const auto first = store().begin_generation(owner);
    const auto second_one = store().begin_generation(owner);
    EXPECT_LT(first, second_one);
    const auto last = store().last_generation();
    ASSERT_TRUE(last.has_value());
    EXPECT_EQ(last->id, second_one);
    EXPECT_EQ(last->host, "host");
    EXPECT_EQ(last->process, owner.process);
    EXPECT_EQ(last->kind, "daemon");
    EXPECT_EQ(last->started, kNow);
    EXPECT_EQ(last->ended, std::nullopt);
    store().end_generation(first, kNow + 1s, "budget");
    EXPECT_EQ(store().find_generation(first)->ended, kNow + 1s);
    EXPECT_EQ(store().find_generation(first)->end_reason, "budget");
    EXPECT_EQ(store().find_generation(second_one)->ended, std::nullopt);
    EXPECT_FALSE(store().find_generation(99).has_value());
    EXPECT_FALSE(store().find_generation(0).has_value());
}

TEST_P(Generations, AreForgottenWhenVeryManyCameLater) {
    const auto first = store().begin_generation({.host = "first"});
    for (std::int64_t i = 1; i < kGenerationsKept; ++i) {
        static_cast<void>(store().begin_generation({.host = "later"}));
    }
    EXPECT_TRUE(store().find_generation(first).has_value());
    static_cast<void>(store().begin_generation({.host = "last"}));
    EXPECT_FALSE(store().find_generation(first).has_value());
    EXPECT_EQ(store().last_generation()->host, "last");
    EXPECT_EQ(store().last_generation()->id, first + kGenerationsKept);
}

TEST_P(Generations, FindWhatOthersLeftRunning) {
    add(job_of("t"));
    add(job_of("t"));
    claim(1);
    Turn turn;
    turn.claims = {{.owner = 2, .worker = 7, .now = kNow, .limit = 1}};
    store().turn(turn);
    EXPECT_EQ(ids_of(store().running_of_others(2)), std::vector<JobId>{1});
    EXPECT_EQ(ids_of(store().running_of_others(kOwner)), std::vector<JobId>{2});
    EXPECT_EQ(ids_of(store().running_of_others(3)), (std::vector<JobId>{1, 2}));
}

class Retention : public StoreTest {
protected:
    /// Adds a job that ended then.
    JobId ended(JobState state, Time at, const std::string& task = "t") {
        const JobId id = add(job_of(task));
        settle(claim_only(id).at(0), state, Reason::None, at);
        return id;
    }
    std::vector<JobId> left() { return ids_of(store().page({.newest_first = false}, kNow)); }
};
INSTANTIATE_TEST_SUITE_P(Stores, Retention, ValuesIn(all_stores()), store_name);

TEST_P(Retention, DeletesByNumberTheOldestFirstInBatches) {
    for (int i = 0; i < 6; ++i) ended(JobState::Succeeded, kNow + std::chrono::seconds(i));
    const RetentionPolicy two{.age = 0s, .jobs = 2};
    EXPECT_EQ(store().prune("t", two, kNow + 1h, 3), 3);
    EXPECT_EQ(left(), (std::vector<JobId>{4, 5, 6}));
    EXPECT_EQ(store().prune("t", two, kNow + 1h, 3), 1);
    EXPECT_EQ(left(), (std::vector<JobId>{5, 6}));
    EXPECT_EQ(store().prune("t", two, kNow + 1h, 3), 0);
}

TEST_P(Retention, OrdersByTheEndAndNotByTheId) {
    ended(JobState::Succeeded, kNow + 9s);
    ended(JobState::Aborted, kNow + 1s);
    EXPECT_EQ(store().prune("t", {.age = 0s, .jobs = 1}, kNow + 1h, 10), 1);
    EXPECT_EQ(left(), std::vector<JobId>{1});
}

TEST_P(Retention, CountsFailedOnesApart) {
    ended(JobState::Failed, kNow);
    for (int i = 1; i <= 3; ++i) ended(JobState::Succeeded, kNow + std::chrono::seconds(i));
    ended(JobState::Failed, kNow + 4s);
    EXPECT_EQ(store().prune("t", {.age = 0s, .jobs = 2}, kNow + 1h, 10), 1);
    EXPECT_EQ(left(), (std::vector<JobId>{1, 3, 4, 5}));
}

TEST_P(Retention, DeletesByAge) {
    ended(JobState::Succeeded, kNow - 2h);
    ended(JobState::Stopped, kNow - 1h);
    ended(JobState::Failed, kNow - 2h);
    ended(JobState::Succeeded, kNow);
    EXPECT_EQ(store().prune("t", {.age = 3600s, .jobs = 0}, kNow, 10), 3);
    EXPECT_EQ(left(), std::vector<JobId>{4});
}

TEST_P(Retention, WithoutLimitsKeepsAll) {
    ended(JobState::Succeeded, kNow - 24h * 3650);
    EXPECT_EQ(store().prune("t", {.age = 0s, .jobs = 0}, kNow, 10), 0);
    EXPECT_EQ(left(), std::vector<JobId>{1});
}

TEST_P(Retention, LeavesUnfinishedJobsAndOtherTasks) {
    ended(JobState::Succeeded, kNow - 2h);
    ended(JobState::Succeeded, kNow - 2h, "other");
    const JobId queued = add(job_of("t"));
    Job idle = job_of("t");
    idle.state = JobState::Idle;
    const JobId idle_one = add(idle);
    EXPECT_EQ(store().prune("t", {.age = 1s, .jobs = 1}, kNow, 10), 1);
    EXPECT_EQ(left(), (std::vector<JobId>{2, queued, idle_one}));
}

TEST_P(Retention, TakesAllThatBelongsToAJob) {
    const JobId id = add(job_of("t"));
    const Job job = claim(1).at(0);
    update({.id = id, .claim = 1, .lines = {{.seq = 1, .text = "x"}}, .response = "x"});
    settle(job, JobState::Succeeded);
    EXPECT_EQ(store().prune("t", {.age = 1s, .jobs = 0}, kNow + 1h, 10), 1);
    EXPECT_EQ(store().find(id, kNow), std::nullopt);
    EXPECT_TRUE(store().events(id).empty());
    EXPECT_TRUE(store().attempts(id).empty());
    EXPECT_TRUE(store().log(id, 0, 10).empty());
    EXPECT_EQ(store().response(id), "");
}

TEST_P(Retention, NamesTheTasksThatHaveAHistory) {
    EXPECT_TRUE(store().tasks_with_history().empty());
    add(job_of("unfinished"));
    ended(JobState::Succeeded, kNow, "b");
    ended(JobState::Failed, kNow, "a");
    ended(JobState::Succeeded, kNow, "a");
    EXPECT_EQ(store().tasks_with_history(), (std::vector<std::string>{"a", "b"}));
}

TEST_P(Retention, TellsTheLastStateOfEachTask) {
    using States = std::vector<std::pair<std::string, JobState>>;
    EXPECT_EQ(store().last_states(), States{});
    ended(JobState::Failed, kNow + 5s, "a");
    ended(JobState::Succeeded, kNow + 4s, "a");
    ended(JobState::Failed, kNow + 1s, "b");
    ended(JobState::Aborted, kNow + 2s, "b");
    add(job_of("queued"));
    const JobId running = add(job_of("c"));
    claim_only(running);
    EXPECT_EQ(
        store().last_states(),
        (States{{"a", JobState::Failed}, {"b", JobState::Aborted}, {"c", JobState::Running}}));
    claim_only(add(job_of("a")));
    EXPECT_EQ(store().last_states().front(),
              (std::pair<std::string, JobState>{"a", JobState::Running}));
}

}  // namespace
}  // namespace periodic
