// Who is told of what, with a clock that the test steps.

#include "notify/notification_desk.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace periodic {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

const Time kStart{std::chrono::sys_days{std::chrono::year{2026} / 1 / 1}};

Job job_of(const std::string& task, JobState state, Reason reason = Reason::Exit) {
    Job job;
    job.id = 7;
    job.task = task;
    job.topic = "default";
    job.state = state;
    job.reason = reason;
    job.error = "exit code 3";
    return job;
}

Job failed(const std::string& task, Reason reason = Reason::Exit) {
    return job_of(task, JobState::Failed, reason);
}

Job succeeded(const std::string& task) {
    return job_of(task, JobState::Succeeded, Reason::None);
}

NotifyOptions on(std::vector<std::string> events) {
    NotifyOptions rule;
    rule.on = std::move(events);
    return rule;
}

// "rule event task count" of each order.
std::vector<std::string> shown(const std::vector<NotifyOrder>& orders) {
    std::vector<std::string> all;
    for (const auto& [rule, told] : orders) {
        all.push_back(std::to_string(rule) + ' ' + told.event + ' ' + told.task + ' ' +
                      std::to_string(told.count));
    }
    return all;
}

TEST(NotificationDesk, TellsTheRulesThatAreAboutIt) {
    NotifyOptions mail = on({"failed"});
    mail.task = "mail*";
    NotifyOptions group = on({"failed"});
    group.group = "g";
    NotifyOptions topic = on({"failed"});
    topic.topic = "def*";
    NotificationDesk desk({on({"failed"}), on({"backlog"}), mail, group, topic});
    EXPECT_THAT(shown(desk.settled(failed("backup"), kStart)),
                ElementsAre("0 failed backup 1", "4 failed backup 1"));
    EXPECT_THAT(shown(desk.settled(failed("mailing"), kStart)),
                ElementsAre("0 failed mailing 1", "2 failed mailing 1", "4 failed mailing 1"));
    EXPECT_THAT(desk.settled(job_of("backup", JobState::Skipped), kStart), IsEmpty());
    EXPECT_THAT(desk.settled(job_of("backup", JobState::Queued), kStart), IsEmpty());
    EXPECT_TRUE(desk.listens("backlog"));
    EXPECT_FALSE(desk.listens("stuck"));
}

TEST(NotificationDesk, CallsAFailureByItsNarrowestWord) {
    NotificationDesk desk({on({"failed"}), on({"failed", "lost"}), on({"timeout"})});
    EXPECT_THAT(shown(desk.settled(failed("a", Reason::Lost), kStart)),
                ElementsAre("0 failed a 1", "1 lost a 1"));
    EXPECT_THAT(shown(desk.settled(failed("a", Reason::Timeout), kStart)),
                ElementsAre("0 failed a 1", "1 failed a 1", "2 timeout a 1"));
}

TEST(NotificationDesk, WaitsForARowThatASuccessBreaks) {
    NotifyOptions rule = on({"failed"});
    rule.after = 3;
    NotificationDesk desk({rule});
    EXPECT_THAT(desk.settled(failed("a"), kStart), IsEmpty());
    EXPECT_THAT(desk.settled(failed("a"), kStart), IsEmpty());
    EXPECT_THAT(desk.settled(failed("b"), kStart), IsEmpty());
    EXPECT_THAT(desk.settled(succeeded("a"), kStart), IsEmpty());
    EXPECT_THAT(desk.settled(failed("a"), kStart), IsEmpty());
    EXPECT_THAT(desk.settled(failed("a"), kStart), IsEmpty());
    const auto orders = desk.settled(failed("a"), kStart);
    ASSERT_EQ(orders.size(), 1U);
    EXPECT_EQ(orders[0].notification.message, "exit code 3, 3 times in a row");
    EXPECT_THAT(shown(desk.settled(failed("a"), kStart)), ElementsAre("0 failed a 1"));
}

TEST(NotificationDesk, TellsTheSameThingOnceInAnIntervalAndCountsTheRest) {
    NotifyOptions rule = on({"failed"});
    rule.every = 15min;
    NotificationDesk desk({rule});
    EXPECT_THAT(shown(desk.settled(failed("a"), kStart)), ElementsAre("0 failed a 1"));
    EXPECT_THAT(desk.settled(failed("a"), kStart + 1min), IsEmpty());
    EXPECT_THAT(desk.settled(failed("a"), kStart + 2min), IsEmpty());
    EXPECT_THAT(shown(desk.settled(failed("b"), kStart + 2min)), ElementsAre("0 failed b 1"));
    EXPECT_EQ(desk.next_due(), kStart + 15min);
    EXPECT_THAT(desk.due(kStart + 14min), IsEmpty());
    EXPECT_THAT(shown(desk.due(kStart + 15min)), ElementsAre("0 failed a 2"));
    EXPECT_EQ(desk.next_due(), std::nullopt);
    EXPECT_THAT(desk.due(kStart + 16min), IsEmpty());
    EXPECT_THAT(desk.settled(failed("a"), kStart + 20min), IsEmpty());
    EXPECT_THAT(shown(desk.settled(failed("a"), kStart + 30min)), ElementsAre("0 failed a 2"));
}

TEST(NotificationDesk, TellsOnceAgainWhenTheClockWentBack) {
    NotifyOptions rule = on({"failed"});
    rule.every = 15min;
    NotificationDesk desk({rule});
    (void)desk.settled(failed("a"), kStart);
    EXPECT_THAT(shown(desk.settled(failed("a"), kStart - 24h)), ElementsAre("0 failed a 1"));
}

