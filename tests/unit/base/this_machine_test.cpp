#include "base/this_machine.hpp"

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

namespace periodic {
namespace {

TEST(ThisMachine, KnowsItself) {
    EXPECT_TRUE(is_alive(this_process()));
    EXPECT_EQ(this_boot_id().size(), 36U);
    EXPECT_FALSE(this_host().empty());
}

TEST(ThisMachine, TakesAReusedPidForAnother) {
    ProcessIdentity other = this_process();
    ++other.start_ticks;
    EXPECT_FALSE(is_alive(other));
    other = this_process();
    other.boot_id = "00000000-0000-0000-0000-000000000000";
    EXPECT_FALSE(is_alive(other));
}

TEST(ThisMachine, TakesAZombieForDead) {
    const pid_t child = ::fork();
    if (child == 0) ::_exit(0);
    siginfo_t info{};
    ASSERT_EQ(::waitid(P_PID, static_cast<id_t>(child), &info, WEXITED | WNOWAIT), 0);
    EXPECT_FALSE(start_ticks_of(child).has_value());
    ::waitpid(child, nullptr, 0);
}

TEST(ThisMachine, StartsOnce) {
    const std::chrono::sys_seconds now{std::chrono::seconds(1'800'000'000)};
    EXPECT_NE(this_start(now).identity, 0);
    EXPECT_EQ(this_start(now).identity, this_start(now + std::chrono::hours(1)).identity);
    EXPECT_LE(this_start(now).time, now);
}

}  // namespace
}  // namespace periodic
