#include "store/reserve.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "temporary_directory.hpp"

namespace periodic {
namespace {

TEST(Reserve, IsAllocatedPrivateAndGivenUp) {
    const TemporaryDirectory directory;
    const std::string path = directory.file("reserve");
    Reserve reserve(path);
    EXPECT_FALSE(reserve.is_there());
    const mode_t old = umask(0);
    ASSERT_TRUE(reserve.restore().has_value());
    umask(old);
    EXPECT_TRUE(reserve.is_there());
    struct stat status {};
    ASSERT_EQ(stat(path.c_str(), &status), 0);
    EXPECT_EQ(status.st_size, Reserve::kBytes);
    EXPECT_GE(status.st_blocks * 512, Reserve::kBytes) << "its blocks are really there";
    EXPECT_EQ(status.st_mode & 0777U, 0600U);
    reserve.give_up();
    EXPECT_FALSE(reserve.is_there());
    reserve.give_up();
    EXPECT_TRUE(reserve.restore().has_value());
}

TEST(Reserve, IsCompletedIfItWasCutShort) {
    const TemporaryDirectory directory;
    Reserve reserve(directory.write("reserve", "short"));
    EXPECT_FALSE(reserve.is_there());
    ASSERT_TRUE(reserve.restore().has_value());
    EXPECT_TRUE(reserve.is_there());
}

TEST(Reserve, SaysWhyItCantBeMade) {
    Reserve reserve("/nonexistent/reserve");
    const auto restored = reserve.restore();
    ASSERT_FALSE(restored.has_value());
    EXPECT_EQ(restored.error().code, ErrorCode::Io);
    EXPECT_THAT(restored.error().message, testing::HasSubstr("/nonexistent/reserve: No such file"));
}

}  // namespace
}  // namespace periodic