TEST(NotificationDesk, TellsOfARecoveryOnlyAfterAFailureThatWasTold) {
    NotifyOptions both = on({"failed", "recovered"});
    both.after = 2;
    NotificationDesk desk({both, on({"recovered"})});
    EXPECT_THAT(desk.settled(succeeded("a"), kStart), IsEmpty());
    (void)desk.settled(failed("a"), kStart);
    EXPECT_THAT(desk.settled(succeeded("a"), kStart), IsEmpty());
    (void)desk.settled(failed("a"), kStart);
    (void)desk.settled(failed("a"), kStart);
    EXPECT_THAT(shown(desk.settled(succeeded("a"), kStart)),
                ElementsAre("0 recovered a 1", "1 recovered a 1"));
    EXPECT_THAT(desk.settled(succeeded("a"), kStart), IsEmpty());
}

TEST(NotificationDesk, TellsOfABacklogAgainOnlyWhenItHasDoubled) {
    NotificationDesk desk({on({"backlog"})});
    EXPECT_THAT(desk.waiting("mail", 100, 100, kStart), IsEmpty());
    const auto first = desk.waiting("mail", 101, 100, kStart);
    ASSERT_EQ(first.size(), 1U);
    EXPECT_EQ(first[0].notification.message, "101 jobs wait in the topic mail");
    EXPECT_EQ(first[0].notification.count, 101);
    EXPECT_THAT(desk.waiting("mail", 201, 100, kStart), IsEmpty());
    EXPECT_EQ(desk.waiting("other", 150, 100, kStart).size(), 1U);
    EXPECT_EQ(desk.waiting("mail", 202, 100, kStart).size(), 1U);
    EXPECT_THAT(desk.waiting("mail", 403, 100, kStart), IsEmpty());
    EXPECT_THAT(desk.waiting("mail", 100, 100, kStart), IsEmpty());
    EXPECT_EQ(desk.waiting("mail", 101, 100, kStart).size(), 1U);
}

TEST(NotificationDesk, PutsTheRulesPrefixBeforeAnything) {
    NotifyOptions rule = on({"crash-loop"});
    rule.prefix = "web1:";
    NotificationDesk desk({rule});
    const auto orders =
        desk.happened({.event = "crash-loop", .message = "workers end at once", .time = kStart});
    ASSERT_EQ(orders.size(), 1U);
    EXPECT_EQ(to_string(orders[0].notification), "web1: crash-loop: workers end at once");
}

TEST(NotificationDesk, GoesOnWithWhatItRemembers) {
    NotifyOptions rule = on({"failed", "recovered"});
    rule.every = 15min;
    NotifyOptions row = on({"failed"});
    row.after = 2;
    const std::vector<NotifyOptions> rules{rule, row, on({"backlog"})};
    NotificationDesk before(rules);
    (void)before.settled(failed("a"), kStart);
    (void)before.waiting("mail", 200, 100, kStart);
    NotificationDesk between(rules);
    between.restore(before.memory());
    EXPECT_THAT(shown(between.settled(failed("a"), kStart + 1min)), ElementsAre("1 failed a 1"));
    EXPECT_THAT(between.waiting("mail", 300, 100, kStart), IsEmpty());
    NotificationDesk after(rules);
    after.restore(between.memory());
    EXPECT_EQ(after.memory(), between.memory());
    EXPECT_EQ(after.next_due(), kStart + 15min);
    const auto held = after.due(kStart + 15min);
    ASSERT_EQ(held.size(), 1U);
    EXPECT_EQ(held[0].notification.message, "exit code 3");
    EXPECT_EQ(held[0].notification.job, 7);
    EXPECT_THAT(shown(after.settled(succeeded("a"), kStart + 40min)),
                ElementsAre("0 recovered a 1"));
}

TEST(NotificationDesk, ForgetsWhatIsOfOtherRulesOrBroken) {
    NotificationDesk before({on({"failed", "recovered"})});
    (void)before.settled(failed("a"), kStart);
    const std::string memory = before.memory();
    NotificationDesk other({on({"recovered"})});
    other.restore(memory);
    EXPECT_THAT(other.settled(succeeded("a"), kStart), IsEmpty());
    for (std::size_t cut = 0; cut < memory.size(); ++cut) {
        NotificationDesk desk({on({"failed", "recovered"})});
        desk.restore(memory.substr(0, cut) + "x");
        EXPECT_THAT(desk.settled(succeeded("a"), kStart), IsEmpty()) << cut;
    }
    for (const char* text : {"[]", "{}", "{\"rules\":3}", ""}) other.restore(text);
}

TEST(NotificationDesk, ARuleThatStaysKnowsWhatItToldWhereOthersCome) {
    const NotifyOptions kept = on({"failed", "recovered"});
    NotifyOptions other = on({"failed", "recovered"});
    other.prefix = "other";
    NotificationDesk desk({other, kept});
    EXPECT_EQ(desk.settled(failed("backup"), kStart).size(), 2U);
    NotifyOptions fresh = on({"recovered", "failed"});
    fresh.prefix = "fresh";
    desk.adopt({kept, fresh});
    const auto orders = desk.settled(succeeded("backup"), kStart + 1min);
    ASSERT_EQ(orders.size(), 1U);
    EXPECT_EQ(orders[0].rule, 0U);
    EXPECT_EQ(orders[0].notification.event, "recovered");
}

}  // namespace
}  // namespace periodic
