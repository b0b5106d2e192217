#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "fake_command_context.hpp"
#include "periodic/command.hpp"

namespace periodic {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class Slices : public PhasedCommand {
public:
    Slices() {
        on("registered", [](CommandContext& job) {
            job.set_message("a handler that is replaced");
            return Outcome::Fail;
        });
        on("registered", [](CommandContext& job) {
            job.set_next_phase("sending");
            return Outcome::Success;
        });
        on("sending", [](CommandContext&) { return Outcome::Reschedule; });
    }
};

class SlicesAndTheRest final : public Slices {
public:
    SlicesAndTheRest() {
        otherwise([](CommandContext& job) {
            job.set_message("any: " + job.job().phase.value_or("none"));
            return Outcome::Abort;
        });
    }
};

class PhasedCommandTest : public ::testing::Test {
protected:
    FakeCommandContext context_{"/home", "/work"};
};

TEST_F(PhasedCommandTest, CallsTheHandlerOfThePhase) {
    context_.set_phase("registered");
    EXPECT_EQ(Slices().execute(context_), Outcome::Success);
    EXPECT_EQ(context_.next_phase, "sending");
    EXPECT_EQ(context_.message, "") << "the second handler of a phase replaces the first";
    context_.set_phase("sending");
    EXPECT_EQ(Slices().execute(context_), Outcome::Reschedule);
}

TEST_F(PhasedCommandTest, CallsTheDefaultHandlerForTheOthers) {
    context_.set_phase("sending");
    EXPECT_EQ(SlicesAndTheRest().execute(context_), Outcome::Reschedule);
    context_.set_phase("mailing");
    EXPECT_EQ(SlicesAndTheRest().execute(context_), Outcome::Abort);
    EXPECT_EQ(context_.message, "any: mailing");
}

TEST_F(PhasedCommandTest, FailsInAPhaseThatNothingServesAndNamesThoseThatSomethingServes) {
    context_.set_phase("mailing");
    EXPECT_EQ(Slices().execute(context_), Outcome::Fail);
    EXPECT_THAT(
        context_.logged(LogLevel::Error),
        ElementsAre(::testing::AllOf(HasSubstr("mailing"), HasSubstr("registered, sending"))));
}

TEST_F(PhasedCommandTest, FailsInATaskWithoutPhases) {
    EXPECT_EQ(Slices().execute(context_), Outcome::Fail);
    EXPECT_THAT(context_.logged(LogLevel::Error), ElementsAre(HasSubstr("no phases")));
}

}  // namespace
}  // namespace periodic
