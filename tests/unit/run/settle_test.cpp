#include "run/settle.hpp"

#include <gtest/gtest.h>

namespace periodic {
namespace {

using namespace std::chrono_literals;

const Time kNow{std::chrono::milliseconds(1'800'000'000'000)};

AttemptEnd ended(AttemptResult result) {
    AttemptEnd end;
    end.result = result;
    end.finished = kNow;
    end.job.id = 7;
    end.job.claim = 3;
    end.job.state = JobState::Running;
    return end;
}

TEST(Settle, KeepsTheClaimThatTheResultCountsUnder) {
    const Settlement settlement = settle(ended(AttemptResult::Succeeded), nullptr, 0.5);
    EXPECT_EQ(settlement.job.id, 7);
    EXPECT_EQ(settlement.job.claim, 3);
    EXPECT_EQ(settlement.job.state, JobState::Succeeded);
    EXPECT_EQ(settlement.job.finished, kNow);
}

TEST(Settle, RetriesAFailureUntilItsAttemptsAreUsedUp) {
    Task task;
    task.retries = {.max = 2, .delay = 30s, .jitter = 0};
    AttemptEnd end = ended(AttemptResult::Failed);
    end.job.max_attempts = 3;

    Settlement settlement = settle(end, &task, 0.5);
    EXPECT_EQ(settlement.job.state, JobState::Queued);
    EXPECT_EQ(settlement.job.attempt, 2);
    EXPECT_EQ(settlement.job.available, kNow + 30s);
    EXPECT_EQ(settlement.job.finished, std::nullopt);
    EXPECT_EQ(settlement.job.first_failed, kNow);

    end.job = settlement.job;
    settlement = settle(end, &task, 0.5);
    EXPECT_EQ(settlement.job.attempt, 3);
    EXPECT_EQ(settlement.job.available, kNow + 60s);

    end.job = settlement.job;
    settlement = settle(end, &task, 0.5);
    EXPECT_EQ(settlement.job.state, JobState::Failed);
    EXPECT_EQ(settlement.job.attempt, 3);
}

TEST(Settle, NeverRetriesATaskThatCouldNotBeRead) {
    AttemptEnd end = ended(AttemptResult::Failed);
    end.reason = Reason::Invalid;
    end.job.max_attempts = 9;
    EXPECT_EQ(settle(end, nullptr, 0.5).job.state, JobState::Failed);
}

TEST(Settle, ReschedulesWithoutUsingAnAttempt) {
    Task task;
    AttemptEnd end = ended(AttemptResult::Rescheduled);
    Settlement settlement = settle(end, &task, 0.5);
    EXPECT_EQ(settlement.job.state, JobState::Queued);
    EXPECT_EQ(settlement.job.available, kNow + 300s);
    EXPECT_EQ(settlement.job.attempt, 1);
    end.reschedule_after = 5s;
    EXPECT_EQ(settle(end, &task, 0.5).job.available, kNow + 5s);
}

TEST(Settle, KeepsTheTimesOfFailureAfterALaterSuccess) {
    AttemptEnd end = ended(AttemptResult::Succeeded);
    end.job.first_failed = kNow - 2h;
    end.job.last_failed = kNow - 1h;
    const Settlement settlement = settle(end, nullptr, 0.5);
    EXPECT_EQ(settlement.job.first_failed, kNow - 2h);
    EXPECT_EQ(settlement.job.last_failed, kNow - 1h);
}

TEST(Settle, GoesOnToTheNextPhaseAtOnceAndToTheSameOneAfterAMinute) {
    AttemptEnd end = ended(AttemptResult::Succeeded);
    end.job.phase = "registered";
    end.job.attempt = 4;
    Settlement settlement = settle(end, nullptr, 0.5);
    EXPECT_EQ(settlement.job.phase, "registered");
    EXPECT_EQ(settlement.job.available, kNow + 60s);
    EXPECT_EQ(settlement.job.attempt, 1);

    end.next_phase = "sending";
    settlement = settle(end, nullptr, 0.5);
    EXPECT_EQ(settlement.job.phase, "sending");
    EXPECT_EQ(settlement.job.available, kNow);

    end.next_phase = "terminated";
    EXPECT_EQ(settle(end, nullptr, 0.5).job.state, JobState::Succeeded);
}

TEST(Settle, DiscardsAPhaseThatAFailedAttemptSet) {
    AttemptEnd end = ended(AttemptResult::Failed);
    end.job.phase = "registered";
    end.next_phase = "sending";
    EXPECT_EQ(settle(end, nullptr, 0.5).job.phase, "registered");
}

TEST(RetryDelay, GrowsAsTheTaskSaysUpToItsMaximum) {
    RetryPolicy policy{
        .delay = 10s, .backoff = Backoff::Exponential, .max_delay = 60s, .jitter = 0};
    EXPECT_EQ(retry_delay(policy, 1, 0), 10s);
    EXPECT_EQ(retry_delay(policy, 3, 0), 40s);
    EXPECT_EQ(retry_delay(policy, 4, 0), 60s);
    EXPECT_EQ(retry_delay(policy, 1000, 0), 60s);
    policy.backoff = Backoff::Linear;
    EXPECT_EQ(retry_delay(policy, 3, 0), 30s);
    policy.backoff = Backoff::Constant;
    EXPECT_EQ(retry_delay(policy, 5, 0), 10s);
}

TEST(RetryDelay, JittersEitherWay) {
    const RetryPolicy policy{.delay = 100s, .backoff = Backoff::Constant, .jitter = 0.1};
    EXPECT_EQ(retry_delay(policy, 1, 0), 90s);
    EXPECT_EQ(retry_delay(policy, 1, 0.5), 100s);
    EXPECT_EQ(retry_delay(policy, 1, 1), 110s);
}

TEST(SettleLost, FailsUnlessTheTaskIsSafeToRunTwice) {
    Job job;
    job.state = JobState::Running;
    EXPECT_EQ(settle_lost(job, kNow, "x").job.state, JobState::Failed);
    EXPECT_EQ(settle_lost(job, kNow, "x").job.reason, Reason::Lost);

    job.on_lost = OnLost::Retry;
    Settlement settlement = settle_lost(job, kNow, "x");
    EXPECT_EQ(settlement.job.state, JobState::Queued);
    EXPECT_EQ(settlement.job.available, kNow);
    EXPECT_EQ(settlement.job.attempt, 1);
    EXPECT_EQ(settlement.job.crashes, 1);

    job.crashes = 2;
    settlement = settle_lost(job, kNow, "x");
    EXPECT_EQ(settlement.job.state, JobState::Failed);
    EXPECT_EQ(settlement.job.crashes, 3);
}

TEST(SettleLost, StopsWhatWasAskedToStop) {
    Job job;
    job.on_lost = OnLost::Retry;
    job.asked = Reason::Killed;
    const Settlement settlement = settle_lost(job, kNow, "x");
    EXPECT_EQ(settlement.job.state, JobState::Stopped);
    EXPECT_EQ(settlement.job.reason, Reason::Killed);
}

TEST(SettleStop, LeavesAPersonsStopFinal) {
    AttemptEnd end = ended(AttemptResult::Stopped);
    end.reason = Reason::Stopped;
    end.by = "anna";
    end.job.on_lost = OnLost::Retry;
    const Settlement settlement = settle(end, nullptr, 0.5);
    EXPECT_EQ(settlement.job.state, JobState::Stopped);
    EXPECT_EQ(settlement.event.by, "anna");
}

TEST(SettleStop, SaysOverlapWhereTheNextOccurrenceReplacesIt) {
    AttemptEnd end = ended(AttemptResult::Stopped);
    end.reason = Reason::Stopped;
    end.by = kReplacer;
    const Settlement settlement = settle(end, nullptr, 0.5);
    EXPECT_EQ(settlement.job.state, JobState::Stopped);
    EXPECT_EQ(settlement.job.reason, Reason::Overlap);
    end.reason = Reason::Killed;
    EXPECT_EQ(settle(end, nullptr, 0.5).job.reason, Reason::Killed);
}

TEST(SettleStop, GivesBackWhatHadBegunNothingWhenItsExecutorEnds) {
    AttemptEnd end = ended(AttemptResult::Stopped);
    end.shutdown = true;
    end.job.available = kNow - 5s;
    end.job.attempt = 2;
    const Settlement settlement = settle(end, nullptr, 0.5);
    EXPECT_EQ(settlement.job.state, JobState::Queued);
    EXPECT_EQ(settlement.job.available, kNow - 5s);
    EXPECT_EQ(settlement.job.attempt, 2);
}

TEST(SettleStop, TriesAgainAfterAShutdownOnlyWhatMayRunTwice) {
    AttemptEnd end = ended(AttemptResult::Stopped);
    end.shutdown = true;
    end.begun = true;
    EXPECT_EQ(settle(end, nullptr, 0.5).job.state, JobState::Stopped);
    end.job.on_lost = OnLost::Retry;
    EXPECT_EQ(settle(end, nullptr, 0.5).job.state, JobState::Queued);
}

}  // namespace
}  // namespace periodic
