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
    turn.claims = {
        {.owner = 4711, .worker = 1, .now = store()->find(id, Time())->created, .limit = 1}};
    ASSERT_EQ(store()->turn(turn).claimed.size(), 1U);
    EXPECT_EQ(made.run()->lost, 1);
    EXPECT_EQ(made.jobs().find(id)->reason, Reason::Lost);
    ASSERT_EQ(jobs_of("repair").size(), 1U);
    EXPECT_EQ(jobs_of("repair").front().parent, id);
}

// A task that waits for another one, which is queued as its elements say.
std::string waits_for(const std::string& task, const std::string& more = {}) {
    return "<command type=\"task\"><name>" + task + "</name>" + more +
           "<wait>true</wait></command>";
}

TEST_F(FollowUpTest, WaitsForAJobWithASingleSlot) {
    home_.task("parent", waits_for("child") + "<command type=\"log\">after</command>");
    home_.task("child", waits_for("grandchild"));
    home_.task("grandchild", "<command type=\"log\">x</command>");
    auto made = executor(1);
    const JobId id = made.jobs().add("parent").value();
    EXPECT_EQ(made.run()->succeeded, 3);
    EXPECT_THAT(log_of(id), HasSubstr("after"));
    EXPECT_EQ(jobs_of("child").front().parent, id);
}

TEST_F(FollowUpTest, RunsWhatIsWaitedForWhenItsBudgetIsOver) {
    home_.task("parent", waits_for("child"));
    home_.task("child", "<command type=\"log\">x</command>");
    auto made = executor(1);
    const JobId alone = made.jobs().add("parent").value();
    EXPECT_EQ(made.run_job(alone)->succeeded, 2);
    const JobId id = made.jobs().add("parent").value();
    ASSERT_TRUE(made.jobs().add("repair").has_value());
    RunOptions options;
    options.max_jobs = 1;
    const auto report = made.run(options).value();
    EXPECT_EQ(report.succeeded, 2);
    EXPECT_EQ(report.left, 1);
    EXPECT_EQ(made.jobs().find(id)->state, JobState::Succeeded);
}

TEST_F(FollowUpTest, FailsWithTheJobThatItWaitsFor) {
    home_.task("parent", waits_for("child"));
    home_.task("child", "<command type=\"fail\">no</command>");
    auto made = executor();
    const JobId id = made.jobs().add("parent").value();
    EXPECT_EQ(made.run()->failed, 2);
    EXPECT_THAT(made.jobs().find(id)->message, HasSubstr("failed"));
}

struct DeadlockCase {
    const char* reason;
    const char* parent_group;
    const char* middle;  // what stands below <config> of the middle task
    const char* child_group;
};

class DeadlockTest : public FollowUpTest, public ::testing::WithParamInterface<DeadlockCase> {};

// The parent waits for the middle, which waits for a task that could never start.
TEST_P(DeadlockTest, IsRefused) {
    const auto group = [](const char* name) {
        return *name == 0 ? std::string() : "<group>" + std::string(name) + "</group>";
    };
    home_.task("parent", waits_for("middle", group("inner")));
    home_.task("middle",
               std::string("<config>") + GetParam().middle + "</config>" +
                   waits_for(GetParam().reason == std::string("its own task") ? "middle" : "child",
                             group(GetParam().child_group)));
    home_.task("child", "<command type=\"log\">x</command>");
    auto made = executor(4);
    JobOptions options;
    options.group = GetParam().parent_group;
    ASSERT_TRUE(made.jobs().add("parent", {}, options).has_value());
    RunOptions two;
    two.max_jobs = 2;
    EXPECT_GE(made.run(two)->failed, 1);
    // Whoever begins to wait last is refused.
    const std::string said = jobs_of("parent").back().message + jobs_of("middle").back().message;
    EXPECT_THAT(said, HasSubstr("would wait for ever")) << GetParam().reason;
}

INSTANTIATE_TEST_SUITE_P(
    Waits, DeadlockTest,
    ::testing::Values(DeadlockCase{"its own group", "", "", "inner"},
                      DeadlockCase{"the group of the one that waits for it", "outer", "", "outer"},
                      DeadlockCase{"its own task", "", "<concurrency>1</concurrency>", ""}));

TEST_F(FollowUpTest, EndsAChainThatIsTooLong) {
    home_.task("again", "<config><concurrency>0</concurrency></config>" + waits_for("again"));
    auto made = executor(1);
    ASSERT_TRUE(made.jobs().add("again").has_value());
    RunOptions options;
    options.max_jobs = 17;
    EXPECT_EQ(made.run(options)->failed, 17);
    EXPECT_THAT(jobs_of("again").at(1).message, HasSubstr("16 jobs wait"));
}

TEST_F(FollowUpTest, EndsAWaitWhenItsJobIsStopped) {
    home_.task("parent", waits_for("child"));
    home_.task("child",
               "<command type=\"shell\">touch started; until [ -e go ]; do sleep 0.01; "
               "done</command>");
    auto made = executor(1);
    const JobId id = made.jobs().add("parent").value();
    std::jthread running([&] { EXPECT_EQ(made.run()->stopped, 1); });
    wait_for_file("started");
    auto other = executor();
    ASSERT_TRUE(other.jobs().stop(id, "ann").has_value());
    EXPECT_EQ(other.jobs().wait(id)->state, JobState::Stopped);
    EXPECT_EQ(jobs_of("child").front().state, JobState::Running) << "the child goes on";
    home_.write("go", "");
    running.join();
    EXPECT_EQ(jobs_of("child").front().state, JobState::Succeeded);
}

TEST_F(FollowUpTest, KeepsAtItThoughManyWait) {
    home_.task("parent", "<config><concurrency>0</concurrency></config>" + waits_for("child"));
    home_.task("child",
               "<config><concurrency>0</concurrency></config>"
               "<command type=\"log\">x</command>");
    auto made = executor(2);
    for (int i = 0; i < 100; ++i) ASSERT_TRUE(made.jobs().add("parent").has_value());
    EXPECT_EQ(made.run()->succeeded, 200);
}

}  // namespace
}  // namespace periodic::testing
