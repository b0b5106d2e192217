#include "base/file_stamp.hpp"

#include <chrono>
#include <cstdio>
#include <filesystem>
#include <string>

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "temporary_directory.hpp"

namespace periodic {
namespace {

// The stamp once the file was left alone for long enough.
FileStamp settled(const std::string& path) {
    const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds(30);
    while (std::chrono::steady_clock::now() < limit) {
        if (const auto stamp = stamp_of(path)) return *stamp;
        ::usleep(5000);
    }
    ADD_FAILURE() << path << " never settles";
    return {};
}

TEST(FileStamp, IsTheSameForAFileThatNobodyTouches) {
    const TemporaryDirectory directory;
    const std::string file = directory.write("a", "text");
    EXPECT_EQ(settled(file), settled(file));
}

TEST(FileStamp, IsNoneForAFileThatWasJustWritten) {
    const TemporaryDirectory directory;
    // On a machine that stops for a tenth of a second now and then it was not just now.
    bool none = false;
    for (int i = 0; i < 100 && !none; ++i) none = !stamp_of(directory.write("a", "text"));
    EXPECT_TRUE(none);
    EXPECT_FALSE(stamp_of(directory.file("missing")));
}

TEST(FileStamp, ChangesWithTextModeAndPlace) {
    const TemporaryDirectory directory;
    const std::string file = directory.write("a", "text");
    const FileStamp first = settled(file);
    directory.write("a", "next");
    const FileStamp written = settled(file);
    EXPECT_NE(written, first);
    ASSERT_EQ(::chmod(file.c_str(), 0666), 0);
    const FileStamp changed = settled(file);
    EXPECT_NE(changed, written);
    const std::string other = directory.write("b", "next");
    ASSERT_EQ(std::rename(other.c_str(), file.c_str()), 0);
    const FileStamp replaced = settled(file);
    EXPECT_NE(replaced, changed);
    ASSERT_EQ(::chmod(directory.path().c_str(), 0777), 0);
    EXPECT_NE(settled(file), replaced) << "others may put another one in its place now";
}

}  // namespace
}  // namespace periodic
