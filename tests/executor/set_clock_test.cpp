// A daemon whose clock is set while it waits.

#include <chrono>
#include <memory>
#include <stop_token>
#include <thread>
#include <utility>

#include <gtest/gtest.h>

#include "executor_fixture.hpp"
#include "fake_clock.hpp"
#include "run/daemon.hpp"
#include "run/executor_core.hpp"

namespace periodic::testing {
namespace {

constexpr auto kPatience = 30s;

// Waits for a condition; false if it does not come.
template <class Condition>
bool comes(Condition condition) {
    const auto until = std::chrono::steady_clock::now() + kPatience;
    while (!condition()) {
        if (std::chrono::steady_clock::now() >= until) return false;
        std::this_thread::sleep_for(1ms);
    }
    return true;
}

TEST_F(ExecutorTest, HeedsAtOnceThatTheClockWasSetFarBack) {
    const Time day{std::chrono::sys_days(std::chrono::year(2026) / 3 / 2)};
    home_.write("crontab", "CRON_TZ=UTC\n0 * * * * hello\n");
    home_.task("hello", "<command type=\"log\">hi</command>");
    const auto clock = std::make_shared<FakeClock>(day + 12h + 30min);
    ExecutorOptions options;
    options.home = home_.path();
    options.commands = commands_;
    options.logger = make_null_logger();
    options.clock = clock;
    const auto core = ExecutorCore::open(std::move(options)).value();
    const auto is_planned_at = [&](Time now) {
        const auto marks = core->store().entry_marks();
        return marks.size() == 1 && marks[0].watermark == now + 1s;
    };
    const std::jthread daemon([&core](const std::stop_token& stop) {
        Daemon one(*core, {.stop = stop});
        EXPECT_TRUE(one.run().has_value());
    });
    ASSERT_TRUE(comes([&] { return is_planned_at(day + 12h + 30min); }));
    clock->settle();
    clock->set(day + 6h + 30min);
    ASSERT_TRUE(comes([&] { return is_planned_at(day + 6h + 30min); }))
        << "it waits for the instant that it had planned before";
    clock->advance(30min);
    EXPECT_TRUE(comes([&] {
        const auto jobs = core->store().page({.states = {JobState::Succeeded}}, clock->now());
        return jobs.size() == 1 && jobs[0].scheduled == day + 7h;
    }));
}

}  // namespace
}  // namespace periodic::testing
