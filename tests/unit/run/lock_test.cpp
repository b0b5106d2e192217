#include "run/lock.hpp"

#include <csignal>
#include <filesystem>

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/this_machine.hpp"
#include "support/temporary_home.hpp"

namespace periodic::testing {
namespace {

class LockTest : public ::testing::Test {
protected:
    TemporaryHome home_;
    std::string path_ = home_.path("lock");
};

LockOwner me() {
    LockOwner owner;
    owner.process = this_process();
    owner.host = this_host();
    owner.kind = "run";
    owner.generation = 12;
    owner.since = Time(std::chrono::milliseconds(1'800'000'000'123));
    owner.heartbeat = owner.since;
    return owner;
}

TEST_F(LockTest, IsHeldByOneAtATime) {
    auto first = Lock::try_acquire(path_);
    ASSERT_TRUE(first.has_value());
    EXPECT_FALSE(Lock::try_acquire(path_).has_value());
    first.reset();
    EXPECT_TRUE(Lock::try_acquire(path_).has_value());
}

TEST_F(LockTest, SaysWhoHoldsIt) {
    auto lock = Lock::try_acquire(path_);
    lock->write_owner(me());
    const auto owner = Lock::read_owner(path_);
    ASSERT_TRUE(owner.has_value());
    EXPECT_EQ(owner->process, me().process);
    EXPECT_EQ(owner->host, me().host);
    EXPECT_EQ(owner->kind, "run");
    EXPECT_EQ(owner->generation, 12);
    EXPECT_EQ(owner->since, me().since);
}

TEST_F(LockTest, IsFreedByTheKernelWhenItsOwnerDies) {
    const pid_t child = ::fork();
    if (child == 0) {
        const auto lock = Lock::try_acquire(path_);
        ::kill(::getpid(), lock ? SIGKILL : SIGTERM);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    ASSERT_EQ(WTERMSIG(status), SIGKILL);
    EXPECT_TRUE(Lock::try_acquire(path_).has_value());
}

TEST_F(LockTest, MakesItsFileAnewWhenACleanerRemovedIt) {
    auto lock = Lock::try_acquire(path_);
    lock->write_owner(me());
    std::filesystem::remove(path_);
    EXPECT_TRUE(lock->heal());
    EXPECT_FALSE(Lock::try_acquire(path_).has_value());
    EXPECT_EQ(Lock::read_owner(path_)->generation, 12);
}

TEST_F(LockTest, LeavesAFileToWhoMadeItFirst) {
    auto lock = Lock::try_acquire(path_);
    std::filesystem::remove(path_);
    auto other = Lock::try_acquire(path_);
    ASSERT_TRUE(other.has_value());
    EXPECT_FALSE(lock->heal());
    other.reset();
    EXPECT_TRUE(lock->heal());
}

TEST_F(LockTest, ReadsNothingOutOfGarbage) {
    EXPECT_FALSE(Lock::read_owner(path_).has_value());
    home_.write("lock", "\xff\xfe pid=\n=\npid=-3\n");
    EXPECT_FALSE(Lock::read_owner(path_).has_value());
    home_.write("lock", "");
    EXPECT_FALSE(Lock::read_owner(path_).has_value());
}

TEST_F(LockTest, IsNotTakenThroughASymbolicLink) {
    std::filesystem::create_symlink(home_.path("elsewhere"), path_);
    EXPECT_THROW((void)Lock::try_acquire(path_), StorageError);
    EXPECT_FALSE(std::filesystem::exists(home_.path("elsewhere")));
}

TEST(EndOwner, EndsOnlyTheProcessThatItMeans) {
    const pid_t child = ::fork();
    if (child == 0) {
        ::pause();
        ::_exit(0);
    }
    LockOwner owner = me();
    owner.process.pid = child;
    owner.process.start_ticks = *start_ticks_of(child) + 1;
    EXPECT_TRUE(end_owner(owner, std::chrono::seconds(1))) << "that process is gone already";
    EXPECT_TRUE(start_ticks_of(child).has_value()) << "its pid belongs to another now";
    owner.process.start_ticks -= 1;
    owner.host = "elsewhere";
    EXPECT_FALSE(end_owner(owner, std::chrono::seconds(1)));
    owner.host = this_host();
    EXPECT_TRUE(end_owner(owner, std::chrono::seconds(10)));
    EXPECT_FALSE(start_ticks_of(child).has_value());
    ::waitpid(child, nullptr, 0);
}

}  // namespace
}  // namespace periodic::testing
