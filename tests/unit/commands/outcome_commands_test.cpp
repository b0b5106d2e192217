#include "command_fixture.hpp"

namespace periodic {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using namespace std::chrono_literals;  // NOLINT(google-build-using-namespace)

using OutcomeCommands = CommandTest;

TEST_F(OutcomeCommands, LogWritesAtItsLevel) {
    EXPECT_EQ(run("<command type='log' level='warning'> two\nlines </command>"), Outcome::Success);
    EXPECT_THAT(warnings(), ElementsAre("two\nlines"));
}

TEST_F(OutcomeCommands, LogRefusesNothingToSayAndUnknownLevels) {
    EXPECT_THAT(mistake("<command type='log'> </command>"), HasSubstr("no text"));
    EXPECT_THAT(mistake("<command type='log' level='loud'>x</command>"), HasSubstr("'loud'"));
}

TEST_F(OutcomeCommands, SleepWaitsOnTheContextsClock) {
    EXPECT_EQ(run("<command type='sleep'>1h30m</command>"), Outcome::Success);
    EXPECT_EQ(context.slept, 90min);
}

TEST_F(OutcomeCommands, SleepFailsWhenTheAttemptIsToEnd) {
    context.stop.request_stop();
    EXPECT_EQ(run("<command type='sleep'>1h</command>"), Outcome::Fail);
}

TEST_F(OutcomeCommands, SleepRefusesWhatIsNoDuration) {
    EXPECT_THAT(mistake("<command type='sleep'>a while</command>"), HasSubstr("no duration"));
    EXPECT_THAT(mistake("<command type='sleep'/>"), HasSubstr("no duration"));
}

TEST_F(OutcomeCommands, FailSaysWhyInTheLogAndTheMessage) {
    EXPECT_EQ(run("<command type='fail'>no mail server</command>"), Outcome::Fail);
    EXPECT_THAT(errors(), ElementsAre("no mail server"));
    EXPECT_EQ(context.message, "no mail server");
}

TEST_F(OutcomeCommands, AbortIsNoErrorInTheLog) {
    EXPECT_EQ(run("<command type='abort'>holiday</command>"), Outcome::Abort);
    EXPECT_THAT(errors(), IsEmpty());
    EXPECT_EQ(context.message, "holiday");
}

TEST_F(OutcomeCommands, RescheduleTakesADelayOfItsOwn) {
    EXPECT_EQ(run("<command type='reschedule'/>"), Outcome::Reschedule);
    EXPECT_EQ(context.reschedule_after, std::nullopt);
    EXPECT_EQ(run("<command type='reschedule' after='10m'>later</command>"), Outcome::Reschedule);
    EXPECT_EQ(context.reschedule_after, 10min);
    EXPECT_THAT(mistake("<command type='reschedule' after='soon'/>"), HasSubstr("'soon'"));
}

}  // namespace
}  // namespace periodic
