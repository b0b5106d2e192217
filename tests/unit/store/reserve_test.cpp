#include "store/reserve.hpp"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include "temporary_directory.hpp"

namespace periodic {
namespace {

constexpr off_t kBytes = 1 << 20;

struct stat status_of(const std::string& path) {
    struct stat status {};
    stat(path.c_str(), &status);
    return status;
}

TEST(Reserve, IsAllocatedPrivateAndGivenUp) {
    const TemporaryDirectory directory;
    const std::string path = directory.file("reserve");
    Reserve reserve(path);
    const mode_t old = umask(0);
    reserve.restore();
    umask(old);
    EXPECT_EQ(status_of(path).st_size, kBytes);
    EXPECT_GE(status_of(path).st_blocks * 512, kBytes) << "its blocks are really there";
    EXPECT_EQ(status_of(path).st_mode & 0777U, 0600U);
    reserve.give_up();
    EXPECT_FALSE(std::filesystem::exists(path));
    reserve.give_up();
    reserve.restore();
    EXPECT_EQ(status_of(path).st_size, kBytes);
}

TEST(Reserve, IsCompletedIfItWasCutShort) {
    const TemporaryDirectory directory;
    const std::string path = directory.write("reserve", "short");
    Reserve(path).restore();
    EXPECT_EQ(status_of(path).st_size, kBytes);
}

TEST(Reserve, IsNeverWrittenThroughALink) {
    const TemporaryDirectory directory;
    const std::string other = directory.write("other", "precious");
    std::filesystem::create_symlink(other, directory.file("reserve"));
    Reserve(directory.file("reserve")).restore();
    EXPECT_EQ(directory.read("other"), "precious");
}

}  // namespace
}  // namespace periodic
