#include "run/attempt_pool.hpp"

#include <atomic>
#include <chrono>
#include <fstream>
#include <thread>

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <unistd.h>

namespace periodic::testing {
namespace {

using namespace std::chrono_literals;

/// No room for a thread's stack while it lives.
class NoRoom {
public:
    NoRoom() {
        rlim_t pages = 0;
        std::ifstream("/proc/self/statm") >> pages;
        ::getrlimit(RLIMIT_AS, &before_);
        rlimit full = before_;
        full.rlim_cur = pages * static_cast<rlim_t>(::sysconf(_SC_PAGESIZE)) + (rlim_t{2} << 20U);
        ::setrlimit(RLIMIT_AS, &full);
    }
    NoRoom(const NoRoom&) = delete;
    NoRoom& operator=(const NoRoom&) = delete;
    ~NoRoom() { ::setrlimit(RLIMIT_AS, &before_); }

private:
    rlimit before_{};
};

RunningAttempt attempt_of(JobId id) {
    RunningAttempt attempt;
    attempt.job.id = id;
    return attempt;
}

TEST(AttemptPool, GoesOnWithTheThreadsThatItHas) {
    std::atomic<bool> go = false;
    AttemptPool pool(
        2,
        [&go](const RunningAttempt& attempt) {
            while (!go) std::this_thread::sleep_for(1ms);
            return Settlement{.job = attempt.job};
        },
        [] {});
    pool.start({attempt_of(1)});
    {
        const NoRoom none;
        EXPECT_NO_THROW(pool.start({attempt_of(2)}));
    }
    go = true;
    std::size_t ended = 0;
    for (int i = 0; i < 20'000 && ended < 2; ++i) {
        ended += pool.take_ended().size();
        std::this_thread::sleep_for(1ms);
    }
    EXPECT_EQ(ended, 2U);
}

}  // namespace
}  // namespace periodic::testing
