// Running by hand: one job here and now, and a step of a few.

#include <gmock/gmock.h>

#include "executor_fixture.hpp"

namespace periodic::testing {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class ByHandTest : public ExecutorTest {
protected:
    ByHandTest() {
        home_.task("plain", "<command type=\"log\">x</command>");
        home_.task("slices",
                   "<phase name=\"registered\"><command type=\"log\">one</command>"
                   "<next phase=\"sending\"/></phase>"
                   "<phase name=\"sending\"><command type=\"log\">two</command></phase>"
                   "<phase name=\"terminated\"><command type=\"log\">last</command></phase>");
    }

    JobId add(Executor& executor, const std::string& task, JobOptions options = {}) {
        return executor.jobs().add(task, {}, options).value();
    }

    static JobOptions with_priority(int priority) {
        JobOptions options;
        options.priority = priority;
        return options;
    }
    static JobOptions idle() {
        JobOptions options;
        options.idle = true;
        return options;
    }
    static JobOptions grouped(const std::string& group) {
        JobOptions options;
        options.group = group;
        return options;
    }
};

TEST_F(ByHandTest, RunsAnIdleJob) {
    auto made = executor();
    const JobId id = add(made, "plain", idle());
    EXPECT_EQ(made.run_job(id)->succeeded, 1);
    EXPECT_EQ(made.jobs().find(id)->state, JobState::Succeeded);
}

TEST_F(ByHandTest, RunsTheJobAloneAndLeavesTheOthers) {
    auto made = executor();
    const JobId first = add(made, "plain");
    const JobId second = add(made, "plain");
    EXPECT_EQ(made.run_job(second)->ran, 1);
    EXPECT_EQ(made.jobs().find(first)->state, JobState::Queued);
}

TEST_F(ByHandTest, RunsAPhaseBeforeItsTimeAndCountsTheNextTimeFromItsEnd) {
    auto made = executor();
    JobOptions options;
    options.interval = 1h;
    const JobId id = add(made, "slices", options);
    EXPECT_EQ(made.run_job(id)->phased, 1);
    const Time first = made.jobs().find(id)->available.value();
    EXPECT_EQ(made.run()->ran, 0) << "its time has not come";
    EXPECT_EQ(made.run_job(id)->phased, 1);
    const Job job = made.jobs().find(id).value();
    EXPECT_EQ(job.phase, "sending");
    EXPECT_GE(*job.available, first);
    EXPECT_EQ(log_of(id), "one\ntwo\n");
}

TEST_F(ByHandTest, RunsThePhaseTerminatedOfAJobThatHasGoneThroughAll) {
    auto made = executor();
    const JobId id = add(made, "slices");
    ASSERT_TRUE(made.jobs().edit(id, {.phase = "terminated"}).has_value());
    EXPECT_EQ(made.run_job(id)->succeeded, 1);
    EXPECT_EQ(made.run_job(id)->succeeded, 1);
    EXPECT_EQ(made.jobs().find(id)->state, JobState::Succeeded);
    EXPECT_EQ(log_of(id), "last\nlast\n");
}

TEST_F(ByHandTest, RefusesOtherFinalJobs) {
    auto made = executor();
    const JobId id = add(made, "plain");
    EXPECT_EQ(made.run_job(id)->succeeded, 1);
    const auto refused = made.run_job(id);
    EXPECT_EQ(refused.error().code, ErrorCode::Conflict);
    EXPECT_THAT(refused.error().message, HasSubstr("succeeded"));
    const JobId stopped = add(made, "slices");
    ASSERT_TRUE(made.jobs().stop(stopped).has_value());
    EXPECT_EQ(made.run_job(stopped).error().code, ErrorCode::Conflict);
}

TEST_F(ByHandTest, RunsOneThatIsPaused) {
    auto made = executor();
    const JobId id = add(made, "plain");
    ASSERT_TRUE(made.jobs().pause({}).has_value());
    EXPECT_EQ(made.run()->ran, 0);
    EXPECT_EQ(made.run_job(id)->succeeded, 1);
}

TEST_F(ByHandTest, LetsTheOneThatHasTheHomeRunItAtOnce) {
    home_.task("long",
               "<command type=\"shell\">touch started; until [ -e go ]; do sleep 0.01; "
               "done</command>");
    auto first = executor();
    add(first, "long");
    std::jthread running([&] { EXPECT_EQ(first.run()->succeeded, 2); });
    wait_for_file("started");
    auto second = executor();
    JobOptions later;
    later.available = Time(std::chrono::sys_days(std::chrono::year(2100) / 1 / 1));
    const JobId id = add(second, "plain", later);
    EXPECT_TRUE(second.run_job(id)->locked);
    EXPECT_EQ(second.jobs().wait(id)->state, JobState::Succeeded);
    home_.write("go", "");
}

TEST_F(ByHandTest, StepsByPriorityThenAge) {
    auto made = executor();
    const JobId low = add(made, "plain");
    const JobId high = add(made, "plain", with_priority(5));
    const JobId waits = add(made, "plain", idle());
    const auto one = made.step().value();
    EXPECT_THAT(one.jobs.ids, ElementsAre(high));
    EXPECT_EQ(one.report.succeeded, 1);
    StepOptions rest;
    rest.jobs = 10;
    EXPECT_THAT(made.step(rest)->jobs.ids, ElementsAre(low, waits)) << "idle ones too";
    EXPECT_THAT(made.step()->jobs.ids, IsEmpty());
}

TEST_F(ByHandTest, StepsToTheNewestIfToldTo) {
    auto made = executor();
    add(made, "plain");
    const JobId newest = add(made, "plain");
    StepOptions options;
    options.latest = true;
    EXPECT_THAT(made.step(options)->jobs.ids, ElementsAre(newest));
}

TEST_F(ByHandTest, StepsByRulesTheFirstThatFindsOneDecides) {
    auto made = executor();
    const JobId a = add(made, "slices");
    const JobId b = add(made, "slices");
    const JobId c = add(made, "slices", with_priority(9));
    StepOptions options;
    options.rules = {{.phase = "sending"}, {.phase = "registered", .newest = true}};
    EXPECT_THAT(made.step(options)->jobs.ids, ElementsAre(c));
    EXPECT_THAT(made.step(options)->jobs.ids, ElementsAre(c)) << "it is in phase sending now";
    EXPECT_THAT(made.step(options)->jobs.ids, ElementsAre(b)) << "the other waits for its time";
    options.rules = {{.phase = "registered"}};
    EXPECT_THAT(made.step(options)->jobs.ids, ElementsAre(a));
    EXPECT_THAT(made.step(options)->jobs.ids, IsEmpty());
}

TEST_F(ByHandTest, ForeseesAStep) {
    auto made = executor();
    const JobId first = add(made, "plain");
    const JobId second = add(made, "plain", idle());
    StepOptions options;
    options.jobs = 5;
    options.dry_run = true;
    EXPECT_THAT(made.step(options)->jobs.ids, ElementsAre(first, second));
    EXPECT_EQ(made.jobs().find(second)->state, JobState::Idle);
    EXPECT_THAT(made.jobs().find(first)->started, std::nullopt);
}

TEST_F(ByHandTest, StepsOverWhatIsHeld) {
    auto made = executor();
    add(made, "plain", grouped("held"));
    JobOptions held_and_idle = grouped("held");
    held_and_idle.idle = true;
    add(made, "plain", held_and_idle);
    JobOptions later;
    later.available = Time(std::chrono::sys_days(std::chrono::year(2100) / 1 / 1));
    add(made, "plain", later);
    const JobId free = add(made, "plain");
    ASSERT_TRUE(made.jobs().pause({PauseScope::Kind::Group, "held"}).has_value());
    StepOptions options;
    options.jobs = 5;
    EXPECT_THAT(made.step(options)->jobs.ids, ElementsAre(free));
}

TEST_F(ByHandTest, DoesNothingWhileAnotherHasTheHome) {
    home_.task("long",
               "<command type=\"shell\">touch started; until [ -e go ]; do sleep 0.01; "
               "done</command>");
    auto first = executor(1);
    add(first, "long");
    std::jthread running([&] { EXPECT_TRUE(first.run().has_value()); });
    wait_for_file("started");
    const auto report = executor().step().value();
    EXPECT_TRUE(report.report.locked);
    EXPECT_THAT(report.jobs.ids, IsEmpty());
    home_.write("go", "");
}

}  // namespace
}  // namespace periodic::testing
