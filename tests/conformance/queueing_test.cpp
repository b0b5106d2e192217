// What comes into the queue again or after another job, and what is taken out of its order.

#include "conformance/change_fixture.hpp"

namespace periodic {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::ValuesIn;

class Retry : public ChangeTest {};
INSTANTIATE_TEST_SUITE_P(Stores, Retry, ValuesIn(all_stores()), store_name);

TEST_P(Retry, BeginsAgain) {
    Job job = job_of("t");
    job.max_attempts = 3;
    const JobId id = add(job);
    Settlement end = end_of(claim(1).at(0), JobState::Failed, Reason::Lost);
    end.job.attempt = 3;
    end.job.crashes = 2;
    end.job.first_failed = kNow;
    Turn turn;
    turn.settlements.push_back(end);
    store().turn(turn);

    change(JobAction::Retry, id);
    const Job retried = find(id, kLater);
    EXPECT_EQ(retried.state, JobState::Queued);
    EXPECT_EQ(retried.attempt, 1);
    EXPECT_EQ(retried.crashes, 0);
    EXPECT_EQ(retried.claim, 1) << "the fence is never given back";
    EXPECT_EQ(retried.reason, Reason::None);
    EXPECT_EQ(retried.available, kLater);
    EXPECT_EQ(retried.finished, std::nullopt);
    EXPECT_EQ(retried.owner, 0);
    EXPECT_EQ(retried.asked, Reason::None);
    EXPECT_EQ(retried.first_failed, kNow) << "a failure stays on record";
    EXPECT_EQ(store().attempts(id).size(), 1U);
    EXPECT_EQ(claim(1, kLater).at(0).claim, 2);
}

TEST_P(Retry, TakesWhatChangesWithIt) {
    const JobId id = job_in(JobState::Failed);
    change(JobAction::Retry, id,
           {.priority = 5, .available = kNow + 1h, .parameters = {{"n", "2"}}});
    const Job retried = find(id);
    EXPECT_EQ(retried.available, kNow + 1h);
    EXPECT_EQ(retried.priority, 5);
    EXPECT_EQ(retried.parameters, (Values{{"n", "2"}}));
    EXPECT_EQ(last_event(id).detail, "priority 0 -> 5, parameter n none -> \"2\"");
}

TEST_P(Retry, OfATerminatedJobBeginsInTheFirstPhase) {
    Job job = job_of("t");
    job.phase = "sending";
    EXPECT_EQ((change(JobAction::Retry, job_in(JobState::Failed, job)), find(1).phase), "sending");
    job.phase = "terminated";
    change(JobAction::Retry, job_in(JobState::Succeeded, job));
    EXPECT_EQ(find(2).phase, "registered");
    change(JobAction::Retry, job_in(JobState::Succeeded, job), {.phase = "sending"});
    EXPECT_EQ(find(3).phase, "sending");
}

TEST_P(Retry, IsRefusedWhileAnotherHasTheKey) {
    Job job = job_of("t");
    job.key = "nightly";
    const JobId first = job_in(JobState::Failed, job);
    const JobId second = add(job);
    const Job before = find(first);
    const JobChanged refused = change(JobAction::Retry, first);
    EXPECT_FALSE(refused.changed);
    EXPECT_THAT(refused.message, HasSubstr("\"nightly\" is that of job " + std::to_string(second)));
    EXPECT_EQ(find(first), before);

    change(JobAction::Stop, second);
    EXPECT_TRUE(change(JobAction::Retry, first).changed);
    EXPECT_FALSE(change(JobAction::Retry, second).changed) << "now the first has it";
    EXPECT_EQ(store().add(job, "bob").id, first);
}

TEST_P(Retry, IsOfOneOfTwoThatHaveTheSameKey) {
    Job job = job_of("t");
    job.key = "nightly";
    const JobId first = job_in(JobState::Failed, job);
    const JobId second = job_in(JobState::Failed, job);
    const auto changed = store().change(
        {{first, JobAction::Retry, {}, "ada"}, {second, JobAction::Retry, {}, "ada"}}, kLater);
    EXPECT_TRUE(changed[0].changed);
    EXPECT_FALSE(changed[1].changed);
}

TEST_P(Retry, OfAnOccurrenceWaitsForNoOther) {
    plan(5, {occurrence(5, 1, Overlap::Wait)});
    const Job first = claim(1).at(0);
    plan(5, {occurrence(5, 2, Overlap::Wait)});
    settle(first, JobState::Failed);
    const Job second = claim(1).at(0);
    plan(5, {occurrence(5, 3, Overlap::Wait)});
    settle(second, JobState::Failed);
    const auto third = claim(1);
    ASSERT_EQ(third.size(), 1U);

    // The second came after the first, and waited for it: now it waits for nobody.
    change(JobAction::Retry, first.id);
    change(JobAction::Retry, second.id);
    EXPECT_EQ(find(second.id, kLater).waiting_for, WaitingFor::Slot);
    EXPECT_EQ(ids_of(claim(5, kLater)), (std::vector{first.id, second.id}));
    // A new one waits for all of them.
    plan(5, {occurrence(5, 4, Overlap::Wait)}, kLater);
    EXPECT_THAT(claim(5, kLater), IsEmpty());
    for (const Job& job : store().running_of(kOwner)) settle(job, JobState::Succeeded);
    EXPECT_EQ(claim(5, kLater).size(), 1U);
}

TEST_P(Retry, OfASkipStandsForItselfAndTheOthers) {
    Job skipped = occurrence(5, 1, Overlap::Skip);
    skipped.state = JobState::Skipped;
    skipped.reason = Reason::Missed;
    skipped.missed = 4;
    plan(5, {skipped});
    EXPECT_EQ(find(1).missed, 4);
    change(JobAction::Retry, 1);
    EXPECT_EQ(find(1).missed, 3) << "besides its own";
}

class FollowUps : public ChangeTest {};
INSTANTIATE_TEST_SUITE_P(Stores, FollowUps, ValuesIn(all_stores()), store_name);

TEST_P(FollowUps, AreAddedWithTheEnd) {
    const JobId id = add(job_of("t"));
    Settlement end = end_of(claim(1).at(0), JobState::Succeeded);
    Job next = job_of("next");
    next.parent = id;
    end.follow_ups = {next, next};
    Turn turn;
    turn.settlements = {end};
    store().turn(turn);
    EXPECT_EQ(store().count({.task = "next", .states = {JobState::Queued}}), 2);
    EXPECT_EQ(find(2).parent, id);
    EXPECT_EQ(store().events(2).at(0).by, "executor 1 pid 4242");
}

TEST_P(FollowUps, OfALateEndAreNotAdded) {
    add(job_of("t"));
    Settlement end = end_of(claim(1).at(0), JobState::Succeeded);
    end.follow_ups = {job_of("next")};
    Turn turn;
    turn.settlements = {end, end};
    EXPECT_EQ(store().turn(turn).late.size(), 1U);
    EXPECT_EQ(store().count({.task = "next"}), 1);
}

TEST_P(FollowUps, ThatCantBeginUndoTheEnd) {
    const JobId id = add(job_of("t"));
    Settlement end = end_of(claim(1).at(0), JobState::Succeeded);
    Job running = job_of("next");
    running.state = JobState::Running;
    end.follow_ups = {job_of("next"), running};
    Turn turn;
    turn.settlements = {end};
    EXPECT_THROW(store().turn(turn), std::invalid_argument);
    EXPECT_EQ(state_of(id), JobState::Running);
    EXPECT_EQ(store().count({.task = "next"}), 0);
}

TEST_P(FollowUps, OfAJobThatDeletedItselfAreAdded) {
    add(job_of("t"));
    Settlement end = end_of(claim(1).at(0), JobState::Succeeded);
    end.delete_job = true;
    end.follow_ups = {job_of("next")};
    Turn turn;
    turn.settlements = {end};
    store().turn(turn);
    EXPECT_EQ(store().count({}), 1);
}

TEST_P(FollowUps, WithAKeyThatIsTakenAreThatJob) {
    Job keyed = job_of("next");
    keyed.key = "k";
    keyed.available = kNow + 1h;
    const JobId there = add(keyed);
    add(job_of("t"));
    Settlement end = end_of(claim(1).at(0), JobState::Succeeded);
    end.follow_ups = {keyed};
    Turn turn;
    turn.settlements = {end};
    store().turn(turn);
    EXPECT_EQ(store().count({.task = "next"}), 1);
    EXPECT_EQ(last_event(there).event, "refused");
}

class Among : public ChangeTest {};
INSTANTIATE_TEST_SUITE_P(Stores, Among, ValuesIn(all_stores()), store_name);

TEST_P(Among, TheseAreClaimedInTheQueuesOrder) {
    Job job = job_of("t");
    for (int i = 0; i < 5; ++i) add(job);
    job.priority = 1;
    const JobId urgent = add(job);
    Turn turn;
    turn.claims = {{.owner = kOwner,
                    .worker = kWorker,
                    .now = kNow,
                    .limit = 2,
                    .among = {4, urgent, 2, 4, 99}}};
    EXPECT_EQ(ids_of(store().turn(turn).claimed), (std::vector<JobId>{urgent, 2}));
    EXPECT_EQ(ids_of(store().turn(turn).claimed), (std::vector<JobId>{4}));
    EXPECT_THAT(store().turn(turn).claimed, IsEmpty());
}

TEST_P(Among, WhatBlocksAJobBlocksItHereToo) {
    Job job = job_of("t");
    job.group = "g";
    add(job);
    add(job);
    Job later = job_of("t");
    later.available = kNow + 1h;
    add(later);
    Job elsewhere = job_of("t");
    elsewhere.topic = "mail";
    add(elsewhere);
    Turn turn;
    turn.claims = {{.owner = kOwner,
                    .worker = kWorker,
                    .now = kNow,
                    .limit = 9,
                    .topics = {"default"},
                    .among = {1, 2, 3, 4}}};
    EXPECT_EQ(ids_of(store().turn(turn).claimed), (std::vector<JobId>{1}));
}

class ClockSetBack : public StoreTest {
protected:
    static constexpr std::chrono::hours kYear{24 * 365};

