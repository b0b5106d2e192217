#include "store/transitions.hpp"

#include <map>
#include <set>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "periodic/job_store.hpp"

namespace periodic {
namespace {

using enum JobState;

constexpr JobState kAll[] = {Idle, Queued, Running, Succeeded, Aborted, Failed, Stopped, Skipped};

// Written out once more from the table of DESIGN's states, as the tests' own truth.
const std::map<JobState, std::set<JobState>> kArrows{
    {Idle, {Queued, Stopped}},
    {Queued, {Running, Skipped, Stopped, Failed}},
    {Running, {Succeeded, Aborted, Failed, Stopped, Queued}},
    {Succeeded, {Queued}},
    {Aborted, {Queued}},
    {Failed, {Queued}},
    {Stopped, {Queued}},
    {Skipped, {Queued}},
};

TEST(Transitions, AreTheArrowsAndNoOthers) {
    for (const JobState from : kAll) {
        for (const JobState to : kAll) {
            EXPECT_EQ(may_go(from, to), kArrows.at(from).contains(to))
                << to_string(from) << " to " << to_string(to);
        }
    }
}

TEST(Transitions, AWrongOneNamesTheJobAndBothStates) {
    for (const JobState from : kAll) {
        for (const JobState to : kAll) {
            const auto checked = check_transition(7, from, to);
            ASSERT_EQ(checked.has_value(), may_go(from, to));
            if (checked) continue;
            EXPECT_EQ(checked.error().code, ErrorCode::Conflict);
            EXPECT_EQ(checked.error().message, "job 7 is " + std::string(to_string(from)) +
                                                   " and can't become " +
                                                   std::string(to_string(to)));
        }
    }
}

TEST(Transitions, AnActionThatIsNotPossibleNamesWhatIs) {
    const auto retried = state_after(JobAction::Retry, 7, Running);
    ASSERT_FALSE(retried);
    EXPECT_EQ(retried.error().code, ErrorCode::Conflict);
    EXPECT_EQ(retried.error().message,
              "job 7 is running and can't be retried: possible are stop and kill");
    EXPECT_EQ(state_after(JobAction::Start, 7, Failed).error().message,
              "job 7 is failed and can't be started: possible are retry, edit and delete");
}

// What an action comes to at once is an arrow too, unless the job stays where it is.
TEST(Transitions, AnActionFollowsTheArrows) {
    for (const JobState from : kAll) {
        for (int action = 0; action < 6; ++action) {
            const auto to = state_after(static_cast<JobAction>(action), 7, from);
            if (!to) continue;
            EXPECT_TRUE(!*to ? may_delete(from) : **to == from || may_go(from, **to))
                << to_string(from) << ' ' << to_string(static_cast<JobAction>(action));
        }
    }
}

TEST(Transitions, AJobBeginsInOneOfFourStates) {
    const std::set<JobState> begins{Idle, Queued, Skipped, Failed};
    for (const JobState state : kAll)
        EXPECT_EQ(may_begin(state), begins.contains(state)) << to_string(state);
}

TEST(Transitions, OnlyARunningJobCantBeDeleted) {
    for (const JobState state : kAll)
        EXPECT_EQ(may_delete(state), state != Running) << to_string(state);
}

TEST(JobWords, StatesAreReadBack) {
    for (const JobState state : kAll) EXPECT_EQ(job_state_from(to_string(state)), state);
    EXPECT_EQ(job_state_from("Queued"), std::nullopt);
    EXPECT_EQ(job_state_from(""), std::nullopt);
}

TEST(JobWords, AreThoseOfTheJson) {
    EXPECT_EQ(to_string(Reason::None), "");
    EXPECT_EQ(to_string(Reason::Exit), "exit");
    EXPECT_EQ(to_string(Reason::Removed), "removed");
    EXPECT_EQ(to_string(WaitingFor::None), "");
    EXPECT_EQ(to_string(WaitingFor::Paused), "paused");
    EXPECT_EQ(to_string(Overlap::Replace), "replace");
    EXPECT_EQ(to_string(OnLost::Retry), "retry");
    EXPECT_EQ(to_string(LogStream::Stdout), "stdout");
    EXPECT_EQ(to_string(LogStream::Task), "task");
    EXPECT_EQ(to_string(JobAction::Start), "start");
    EXPECT_EQ(to_string(JobAction::Delete), "delete");
    EXPECT_EQ(to_string(PauseScope::Kind::All), "all");
    EXPECT_EQ(to_string(PauseScope::Kind::Topic), "topic");
}

}  // namespace
}  // namespace periodic
