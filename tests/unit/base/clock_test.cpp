#include "periodic/clock.hpp"

#include <thread>

#include <gtest/gtest.h>

#include "fake_clock.hpp"

namespace periodic {
namespace {

using namespace std::chrono_literals;

constexpr Time kFarAway{std::chrono::sys_days{std::chrono::year{3000} / 1 / 1}};

TEST(SystemClock, ReachesADeadline) {
    const auto clock = make_system_clock();
    const Time deadline = clock->now() + 20ms;
    EXPECT_EQ(clock->wait_until(deadline, {}), Clock::Wake::Deadline);
    EXPECT_GE(clock->now(), deadline);
}

TEST(SystemClock, DoesNotWaitForThePast) {
    const auto clock = make_system_clock();
    EXPECT_EQ(clock->wait_until(Time{}, {}), Clock::Wake::Deadline);
    EXPECT_EQ(clock->wait_until(Time::min(), {}), Clock::Wake::Deadline);
}

TEST(SystemClock, KeepsANotificationForTheNextWait) {
    const auto clock = make_system_clock();
    clock->notify();
    clock->notify();
    EXPECT_EQ(clock->wait_until(kFarAway, {}), Clock::Wake::Notified);
    // Both were one: what follows waits again.
    EXPECT_EQ(clock->wait_until(clock->now() + 10ms, {}), Clock::Wake::Deadline);
}

TEST(SystemClock, IsNotifiedFromAnotherThread) {
    const auto clock = make_system_clock();
    const std::jthread other([&] { clock->notify(); });
    EXPECT_EQ(clock->wait_until(Time::max(), {}), Clock::Wake::Notified);
}

TEST(SystemClock, StopsAndIsSoundAfterwards) {
    const auto clock = make_system_clock();
    std::stop_source stop;
    {
        const std::jthread other([&] { stop.request_stop(); });
        EXPECT_EQ(clock->wait_until(kFarAway, stop.get_token()), Clock::Wake::Stopped);
    }
    EXPECT_EQ(clock->wait_until(kFarAway, stop.get_token()), Clock::Wake::Stopped);
    EXPECT_EQ(clock->wait_until(clock->now() + 5ms, {}), Clock::Wake::Deadline);
}

TEST(FakeClock, MovesOnlyWhenTheLoopIsAsleep) {
    FakeClock clock;
    int runs = 0;
    {
        std::jthread loop([&](const std::stop_token& stop) {
            Time due = clock.now() + 60s;
            while (clock.wait_until(due, stop) == Clock::Wake::Deadline) {
                ++runs;
                due += 60s;
            }
        });
        for (int i = 0; i < 1000; ++i) clock.advance(60s);
        clock.settle();
    }
    EXPECT_EQ(runs, 1000);
}

TEST(FakeClock, TellsOfANotificationBeforeTheWait) {
    FakeClock clock;
    clock.notify();
    EXPECT_EQ(clock.wait_until(kFarAway, {}), Clock::Wake::Notified);
}

TEST(FakeClock, CanBeSetBack) {
    FakeClock clock;
    const Time start = clock.now();
    const auto steady = clock.steady_now();
    clock.set(start - 1h);
    EXPECT_EQ(clock.now(), start - 1h);
    EXPECT_EQ(clock.steady_now(), steady);
}

}  // namespace
}  // namespace periodic
