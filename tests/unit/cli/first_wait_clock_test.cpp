#include "cli/first_wait_clock.hpp"

#include <cerrno>
#include <system_error>

#include <gtest/gtest.h>

namespace periodic::cli {
namespace {

TEST(FirstWaitClock, TellsBeforeTheFirstWaitAlone) {
    int told = 0;
    FirstWaitClock clock([&told] { ++told; });
    (void)clock.now();
    clock.notify();
    EXPECT_EQ(told, 0);
    EXPECT_EQ(clock.wait_until(clock.now() + std::chrono::hours(1), {}), Clock::Wake::Notified);
    EXPECT_EQ(told, 1);
    EXPECT_EQ(clock.wait_until(clock.now(), {}), Clock::Wake::Deadline);
    EXPECT_EQ(told, 1);
}

TEST(FirstWaitClock, TellsAgainWhereThereWasNoThread) {
    int told = 0;
    FirstWaitClock clock([&told] {
        if (++told == 1) throw std::system_error(EAGAIN, std::generic_category());
    });
    EXPECT_EQ(clock.wait_until(clock.now(), {}), Clock::Wake::Deadline);
    EXPECT_EQ(clock.wait_until(clock.now(), {}), Clock::Wake::Deadline);
    EXPECT_EQ(clock.wait_until(clock.now(), {}), Clock::Wake::Deadline);
    EXPECT_EQ(told, 2);
}

}  // namespace
}  // namespace periodic::cli
