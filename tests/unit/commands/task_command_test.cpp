#include "command_fixture.hpp"

namespace periodic {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class TaskCommandTest : public CommandTest {
protected:
    static constexpr const char* kWaiting =
        "<command type='task'><name>echo</name><wait>true</wait></command>";

    void child_is(JobState state, std::string error = {}) {
        context.child = Job{};
        context.child->id = 2;
        context.child->state = state;
        context.child->error = std::move(error);
    }
};

TEST_F(TaskCommandTest, QueuesATaskAndGoesOn) {
    EXPECT_EQ(run("<command type='task'><name>echo</name><parameter name='n'> 3 </parameter>"
                  "<parameter name='m'>x</parameter><group>night</group><key>one</key>"
                  "<priority>-4</priority></command>"),
              Outcome::Success);
    EXPECT_THAT(context.queued, ElementsAre("echo"));
    EXPECT_EQ(context.queued_parameters.at(0), (Values{{"n", "3"}, {"m", "x"}}));
    EXPECT_EQ(context.queued_options.group, "night");
    EXPECT_EQ(context.queued_options.key, "one");
    EXPECT_EQ(context.queued_options.priority, -4);
    EXPECT_THAT(context.waited_for, IsEmpty());
    EXPECT_THAT(context.logged(LogLevel::Info), ElementsAre("job 2 (echo) is queued"));
}

TEST_F(TaskCommandTest, FailsIfTheTaskCantBeQueued) {
    context.refusal = Error{.code = ErrorCode::NotFound, .message = "no such task"};
    EXPECT_EQ(run(kWaiting), Outcome::Fail);
    EXPECT_THAT(errors(), ElementsAre("can't queue echo: no such task"));
    EXPECT_EQ(context.message, "can't queue echo: no such task");
}

TEST_F(TaskCommandTest, EndsAsTheJobDoesThatItWaitsFor) {
    const std::vector<std::pair<JobState, Outcome>> ends{{JobState::Succeeded, Outcome::Success},
                                                         {JobState::Aborted, Outcome::Success},
                                                         {JobState::Failed, Outcome::Fail},
                                                         {JobState::Stopped, Outcome::Fail},
                                                         {JobState::Skipped, Outcome::Fail}};
    for (const auto& [state, outcome] : ends) {
        child_is(state);
        EXPECT_EQ(run(kWaiting), outcome) << to_string(state);
    }
    EXPECT_THAT(context.waited_for, ElementsAre(2, 2, 2, 2, 2));
}

TEST_F(TaskCommandTest, SaysWhyTheJobFailed) {
    child_is(JobState::Failed, "the disk is full");
    EXPECT_EQ(run(kWaiting), Outcome::Fail);
    EXPECT_EQ(context.message, "job 2 (echo) failed: the disk is full");
}

TEST_F(TaskCommandTest, FailsIfTheJobWasDeletedOrTheWaitWasEnded) {
    EXPECT_EQ(run(kWaiting), Outcome::Fail);
    EXPECT_THAT(context.message, HasSubstr("deleted"));
    context.stop.request_stop();
    EXPECT_EQ(run(kWaiting), Outcome::Fail);
    EXPECT_THAT(context.message, HasSubstr("goes on"));
}

TEST_F(TaskCommandTest, RefusesWhatCantBe) {
    EXPECT_THAT(mistake("<command type='task'/>"), HasSubstr("<name>"));
    EXPECT_THAT(mistake("<command type='task'><name>a b</name></command>"),
                HasSubstr("can't name a task"));
    EXPECT_THAT(mistake("<command type='task'><name>a</name><group>-</group></command>"),
                HasSubstr("can't name a group"));
    EXPECT_THAT(mistake("<command type='task'><name>a</name><parameter>1</parameter></command>"),
                HasSubstr("needs a name"));
    EXPECT_THAT(mistake("<command type='task'><name>a</name><parameter name='x-y'/>"
                        "<parameter name='X_Y'/></command>"),
                HasSubstr("twice"));
    EXPECT_THAT(mistake("<command type='task'><name>a</name><wait>maybe</wait></command>"),
                HasSubstr("'maybe'"));
    EXPECT_THAT(mistake("<command type='task'><name>a</name><priority>9999999</priority>"
                        "</command>"),
                HasSubstr("out of range"));
}

}  // namespace
}  // namespace periodic
