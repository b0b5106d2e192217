#include <limits>

#include "conformance/store_fixture.hpp"

namespace periodic {
namespace {

using namespace std::chrono_literals;
using testing::ValuesIn;

class Claim : public StoreTest {
protected:
    JobId add_at(int priority, Time available, std::string task = "t") {
        Job job = job_of(std::move(task));
        job.priority = priority;
        job.available = available;
        return add(job);
    }

    static Job in_group(std::string group, std::string task = "t", int concurrency = 0,
                        std::string value = "") {
        Job job = job_of(std::move(task));
        job.group = std::move(group);
        job.concurrency = concurrency;
        job.concurrency_value = std::move(value);
        return job;
    }

    JobId add_to(std::string group, std::string task = "t", int concurrency = 0,
                 std::string value = "") {
        return add(in_group(std::move(group), std::move(task), concurrency, std::move(value)));
    }
};
INSTANTIATE_TEST_SUITE_P(Stores, Claim, ValuesIn(all_stores()), store_name);

TEST_P(Claim, IsEmptyWithoutJobs) {
    EXPECT_TRUE(claim(5).empty());
}

TEST_P(Claim, MakesTheJobItsOwners) {
    const JobId id = add(job_of("t"));
    const auto claimed = claim(1, kNow + 1s);
    ASSERT_EQ(ids_of(claimed), std::vector{id});
    EXPECT_EQ(claimed[0].state, JobState::Running);
    EXPECT_EQ(claimed[0].claim, 1);
    EXPECT_EQ(claimed[0].owner, kOwner);
    EXPECT_EQ(claimed[0].worker, kWorker);
    EXPECT_EQ(claimed[0].started, kNow + 1s);
    EXPECT_EQ(claimed[0], find(id));
    EXPECT_EQ(store().events(id).back(),
              (JobEvent{kNow + 1s, "claimed", "executor 1 pid 4242", ""}));
    EXPECT_TRUE(claim(1).empty());
}

TEST_P(Claim, TakesTheHighestPriorityThenTheEarliestThenTheLowestId) {
    add_at(0, kNow);                 // 1
    add_at(0, kNow - 1s);            // 2
    add_at(5, kNow);                 // 3
    add_at(-5, kNow - 1h);           // 4
    add_at(0, kNow - 1s);            // 5
    add_at(5, kNow - 1ms, "other");  // 6
    EXPECT_EQ(ids_of(claim(10)), (std::vector<JobId>{6, 3, 2, 5, 1, 4}));
}

TEST_P(Claim, OrdersAcrossTopics) {
    for (const auto& [topic, priority] : std::vector<std::pair<std::string, int>>{
             {"b", 1}, {"a", 0}, {"c", 2}, {"a", 1}, {"b", 0}}) {
        Job job = job_of("t");
        job.topic = topic;
        job.priority = priority;
        add(job);
    }
    EXPECT_EQ(ids_of(claim(10)), (std::vector<JobId>{3, 1, 4, 2, 5}));
}

TEST_P(Claim, TakesNoMoreThanItsLimit) {
    add_all(40, job_of("t"));
    EXPECT_TRUE(claim(0).empty());
    EXPECT_EQ(claim(3).size(), 3U);
    EXPECT_EQ(claim(100).size(), 37U);
}

TEST_P(Claim, TakesNothingBeforeItsTime) {
    add_at(0, kNow + 1ms);
    EXPECT_TRUE(claim(1).empty());
    EXPECT_EQ(claim(1, kNow + 1ms).size(), 1U);
}

TEST_P(Claim, IsNotHeldUpByWhatIsDueLaterAtAHigherPriority) {
    std::vector<EntryPlan> plans;
    for (int i = 1; i <= 400; ++i) {
        EntryPlan& plan = plans.emplace_back();
        plan.id = i;
        plan.jobs = {occurrence(i, 1, Overlap::Allow)};
        plan.jobs[0].priority = i;
        plan.jobs[0].available = kNow + 1h;
    }
    ASSERT_EQ(store().plan(plans, kNow, "planner").inserted, 400);
    const JobId now = add_at(0, kNow);
    EXPECT_EQ(ids_of(claim(1)), std::vector{now});
}

TEST_P(Claim, ServesItsTopicsOnly) {
    Job mail = job_of("t");
    mail.topic = "mail";
    const JobId mail_id = add(mail);
    const JobId other_id = add(job_of("t"));
    EXPECT_TRUE(claim(5, kNow, {"nothing"}).empty());
    EXPECT_EQ(ids_of(claim(5, kNow, {"mail"})), std::vector{mail_id});
    EXPECT_EQ(ids_of(claim(5, kNow, {"mail", "default", "mail"})), std::vector{other_id});
}

TEST_P(Claim, LeavesIdleAndFinalJobs) {
    Job job = job_of("t");
    for (const JobState state : {JobState::Idle, JobState::Skipped, JobState::Failed}) {
        job.state = state;
        add(job);
    }
    EXPECT_TRUE(claim(5).empty());
}

TEST_P(Claim, KeepsAGroupApart) {
    add_to("g", "one");
    add_to("g", "two");
    const JobId other = add_to("h", "one");
    const auto first = claim(5);
    EXPECT_EQ(ids_of(first), (std::vector<JobId>{1, other}));
    EXPECT_EQ(find(2).waiting_for, WaitingFor::Group);
    EXPECT_TRUE(claim(5).empty());
    settle(first[0], JobState::Succeeded);
    EXPECT_EQ(ids_of(claim(5)), std::vector<JobId>{2});
}

TEST_P(Claim, DoesNotTakeNoGroupForAGroup) {
    add_to("", "one");
    add_to("", "two");
    EXPECT_EQ(claim(5).size(), 2U);
}

TEST_P(Claim, KeepsATaskBelowItsConcurrency) {
    for (int i = 0; i < 4; ++i) add_to("", "t", 2);
    add_to("", "u", 1);
    const auto first = claim(10);
    EXPECT_EQ(ids_of(first), (std::vector<JobId>{1, 2, 5}));
    EXPECT_EQ(find(3).waiting_for, WaitingFor::Concurrency);
    settle(first[1], JobState::Failed);
    EXPECT_EQ(ids_of(claim(10)), std::vector<JobId>{3});
}

TEST_P(Claim, CountsJobsOfATaskHoweverTheyCame) {
    add_to("", "task-7", 1);
    claim(1);
    Job planned = occurrence(7, 1, Overlap::Allow);
    planned.concurrency = 1;
    plan(7, {planned});
    EXPECT_TRUE(claim(5).empty());
}

TEST_P(Claim, CountsForEachValueOfTheConcurrencyKey) {
    add_to("", "t", 1, "a");
    add_to("", "t", 1, "a");
    add_to("", "t", 1, "b");
    EXPECT_EQ(ids_of(claim(5)), (std::vector<JobId>{1, 3}));
    add_to("", "t", 2, "");
    EXPECT_TRUE(claim(5).empty()) << "without a value all of the task count";
    add_to("", "t", 3, "");
    EXPECT_EQ(ids_of(claim(5)), std::vector<JobId>{5});
}

TEST_P(Claim, NamesAndValuesThatJoinAlikeAreNotAlike) {
    add_to("ab", "c", 1, "d");
    add_to("a", "bc", 1, "d");
    add_to("", "c", 1, "dx");
    EXPECT_EQ(claim(5).size(), 3U);
}

TEST_P(Claim, PassesAnyNumberOfBlockedJobs) {
    add_to("busy", "first");
    claim(1);
    add_all(1'000, in_group("busy"));
    for (int i = 0; i < 20; ++i) add_at(-1, kNow, "low");
    EXPECT_EQ(claim(3).size(), 3U);
    EXPECT_EQ(ids_of(claim(2)), (std::vector<JobId>{1'005, 1'006}));
    EXPECT_EQ(claim(100).size(), 15U);
}

TEST_P(Claim, KeepsItsOrderBehindManyBlockedJobs) {
    add_to("busy", "first");
    claim(1);
    add_all(500, in_group("busy"));
    const JobId ungrouped = add_at(0, kNow, "u");
    const JobId grouped = add_to("free", "u");
    add_to("free", "u");
    const JobId limited = add_to("", "limited", 1);
    add_to("", "limited", 1);
    const JobId higher = add_at(1, kNow + 1s, "later");
    EXPECT_EQ(ids_of(claim(10)), (std::vector<JobId>{ungrouped, grouped, limited}));
    EXPECT_EQ(ids_of(claim(10, kNow + 1s)), std::vector{higher});
}

TEST_P(Claim, FindsTheNextOfAChainBehindManyBlockedJobs) {
    add_to("busy", "first");
    claim(1);
    add_all(500, in_group("busy"));
    plan(7, {occurrence(7, 1, Overlap::Wait), occurrence(7, 2, Overlap::Wait),
             occurrence(7, 3, Overlap::Wait)});
    const auto first = claim(5);
    ASSERT_EQ(ids_of(first), std::vector<JobId>{502});
    EXPECT_TRUE(claim(5).empty());
    settle(first[0], JobState::Succeeded);
    EXPECT_EQ(ids_of(claim(5)), std::vector<JobId>{503});
}

TEST_P(Claim, ByNameIgnoresTheTimeAndTheOrder) {
    add(job_of("t"));
    const JobId later = add_at(-9, kNow + 1h);
    EXPECT_EQ(ids_of(claim_only(later)), std::vector{later});
    EXPECT_TRUE(claim_only(later).empty()) << "it runs";
    EXPECT_TRUE(claim_only(99).empty());
}

TEST_P(Claim, ByNameRespectsGroupAndConcurrency) {
    add_to("g", "t", 0);
    const JobId grouped = add_to("g", "u", 0);
    add_to("", "v", 1);
    const JobId limited = add_to("", "v", 1);
    EXPECT_EQ(claim(10).size(), 2U);
    EXPECT_TRUE(claim_only(grouped).empty());
    EXPECT_TRUE(claim_only(limited).empty());
}

TEST_P(Claim, RaisesTheFenceEachTimeAndForgetsTheLastProgram) {
    const JobId id = add(job_of("t"));
    for (int round = 1; round <= 3; ++round) {
        auto claimed = claim(1);
        ASSERT_EQ(claimed.size(), 1U);
        EXPECT_EQ(claimed[0].claim, round);
        EXPECT_EQ(claimed[0].pid, 0);
        EXPECT_EQ(claimed[0].exit_code, std::nullopt);
        claimed[0].pid = 77;
        claimed[0].exit_code = 1;
        claimed[0].available = kNow;
        settle(claimed[0], JobState::Queued);
        EXPECT_EQ(find(id).owner, 0);
    }
}

TEST_P(Claim, TellsWhereTheLogGoesOn) {
    const JobId id = add(job_of("t"));
    Job claimed = claim(1).at(0);
    EXPECT_EQ(claimed.log_seq, 0);
    update({.id = id,
            .claim = claimed.claim,
            .lines = {{.seq = 1, .text = "a"}, {.seq = 2, .text = "b"}}});
    claimed.available = kNow;
    settle(claimed, JobState::Queued);
    EXPECT_EQ(claim(1).at(0).log_seq, 2);
    EXPECT_EQ(find(id).log_seq, 0);
}

TEST_P(Claim, SeesWhatWasSettledInTheSameTurn) {
    add_to("g", "t");
    add_to("g", "t");
    Turn turn;
    turn.settlements.push_back(end_of(claim(1).at(0), JobState::Succeeded));
    turn.claims = {{.owner = kOwner, .worker = kWorker, .now = kNow, .limit = 5}};
    EXPECT_EQ(ids_of(store().turn(turn).claimed), std::vector<JobId>{2});
}

TEST_P(Claim, OfSeveralPoolsIsOneTurn) {
    for (const char* const topic : {"mail", "default", "odd", "mail", "default"}) {
        Job job = job_of("t");
        job.topic = topic;
        job.concurrency = 0;
        add(job);
    }
    const ClaimRequest mail{.owner = kOwner,
                            .worker = 1,
                            .now = kNow,
                            .limit = 3,
                            .topics = {"mail"},
                            .workers = {11, 12}};
    const ClaimRequest rest{.owner = kOwner,
                            .worker = 2,
                            .now = kNow,
                            .limit = 2,
                            .not_topics = {"mail", "post"},
                            .workers = {21, 22}};
    Turn turn;
    turn.claims = {mail, rest};
    const auto claimed = store().turn(turn).claimed;
    EXPECT_EQ(ids_of(claimed), (std::vector<JobId>{1, 4, 2, 3}));
    std::vector<std::int64_t> workers;
    for (const Job& job : claimed) workers.push_back(job.worker);
    EXPECT_EQ(workers, (std::vector<std::int64_t>{11, 12, 21, 22}));
    EXPECT_EQ(find(4).worker, 12) << "as it is kept";
}

TEST_P(Claim, BeyondThePidsOfItsSlotsNamesItsWorker) {
    Job job = job_of("t");
    job.concurrency = 0;
    add(job);
    add(job);
    Turn turn;
    turn.claims = {{.owner = kOwner, .worker = kWorker, .now = kNow, .limit = 2, .workers = {11}}};
    const auto claimed = store().turn(turn).claimed;
    ASSERT_EQ(claimed.size(), 2U);
    EXPECT_EQ(claimed[0].worker, 11);
    EXPECT_EQ(claimed[1].worker, kWorker);
}

TEST_P(Claim, WhatIsReadyIsCountedForEachTopic) {
    for (const char* const topic : {"mail", "default", "mail"}) {
        Job job = job_of("t");
        job.topic = topic;
        add(job);
    }
    Job later = job_of("t");
    later.available = kNow + 1h;
    add(later);
    using Counts = std::vector<std::pair<std::string, std::int64_t>>;
    EXPECT_EQ(store().ready_topics(kNow), (Counts{{"default", 1}, {"mail", 2}}));
    claim(1);
    EXPECT_EQ(store().ready_topics(kNow), (Counts{{"default", 1}, {"mail", 1}}));
}

class Queue : public StoreTest {};
INSTANTIATE_TEST_SUITE_P(Stores, Queue, ValuesIn(all_stores()), store_name);

TEST_P(Queue, CountsWhatIsReadyWaitingAndRunning) {
    EXPECT_EQ(store().counts(kNow).ready, 0);
    add(job_of("t"));
    claim(1);
    add(job_of("t"));
    add(job_of("t"));
    Job later = job_of("t");
    later.available = kNow + 1s;
    add(later);
    const QueueCounts counts = store().counts(kNow);
    EXPECT_EQ(counts.ready, 2);
    EXPECT_EQ(counts.waiting, 1);
    EXPECT_EQ(counts.running, 1);
    EXPECT_EQ(store().counts(kNow + 1s).ready, 3);
}

TEST_P(Queue, KnowsWhenTheNextJobBecomesAvailable) {
    EXPECT_EQ(store().next_available(kNow), std::nullopt);
    add(job_of("t"));
    EXPECT_EQ(store().next_available(kNow), std::nullopt) << "it is available already";
    EXPECT_EQ(store().next_available(kNow - 1ms), kNow);
    Job later = job_of("t");
    for (const auto& [topic, priority, wait] :
         std::vector<std::tuple<std::string, int, std::chrono::milliseconds>>{
             {"default", 5, 3s}, {"default", 0, 2s}, {"mail", -1, 1s}, {"mail", 9, 4s}}) {
        later.topic = topic;
        later.priority = priority;
        later.available = kNow + wait;
        add(later);
    }
    EXPECT_EQ(store().next_available(kNow), kNow + 1s);
    EXPECT_EQ(store().next_available(kNow + 1s), kNow + 2s);
    EXPECT_EQ(store().next_available(kNow + 3s), kNow + 4s);
    EXPECT_EQ(store().next_available(kNow + 4s), std::nullopt);
}

TEST_P(Queue, SaysWhatAJobWaitsFor) {
    Job job = job_of("t");
    job.available = kNow + 1s;
    const JobId id = add(job);
    EXPECT_EQ(find(id, kNow).waiting_for, WaitingFor::Time);
    EXPECT_EQ(find(id, kNow + 1s).waiting_for, WaitingFor::Slot);
    claim(1, kNow + 1s);
    EXPECT_EQ(find(id, kNow + 1s).waiting_for, WaitingFor::None);
}

}  // namespace
}  // namespace periodic