    // As JobStore::set_clock_back is called: the clock is at kNow again.
    std::int64_t set_back() { return store().set_clock_back(kNow, kNow + 3h, "executor"); }

    // A job that waits for half an hour, from an instant on.
    JobId retried_at(Time at) {
        Job job = job_of("t");
        job.created = at;
        const JobId id = add(job);
        Settlement retry = end_of(claim_only(id, at).at(0), JobState::Queued, Reason::None, at);
        retry.job.available = at + 30min;
        Turn turn;
        turn.settlements.push_back(retry);
        store().turn(turn);
        return id;
    }
};
INSTANTIATE_TEST_SUITE_P(Stores, ClockSetBack, ValuesIn(all_stores()), store_name);

TEST_P(ClockSetBack, ARetryWaitsAsLongAsItWasTo) {
    const JobId id = retried_at(kNow + kYear);
    EXPECT_EQ(set_back(), 1);
    EXPECT_EQ(find(id).available, kNow + 30min);
    EXPECT_EQ(store().events(id).back(),
              (JobEvent{kNow, "clock", "executor", "the clock was set back: available in 30m"}));
    EXPECT_EQ(set_back(), 0) << "once";
}

TEST_P(ClockSetBack, AJobThatWasAvailableAtOnceIsAgain) {
    Job job = job_of("t");
    job.created = kNow + kYear;
    job.available = kNow + kYear - 1min;
    const JobId id = add(job);
    EXPECT_EQ(set_back(), 1);
    EXPECT_EQ(ids_of(claim(5)), std::vector<JobId>{id});
}

TEST_P(ClockSetBack, LeavesAloneWhatThatClockDidNotSay) {
    Job later = job_of("t");
    later.available = kNow + kYear;
    const JobId wanted_later = add(later);
    const JobId soon = retried_at(kNow);
    EXPECT_EQ(set_back(), 0);
    EXPECT_EQ(find(wanted_later).available, kNow + kYear);
    EXPECT_EQ(find(soon).available, kNow + 30min);
}

TEST_P(ClockSetBack, LeavesAloneWhatAPersonHasSetSince) {
    const JobId id = retried_at(kNow + kYear);
    JobChange change{.id = id, .action = JobAction::Edit, .by = "ann"};
    change.edit.available = kNow + 24h;
    ASSERT_TRUE(store().change({change}, kNow).at(0).changed);
    EXPECT_EQ(set_back(), 0);
    EXPECT_EQ(find(id).available, kNow + 24h);
}

}  // namespace
}  // namespace periodic
