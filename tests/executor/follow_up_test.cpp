// Tasks that queue others when they have ended, and tasks that wait for others.

#include <gmock/gmock.h>

#include "executor_fixture.hpp"

namespace periodic::testing {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class FollowUpTest : public ExecutorTest {
protected:
    FollowUpTest() {
        home_.task("praise",
                   "<parameters><parameter name=\"n\" type=\"integer\"/></parameters>"
                   "<command type=\"log\">well done</command>");
        home_.task("repair", "<command type=\"log\">repaired</command>");
    }

    void task_with_both(const std::string& name, const std::string& config,
                        const std::string& commands) {
        home_.task(name, "<config>" + config +
                             "<onSuccess task=\"praise\"><parameter name=\"n\">3</parameter>"
                             "</onSuccess><onFailure task=\"repair\"/></config>" +
                             commands);
    }

    std::vector<Job> jobs_of(const std::string& task) {
        JobFilter filter;
        filter.task = task;
        return store()->page(filter, Time());
    }
};

TEST_F(FollowUpTest, QueuesAnotherTaskAfterASuccess) {
    task_with_both("work", "", "<command type=\"log\">x</command>");
    auto made = executor();
    const JobId id = made.jobs().add("work").value();
    EXPECT_EQ(made.run()->succeeded, 2);
    ASSERT_EQ(jobs_of("praise").size(), 1U);
    const Job child = jobs_of("praise").front();
    EXPECT_EQ(child.parent, id);
    EXPECT_EQ(child.state, JobState::Succeeded);
    EXPECT_EQ(child.parameters.at("n"), Value("3", Value::Kind::Integer));
    EXPECT_THAT(jobs_of("repair"), IsEmpty());
}

TEST_F(FollowUpTest, QueuesAnotherTaskOnceItHasFailedForGood) {
    task_with_both("work", "<retries max=\"1\" delay=\"0\" jitter=\"0\"/>",
                   "<command type=\"fail\">no</command>");
    auto made = executor();
    ASSERT_TRUE(made.jobs().add("work").has_value());
    const auto report = made.run().value();
    EXPECT_EQ(report.retried, 1);
    EXPECT_EQ(report.failed, 1);
    EXPECT_EQ(jobs_of("repair").size(), 1U) << "once, not after each attempt";
    EXPECT_THAT(jobs_of("praise"), IsEmpty());
}

TEST_F(FollowUpTest, QueuesNothingAfterAnAbortAStopOrARetry) {
    task_with_both("gives-up", "", "<command type=\"abort\">no</command>");
    task_with_both("again", "", "<command type=\"reschedule\" after=\"1h\"/>");
    task_with_both("stopped", "", "<command type=\"log\">x</command>");
    auto made = executor();
    for (const char* name : {"gives-up", "again", "stopped"})
        ASSERT_TRUE(made.jobs().add(name).has_value());
    ASSERT_TRUE(made.jobs().stop(3).has_value());
    EXPECT_EQ(made.run()->ran, 2);
    EXPECT_EQ(made.jobs().count({}), 3);
}

TEST_F(FollowUpTest, FollowsOnlyTheLastPhase) {
    home_.task("work",
               "<config><onSuccess task=\"repair\"/></config>"
               "<phase name=\"registered\"><command type=\"log\">x</command>"
               "<next phase=\"two\"/></phase><phase name=\"two\"><command type=\"log\">y"
               "</command><next phase=\"terminated\"/></phase>");
    auto made = executor();
    ASSERT_TRUE(made.jobs().add("work").has_value());
    EXPECT_EQ(made.run()->phased, 1);
    EXPECT_EQ(jobs_of("repair").size(), 1U);
}

TEST_F(FollowUpTest, SaysWhatItCouldNotQueue) {
    home_.task("work",
               "<config><onSuccess task=\"praise\"><parameter name=\"n\">many</parameter>"
               "</onSuccess><onSuccess task=\"gone\"/><onSuccess task=\"repair\"/></config>"
               "<command type=\"log\">x</command>");
    auto made = executor();
    const JobId id = made.jobs().add("work").value();
    EXPECT_EQ(made.run()->succeeded, 2);
    EXPECT_EQ(jobs_of("repair").size(), 1U) << "the others follow all the same";
    EXPECT_THAT(log_of(id), HasSubstr("follow-up praise was not queued"));
    EXPECT_THAT(log_of(id), HasSubstr("follow-up gone was not queued"));
    EXPECT_EQ(std::ranges::count(events_of(id), "follow-up refused"), 2);
    EXPECT_EQ(made.jobs().find(id)->state, JobState::Succeeded);
}

TEST_F(FollowUpTest, FollowsTheEndOfAJobWhoseExecutorDied) {
    task_with_both("work", "", "<command type=\"log\">x</command>");
    auto made = executor();
    const JobId id = made.jobs().add("work").value();
    Turn turn;
    turn.claim = ClaimRequest{
        .owner = 4711, .worker = 1, .now = store()->find(id, Time())->created, .limit = 1};
    ASSERT_EQ(store()->turn(turn).claimed.size(), 1U);
    EXPECT_EQ(made.run()->lost, 1);
    EXPECT_EQ(made.jobs().find(id)->reason, Reason::Lost);
    ASSERT_EQ(jobs_of("repair").size(), 1U);
    EXPECT_EQ(jobs_of("repair").front().parent, id);
}

}  // namespace
}  // namespace periodic::testing
