// A queue with a bound, and a thread that empties it.

#include "notify/outlet.hpp"

#include <atomic>
#include <future>
#include <mutex>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace periodic {
namespace {

using namespace std::chrono_literals;
using std::chrono::steady_clock;
using ::testing::ElementsAre;
using ::testing::IsEmpty;

class ListLogger final : public Logger {
public:
    void log(const LogRecord& record) override {
        const std::lock_guard guard(mutex_);
        lines_.emplace_back(record.text);
    }
    std::vector<std::string> lines() {
        const std::lock_guard guard(mutex_);
        return lines_;
    }

private:
    std::mutex mutex_;
    std::vector<std::string> lines_{};
};

OutletOptions quick() {
    return {.name = "x", .capacity = 3, .tries = 3, .backoff = 1ms};
}

Failure passing() {
    return failure(ErrorCode::Io, "not now");
}

TEST(Outlet, DeliversInOrder) {
    ListLogger logger;
    std::vector<int> done;
    Outlet outlet(quick(), logger);
    for (int i = 0; i < 3; ++i) {
        outlet.post([&done, i](const std::stop_token&) -> Result<void> {
            done.push_back(i);
            return {};
        });
    }
    outlet.finish(steady_clock::now() + 1min);
    EXPECT_THAT(done, ElementsAre(0, 1, 2));
    EXPECT_THAT(logger.lines(), IsEmpty());
}

TEST(Outlet, TriesAgainWhatMayPassAndGivesUpInTheEnd) {
    ListLogger logger;
    Outlet outlet(quick(), logger);
    std::atomic<int> tries = 0;
    outlet.post([&](const std::stop_token&) -> Result<void> {
        if (++tries == 2) return {};
        return passing();
    });
    outlet.finish(steady_clock::now() + 1min);
    EXPECT_EQ(tries, 2);
    outlet.post([&](const std::stop_token&) -> Result<void> {
        ++tries;
        return passing();
    });
    outlet.finish(steady_clock::now() + 1min);
    EXPECT_EQ(tries, 5);
    EXPECT_THAT(logger.lines(),
                ElementsAre("notify: x: not now; tried again", "notify: x: not now; tried again",
                            "notify: x: not now; tried again", "notify: x: not now; given up"));
}

TEST(Outlet, TriesOnceWhatNeverWillPassAndSurvivesWhatIsThrown) {
    ListLogger logger;
    Outlet outlet({.name = "x", .tries = 1}, logger);
    std::atomic<int> tries = 0;
    outlet.post([&](const std::stop_token&) -> Result<void> {
        ++tries;
        return failure(ErrorCode::Invalid, "no");
    });
    outlet.post([](const std::stop_token&) -> Result<void> { throw std::runtime_error("thrown"); });
    outlet.finish(steady_clock::now() + 1min);
    EXPECT_EQ(tries, 1);
    EXPECT_THAT(logger.lines(),
                ElementsAre("notify: x: no; given up", "notify: x: thrown; given up"));
}

TEST(Outlet, DropsWhatIsTooMuchAndSaysHowMany) {
    ListLogger logger;
    Outlet outlet(quick(), logger);
    std::promise<void> begun;
    std::promise<void> go;
    outlet.post([&](const std::stop_token&) -> Result<void> {
        begun.set_value();
        go.get_future().wait();
        return {};
    });
    begun.get_future().wait();  // it is on its way, and counts no more
    std::atomic<int> done = 0;
    for (int i = 0; i < 8; ++i) {
        outlet.post([&](const std::stop_token&) -> Result<void> {
            ++done;
            return {};
        });
    }
    go.set_value();
    outlet.finish(steady_clock::now() + 1min);
    EXPECT_EQ(done, 3);
    EXPECT_THAT(logger.lines(), ElementsAre("notify: x: too many wait: further ones are dropped",
                                            "notify: x: 5 were dropped"));
}

TEST(Outlet, EndsWhatHangsAndSaysWhatIsLeft) {
    ListLogger logger;
    Outlet outlet(quick(), logger);
    std::promise<void> begun;
    outlet.post([&](const std::stop_token& stop) -> Result<void> {
        begun.set_value();
        std::mutex mutex;
        std::condition_variable_any never;
        std::unique_lock lock(mutex);
        never.wait(lock, stop, [] { return false; });
        return passing();
    });
    begun.get_future().wait();
    outlet.post([](const std::stop_token&) -> Result<void> { return {}; });
    outlet.finish(steady_clock::now());
    EXPECT_THAT(logger.lines(), ElementsAre("notify: x: 2 were given up at the end of the run"));
}

}  // namespace
}  // namespace periodic
