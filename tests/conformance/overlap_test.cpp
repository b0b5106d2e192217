#include "conformance/store_fixture.hpp"

namespace periodic {
namespace {

using namespace std::chrono_literals;
using testing::ValuesIn;

class OverlapOf : public StoreTest {};
INSTANTIATE_TEST_SUITE_P(Stores, OverlapOf, ValuesIn(all_stores()), store_name);

TEST_P(OverlapOf, SkipRunsWhenNothingEarlierIsUnfinished) {
    plan(7, {occurrence(7, 1, Overlap::Skip)});
    settle(claim(1).at(0), JobState::Succeeded);
    EXPECT_EQ(plan(7, {occurrence(7, 2, Overlap::Skip)}).inserted, 1);
    EXPECT_EQ(ids_of(claim(1)), std::vector<JobId>{2});
}

TEST_P(OverlapOf, SkipLooksAtItsOwnEntryOnly) {
    plan(7, {occurrence(7, 1, Overlap::Skip)});
    EXPECT_EQ(plan(8, {occurrence(8, 1, Overlap::Skip)}).inserted, 1);
}

TEST_P(OverlapOf, SkipIsOnRecordWithItsReason) {
    plan(7, {occurrence(7, 1, Overlap::Skip)});
    const auto result = plan(7, {occurrence(7, 2, Overlap::Skip)}, kNow + 1s);
    EXPECT_EQ(std::pair(result.inserted, result.skipped),
              std::pair(std::int64_t{0}, std::int64_t{1}));
    const Job skipped = find(2);
    EXPECT_EQ(skipped.state, JobState::Skipped);
    EXPECT_EQ(skipped.reason, Reason::Overlap);
    EXPECT_EQ(skipped.scheduled, second(2));
    EXPECT_EQ(skipped.last_scheduled, std::nullopt);
    EXPECT_EQ(skipped.missed, 0);
    EXPECT_EQ(skipped.finished, kNow + 1s);
    EXPECT_EQ(store().events(2),
              (std::vector<JobEvent>{{kNow + 1s, "skipped", "planner", "overlap"}}));
}

TEST_P(OverlapOf, SkipCountsQueuedWaitingAndRetryingJobsAsUnfinished) {
    plan(7, {occurrence(7, 1, Overlap::Skip)});
    Settlement retry = end_of(claim(1).at(0), JobState::Queued);
    retry.job.available = kNow + 1h;
    Turn turn;
    turn.settlements.push_back(retry);
    store().turn(turn);
    EXPECT_EQ(plan(7, {occurrence(7, 2, Overlap::Skip)}).skipped, 1);
}

TEST_P(OverlapOf, SuccessiveSkipsShareAJob) {
    plan(7, {occurrence(7, 1, Overlap::Skip)});
    plan(7, {occurrence(7, 2, Overlap::Skip)});
    EXPECT_EQ(plan(7, {occurrence(7, 3, Overlap::Skip)}).skipped, 1);
    Job standing_for_three = occurrence(7, 6, Overlap::Skip);
    standing_for_three.missed = 2;
    plan(7, {standing_for_three}, kNow + 1min);
    EXPECT_EQ(store().count({}), 2);
    const Job skipped = find(2);
    EXPECT_EQ(skipped.scheduled, second(2));
    EXPECT_EQ(skipped.last_scheduled, second(6));
    EXPECT_EQ(skipped.missed, 5);
    EXPECT_EQ(skipped.finished, kNow + 1min);
    EXPECT_EQ(words_of(store().events(2)), std::vector<std::string>{"skipped"});

    EXPECT_EQ(plan(7, {occurrence(7, 3, Overlap::Skip)}).refused, 1) << "a shared one is known too";
    EXPECT_EQ(find(2).missed, 5);
}

// A catch-up job stands for those before it, back to the first.
Job standing_for(std::int64_t first, std::int64_t last, Overlap overlap) {
    Job job = occurrence(7, last, overlap);
    job.missed = last - first;
    job.last_scheduled = second(first);
    return job;
}

TEST_P(OverlapOf, ASkippedCatchUpHasItsFirstItsLastAndTheNumberOfAll) {
    plan(7, {occurrence(7, 1, Overlap::Skip)});
    EXPECT_EQ(plan(7, {standing_for(2, 6, Overlap::Skip)}).skipped, 5);
    EXPECT_EQ(find(2).scheduled, second(2));
    EXPECT_EQ(find(2).last_scheduled, second(6));
    EXPECT_EQ(find(2).missed, 5);
    EXPECT_EQ(plan(7, {standing_for(7, 9, Overlap::Skip)}).skipped, 3);
    EXPECT_EQ(find(2).scheduled, second(2));
    EXPECT_EQ(find(2).last_scheduled, second(9));
    EXPECT_EQ(find(2).missed, 8);
    EXPECT_EQ(plan(7, {occurrence(7, 6, Overlap::Skip)}).refused, 1);
}

TEST_P(OverlapOf, AReplacedCatchUpHasItsFirstItsLastAndTheNumberOfAll) {
    plan(7, {standing_for(2, 6, Overlap::Replace)});
    const auto result = plan(7, {occurrence(7, 7, Overlap::Replace)});
    EXPECT_EQ(std::pair(result.inserted, result.skipped),
              std::pair(std::int64_t{1}, std::int64_t{5}));
    EXPECT_EQ(find(1).state, JobState::Skipped);
    EXPECT_EQ(find(1).scheduled, second(2));
    EXPECT_EQ(find(1).last_scheduled, second(6));
    EXPECT_EQ(find(1).missed, 5);
    EXPECT_EQ(find(2).state, JobState::Queued);
}

TEST_P(OverlapOf, SkipsApartWhenAJobRanBetween) {
    plan(7, {occurrence(7, 1, Overlap::Skip)});
    plan(7, {occurrence(7, 2, Overlap::Skip)});
    settle(claim(1).at(0), JobState::Succeeded);
    plan(7, {occurrence(7, 3, Overlap::Skip)});
    plan(7, {occurrence(7, 4, Overlap::Skip)});
    EXPECT_EQ(store().count({.states = {JobState::Skipped}}), 2);
    EXPECT_EQ(find(4).scheduled, second(4));
}

TEST_P(OverlapOf, SkipsForAnotherReasonDontShare) {
    Job missed = occurrence(7, 1, Overlap::Skip);
    missed.state = JobState::Skipped;
    missed.reason = Reason::Missed;
    missed.missed = 4;
    missed.last_scheduled = second(4);
    Job removed = occurrence(7, 5, Overlap::Skip);
    removed.state = JobState::Skipped;
    removed.reason = Reason::Removed;
    EXPECT_EQ(plan(7, {missed, removed}).skipped, 5);
    EXPECT_EQ(find(1).missed, 4);
    EXPECT_EQ(find(1).last_scheduled, second(4));
    EXPECT_EQ(find(2).missed, 0);
    Job removed_later = occurrence(7, 6, Overlap::Skip);
    removed_later.state = JobState::Skipped;
    removed_later.reason = Reason::Removed;
    plan(7, {removed_later});
    EXPECT_EQ(store().count({}), 2);
    EXPECT_EQ(find(2).missed, 2);
    EXPECT_EQ(find(2).last_scheduled, second(6));
}

TEST_P(OverlapOf, SkipsDontShareAJobThatWasPruned) {
    plan(7, {occurrence(7, 1, Overlap::Skip)});
    plan(7, {occurrence(7, 2, Overlap::Skip)});
    ASSERT_EQ(store().prune("task-7", {.age = 1s, .jobs = 0}, kNow + 1h, 10), 1);
    plan(7, {occurrence(7, 3, Overlap::Skip)});
    EXPECT_EQ(find(3).scheduled, second(3));
    EXPECT_EQ(find(3).missed, 0);
}

TEST_P(OverlapOf, WaitStartsAfterTheEarlierOneEnded) {
    plan(7, {occurrence(7, 1, Overlap::Wait)});
    const Job first = claim(1).at(0);
    EXPECT_EQ(plan(7, {occurrence(7, 2, Overlap::Wait)}).inserted, 1);
    EXPECT_EQ(plan(7, {occurrence(7, 3, Overlap::Wait)}).inserted, 1);
    EXPECT_TRUE(claim(5).empty());
    EXPECT_EQ(find(2).waiting_for, WaitingFor::Concurrency);
    settle(first, JobState::Failed);
    const auto second_one = claim(5);
    ASSERT_EQ(ids_of(second_one), std::vector<JobId>{2});
    EXPECT_TRUE(claim(5).empty());
    settle(second_one[0], JobState::Succeeded);
    EXPECT_EQ(ids_of(claim(5)), std::vector<JobId>{3});
}

TEST_P(OverlapOf, WaitHoldsWhileTheEarlierOneRetries) {
    plan(7, {occurrence(7, 1, Overlap::Wait)});
    plan(7, {occurrence(7, 2, Overlap::Wait)});
    Settlement retry = end_of(claim(5).at(0), JobState::Queued);
    retry.job.available = kNow + 1h;
    Turn turn;
    turn.settlements.push_back(retry);
    store().turn(turn);
    EXPECT_TRUE(claim(5).empty());
    EXPECT_EQ(ids_of(claim(5, kNow + 1h)), std::vector<JobId>{1});
}

TEST_P(OverlapOf, AllowRunsSideBySide) {
    plan(7, {occurrence(7, 1, Overlap::Allow)});
    plan(7, {occurrence(7, 2, Overlap::Allow)});
    EXPECT_EQ(ids_of(claim(5)), (std::vector<JobId>{1, 2}));
}

TEST_P(OverlapOf, JobsOfOneCatchUpWaitForEachOtherAlsoUnderAllow) {
    plan(7, {occurrence(7, 1, Overlap::Allow)});
    EXPECT_EQ(plan(7, {occurrence(7, 2, Overlap::Allow), occurrence(7, 3, Overlap::Allow),
                       occurrence(7, 4, Overlap::Allow)})
                  .inserted,
              3);
    const auto together = claim(5);
    ASSERT_EQ(ids_of(together), (std::vector<JobId>{1, 2})) << "1 is of another plan";
    settle(together[1], JobState::Succeeded);
    const auto third = claim(5);
    ASSERT_EQ(ids_of(third), std::vector<JobId>{3}) << "though 1 still runs";
    settle(third[0], JobState::Succeeded);
    EXPECT_EQ(ids_of(claim(5)), std::vector<JobId>{4});
}

TEST_P(OverlapOf, JobsOfOneCatchUpDontSkipEachOther) {
    EXPECT_EQ(plan(7, {occurrence(7, 1, Overlap::Skip), occurrence(7, 2, Overlap::Skip)}).inserted,
              2);
    const auto first = claim(5);
    ASSERT_EQ(ids_of(first), std::vector<JobId>{1});
    settle(first[0], JobState::Succeeded);
    EXPECT_EQ(ids_of(claim(5)), std::vector<JobId>{2});
}

TEST_P(OverlapOf, AWholeCatchUpIsSkippedForAnEarlierJob) {
    plan(7, {occurrence(7, 1, Overlap::Skip)});
    EXPECT_EQ(plan(7, {occurrence(7, 2, Overlap::Skip), occurrence(7, 3, Overlap::Skip)}).skipped,
              2);
    EXPECT_EQ(find(2).missed, 2);
    EXPECT_EQ(find(2).last_scheduled, second(3));
}

TEST_P(OverlapOf, ReplaceEndsWhatWaitsAndAsksWhatRuns) {
    plan(7, {occurrence(7, 1, Overlap::Replace)});
    const Job running = claim(1).at(0);
    const auto asking = plan(7, {occurrence(7, 2, Overlap::Replace)}, kNow + 1s);
    EXPECT_EQ(asking.to_stop, std::vector<JobId>{1});
    EXPECT_EQ(find(1).asked, Reason::Stopped);
    const auto asks = store().asks(kOwner);
    ASSERT_EQ(asks.size(), 1U);
    EXPECT_EQ(asks[0].id, 1);
    EXPECT_EQ(asks[0].claim, running.claim);
    EXPECT_EQ(asks[0].what, Reason::Stopped);
    EXPECT_EQ(asks[0].by, "replace");
    EXPECT_EQ(words_of(store().events(1)),
              (std::vector<std::string>{"created", "claimed", "asked"}));

    const auto again = plan(7, {occurrence(7, 3, Overlap::Replace)}, kNow + 2s);
    EXPECT_TRUE(again.to_stop.empty()) << "it was asked already";
    const Job replaced = find(2);
    EXPECT_EQ(replaced.state, JobState::Skipped);
    EXPECT_EQ(replaced.reason, Reason::Overlap);
    EXPECT_EQ(replaced.finished, kNow + 2s);
    EXPECT_EQ(words_of(store().events(2)), (std::vector<std::string>{"created", "skipped"}));

    EXPECT_TRUE(claim(5).empty()) << "the old one's processes are not gone yet";
    settle(running, JobState::Stopped, Reason::Overlap);
    EXPECT_TRUE(store().asks(kOwner).empty());
    EXPECT_EQ(find(1).asked, Reason::None);
    EXPECT_EQ(ids_of(claim(5)), std::vector<JobId>{3});
}

class PlannedAhead : public StoreTest {};
INSTANTIATE_TEST_SUITE_P(Stores, PlannedAhead, ValuesIn(all_stores()), store_name);

Job ahead(std::int64_t at, Overlap overlap) {
    Job job = occurrence(7, at, overlap);
    job.available = kNow + 1s;
    return job;
}

TEST_P(PlannedAhead, IsNotSkippedForAJobThatEndsInTime) {
    plan(7, {occurrence(7, 1, Overlap::Skip)});
    const Job first = claim(1).at(0);
    EXPECT_EQ(plan(7, {ahead(2, Overlap::Skip)}).inserted, 1);
    EXPECT_TRUE(claim(5).empty());
    settle(first, JobState::Succeeded);
    EXPECT_EQ(ids_of(claim(5, kNow + 1s)), std::vector<JobId>{2});
}

TEST_P(PlannedAhead, IsSkippedAtItsInstantForAJobThatDoesNot) {
    plan(7, {occurrence(7, 1, Overlap::Skip)});
    claim(1);
    plan(7, {ahead(2, Overlap::Skip)});
    Turn turn;
    turn.claims = {{.owner = kOwner, .worker = kWorker, .now = kNow + 1s, .limit = 0}};
    EXPECT_EQ(store().turn(turn).skipped, 1) << "also without a free slot";
    const Job skipped = find(2);
    EXPECT_EQ(skipped.state, JobState::Skipped);
    EXPECT_EQ(skipped.reason, Reason::Overlap);
    EXPECT_EQ(skipped.finished, kNow + 1s);
    EXPECT_EQ(words_of(store().events(2)), (std::vector<std::string>{"created", "skipped"}));
}

TEST_P(PlannedAhead, IsClaimedEarlyWhereNothingHoldsIt) {
    plan(7, {ahead(2, Overlap::Skip)});
    Turn turn;
    turn.early = true;
    turn.claims = {{.owner = kOwner, .worker = kWorker, .now = kNow + 1s, .limit = 5}};
    EXPECT_EQ(ids_of(store().turn(turn).claimed), std::vector<JobId>{1});
    EXPECT_EQ(find(1).started, kNow + 1s) << "it begins at its instant";
}

TEST_P(PlannedAhead, StaysUndecidedWhereAnEarlierJobMayEndInTime) {
    std::int64_t entry = 7;
    for (const Overlap overlap : {Overlap::Skip, Overlap::Wait, Overlap::Replace}) {
        ++entry;
        plan(entry, {occurrence(entry, 1, overlap)});
        const Job first = claim(1).at(0);
        Job second = occurrence(entry, 2, overlap);
        second.available = kNow + 1s;
        plan(entry, {second});
        Turn turn;
        turn.early = true;
        turn.claims = {{.owner = kOwner, .worker = kWorker, .now = kNow + 1s, .limit = 5}};
        const TurnResult early = store().turn(turn);
        EXPECT_TRUE(early.claimed.empty());
        EXPECT_EQ(early.skipped, 0);
        EXPECT_TRUE(early.to_stop.empty());
        EXPECT_EQ(find(first.id).asked, Reason::None);
        settle(first, JobState::Succeeded);
        const std::vector<Job> next = claim(5, kNow + 1s);
        ASSERT_EQ(ids_of(next), std::vector<JobId>{first.id + 1});
        settle(next[0], JobState::Succeeded);
    }
}

TEST_P(PlannedAhead, CountsAllThatASkippedCatchUpStandsFor) {
    plan(7, {occurrence(7, 1, Overlap::Skip)});
    claim(1);
    Job job = standing_for(2, 6, Overlap::Skip);
    job.available = kNow + 1s;
    plan(7, {job});
    Turn turn;
    turn.claims = {{.owner = kOwner, .worker = kWorker, .now = kNow + 1s, .limit = 0}};
    EXPECT_EQ(store().turn(turn).skipped, 5);
    EXPECT_EQ(find(2).scheduled, second(2));
    EXPECT_EQ(find(2).last_scheduled, second(6));
    EXPECT_EQ(find(2).missed, 5);
}

TEST_P(PlannedAhead, CountsAReplacedJobAtItsInstant) {
    plan(7, {occurrence(7, 1, Overlap::Replace)});
    plan(7, {ahead(2, Overlap::Replace)});
    Turn turn;
    turn.claims = {{.owner = kOwner, .worker = kWorker, .now = kNow + 1s, .limit = 0}};
    EXPECT_EQ(store().turn(turn).skipped, 1);
    EXPECT_EQ(find(1).state, JobState::Skipped);
}

TEST_P(PlannedAhead, SharesTheJobOfTheSkipBefore) {
    plan(7, {occurrence(7, 1, Overlap::Skip)});
    claim(1);
    plan(7, {occurrence(7, 2, Overlap::Skip)});
    plan(7, {ahead(3, Overlap::Skip)});
    claim(1, kNow + 1s);
    EXPECT_EQ(store().find(3, kNow), std::nullopt);
    EXPECT_EQ(find(2).missed, 2);
    EXPECT_EQ(find(2).last_scheduled, second(3));
    EXPECT_EQ(plan(7, {occurrence(7, 3, Overlap::Skip)}).refused, 1);
    EXPECT_EQ(words_of(store().events(2)).back(), "refused");
}

TEST_P(PlannedAhead, WaitsAtItsInstant) {
    plan(7, {occurrence(7, 1, Overlap::Wait)});
    const Job first = claim(1).at(0);
    plan(7, {ahead(2, Overlap::Wait)});
    EXPECT_TRUE(claim(5, kNow + 1s).empty());
    settle(first, JobState::Succeeded);
    EXPECT_EQ(ids_of(claim(5, kNow + 1s)), std::vector<JobId>{2});
}

TEST_P(PlannedAhead, ReplacesAtItsInstantAndNotBefore) {
    plan(7, {occurrence(7, 1, Overlap::Replace)});
    const Job first = claim(1).at(0);
    EXPECT_TRUE(plan(7, {ahead(2, Overlap::Replace)}).to_stop.empty());
    Turn turn;
    turn.claims = {{.owner = kOwner, .worker = kWorker, .now = kNow + 1s, .limit = 5}};
    const TurnResult result = store().turn(turn);
    EXPECT_EQ(result.to_stop, std::vector<JobId>{1});
    EXPECT_TRUE(result.claimed.empty());
    settle(first, JobState::Stopped, Reason::Overlap);
    EXPECT_EQ(ids_of(claim(5, kNow + 1s)), std::vector<JobId>{2});
}

TEST_P(PlannedAhead, IsNotClaimedBesideAnEarlierOneByName) {
    plan(7, {occurrence(7, 1, Overlap::Skip)});
    claim(1);
    plan(7, {ahead(2, Overlap::Skip)});
    EXPECT_TRUE(claim_only(2).empty());
    EXPECT_EQ(state_of(2), JobState::Queued);
}

}  // namespace
}  // namespace periodic
