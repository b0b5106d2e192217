#include "run/attempt_control.hpp"

#include <gtest/gtest.h>

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

}  // namespace
}  // namespace periodic
