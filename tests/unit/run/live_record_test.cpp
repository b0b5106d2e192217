#include "run/live_record.hpp"

#include <algorithm>
#include <atomic>
#include <thread>

#include <gtest/gtest.h>

namespace periodic {
namespace {

constexpr std::uint64_t kNoLimit = std::uint64_t{1} << 40U;
constexpr std::size_t kLines = 5 * LiveRecord::kMostLines;

TEST(LiveRecord, LetsTheAttemptWaitWhileMuchIsToBeTaken) {
    LiveRecord record(Job(), kNoLimit, {}, std::chrono::hours(1));
    std::atomic<bool> done = false;
    std::jthread attempt([&] {
        for (std::size_t i = 0; i < kLines; ++i) record.log(Time(), LogLevel::Info, "");
        done = true;
    });
    std::size_t most = 0;
    std::size_t all = 0;
    for (bool last = false; !last;) {
        last = done;
        const auto update = record.take();
        if (!update) {
            std::this_thread::yield();
            continue;
        }
        most = std::max(most, update->lines.size());
        all += update->lines.size();
    }
    EXPECT_LE(most, LiveRecord::kMostLines);
    EXPECT_EQ(all, kLines);
}

TEST(LiveRecord, LetsTheAttemptGoOnWhenNobodyTakesAnything) {
    LiveRecord record(Job(), kNoLimit, {}, std::chrono::milliseconds(1));
    for (std::size_t i = 0; i < kLines; ++i) record.log(Time(), LogLevel::Info, "");
    const auto update = record.take();
    ASSERT_TRUE(update.has_value());
    EXPECT_EQ(update->lines.size(), kLines);
}

}  // namespace
}  // namespace periodic
