#include "run/attempt_control.hpp"

#include <gtest/gtest.h>

#include "fake_clock.hpp"

namespace periodic {
namespace {

TEST(AttemptControl, LetsTheStrongerWishWin) {
    AttemptControl control(std::nullopt);
    control.ask(Reason::Timeout, "deadline");
    control.ask(Reason::Stopped, "anna");
    EXPECT_EQ(control.asked(), Reason::Stopped);
    control.ask(Reason::Timeout, "deadline");
    EXPECT_EQ(control.asked(), Reason::Stopped);
    EXPECT_EQ(control.by(), "anna");
    control.ask(Reason::Killed, "bert");
    EXPECT_EQ(control.asked(), Reason::Killed);
    EXPECT_TRUE(control.token().stop_requested());
}

TEST(AttemptControl, CleansUpUnderAFreshTokenUntilItsOwnDeadline) {
    const Time deadline{std::chrono::seconds(100)};
    AttemptControl control(Time(std::chrono::seconds(40)));
    control.ask(Reason::Timeout, "deadline");
    ASSERT_TRUE(control.begin_cleanup(deadline));
    EXPECT_FALSE(control.token().stop_requested());
    EXPECT_EQ(control.deadline(), deadline);
    control.ask(Reason::Timeout, "deadline");
    EXPECT_TRUE(control.token().stop_requested());
    EXPECT_EQ(control.asked(), Reason::Timeout);
}

TEST(AttemptControl, DoesNotBreakOffCleaningUpForAStop) {
    AttemptControl control(std::nullopt);
    control.ask(Reason::Timeout, "deadline");
    ASSERT_TRUE(control.begin_cleanup(Time()));
    control.ask(Reason::Stopped, "anna");
    EXPECT_FALSE(control.token().stop_requested());
    EXPECT_EQ(control.asked(), Reason::Stopped);
    control.ask(Reason::Killed, "anna");
    EXPECT_TRUE(control.token().stop_requested());
}

TEST(AttemptControl, CleansUpNothingAfterAKill) {
    AttemptControl control(std::nullopt);
    control.ask(Reason::Killed, "anna");
    EXPECT_FALSE(control.begin_cleanup(Time()));
}

TEST(AttemptControl, KnowsWhoseWishItIsToEnd) {
    AttemptControl shut(std::nullopt);
    shut.ask(Reason::Timeout, "deadline");
    shut.ask_for_shutdown("end");
    EXPECT_TRUE(shut.is_shutdown());
    shut.ask_for_shutdown("end", Reason::Killed);
    EXPECT_EQ(shut.asked(), Reason::Killed);
    EXPECT_TRUE(shut.is_shutdown()) << "nobody wanted this job to stop";

    AttemptControl stopped(std::nullopt);
    stopped.ask(Reason::Stopped, "anna");
    stopped.ask_for_shutdown("end", Reason::Killed);
    EXPECT_EQ(stopped.asked(), Reason::Killed);
    EXPECT_FALSE(stopped.is_shutdown()) << "anna did";

    AttemptControl killed(std::nullopt);
    killed.ask_for_shutdown("end");
    killed.ask(Reason::Killed, "anna");
    EXPECT_FALSE(killed.is_shutdown());
}

TEST(AttemptControl, MeasuresItsDeadlineOnTheClockThatCantBeSet) {
    using namespace std::chrono_literals;
    FakeClock clock;
    AttemptControl control(clock.now() + 60s);
    EXPECT_EQ(control.deadline(clock), clock.now() + 60s);
    clock.set(clock.now() + 1h);
    control.ask_when_due(clock);
    EXPECT_EQ(control.asked(), Reason::None) << "it has as much time as before";
    EXPECT_EQ(control.deadline(clock), clock.now() + 60s);
    clock.set(clock.now() - 2h);
    EXPECT_EQ(control.deadline(clock), clock.now() + 60s);
    clock.advance(60s, 0);
    control.ask_when_due(clock);
    EXPECT_EQ(control.asked(), Reason::Timeout);
    EXPECT_TRUE(control.token().stop_requested());
}

TEST(AttemptControl, IsNotDueAnyMoreOnceItCleansUp) {
    using namespace std::chrono_literals;
    FakeClock clock;
    AttemptControl control(clock.now() + 1s);
    clock.advance(2s, 0);
    control.ask(Reason::Timeout, "deadline");
    ASSERT_TRUE(control.begin_cleanup(clock.now() + 60s));
    control.ask_when_due(clock);
    EXPECT_FALSE(control.token().stop_requested());
    clock.advance(60s, 0);
    control.ask_when_due(clock);
    EXPECT_TRUE(control.token().stop_requested());
}

}  // namespace
}  // namespace periodic
