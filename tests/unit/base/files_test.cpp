#include "base/files.hpp"

#include <filesystem>

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/descriptor.hpp"
#include "temporary_directory.hpp"

namespace periodic {
namespace {

using ::testing::HasSubstr;
namespace fs = std::filesystem;

class FilesTest : public ::testing::Test {
protected:
    TemporaryDirectory directory_;
};

TEST_F(FilesTest, ReadsUpToTheLimit) {
    const std::string path = directory_.write("a", "12345");
    EXPECT_EQ(read_file(path, 5).value(), "12345");
    const auto too_large = read_file(path, 4);
    EXPECT_EQ(too_large.error().code, ErrorCode::Invalid);
    EXPECT_EQ(too_large.error().file, path);
    EXPECT_EQ(read_file(directory_.write("empty", ""), 0).value(), "");
}

TEST_F(FilesTest, SaysWhyAFileCannotBeRead) {
    EXPECT_EQ(read_file(directory_.file("no"), 10).error().code, ErrorCode::NotFound);
    const auto is_directory = read_file(directory_.path().string(), 10);
    EXPECT_EQ(is_directory.error().code, ErrorCode::Invalid);
    EXPECT_THAT(is_directory.error().message, HasSubstr("directory"));
    EXPECT_EQ(read_file("/dev/zero", 10).error().code, ErrorCode::Invalid);
}

TEST_F(FilesTest, DoesNotWaitForAPipe) {
    ASSERT_EQ(::mkfifo(directory_.file("pipe").c_str(), 0600), 0);
    EXPECT_EQ(read_file(directory_.file("pipe"), 10).error().code, ErrorCode::Invalid);
}

TEST_F(FilesTest, ReplacesAFileForItsOwnerAlone) {
    const std::string path = directory_.write("a", "old");
    fs::permissions(path, fs::perms(0644));
    write_file_atomically(path, "new");
    EXPECT_EQ(directory_.read("a"), "new");
    EXPECT_EQ(fs::status(path).permissions(), fs::perms(0600));
    EXPECT_EQ(std::distance(fs::directory_iterator(directory_.path()), {}), 1)
        << "something is left";
}

TEST_F(FilesTest, LeavesTheOldFileWhenItCannotBeReplaced) {
    fs::create_directory(directory_.file("a"));
    EXPECT_THROW(write_file_atomically(directory_.file("a"), "new"), std::system_error);
    EXPECT_THROW(write_file_atomically(directory_.file("no/a"), "new"), std::system_error);
    EXPECT_EQ(std::distance(fs::directory_iterator(directory_.path()), {}), 1)
        << "something is left";
}

TEST_F(FilesTest, FindsRealPaths) {
    fs::create_directory(directory_.file("a"));
    fs::create_directory_symlink("a", directory_.file("link"));
    const std::string real = fs::canonical(directory_.path()).string();
    EXPECT_EQ(real_path(directory_.file("link/../a/.")).value(), real + "/a");
    EXPECT_EQ(real_path(directory_.file("no")).error().code, ErrorCode::NotFound);
}

TEST(PathBelow, IsLexical) {
    EXPECT_EQ(path_below("/home", "a/b"), "/home/a/b");
    EXPECT_EQ(path_below("/", "a"), "/a");
    EXPECT_EQ(path_below("/home", "/a"), "/a");
    EXPECT_EQ(path_below("/home", ""), "/home");
}

// The walk is the same for every owner, so that these hold for whoever runs the tests.
class SafePathTest : public FilesTest {
protected:
    [[nodiscard]] static Result<void> check(const std::string& path) {
        return check_only_written_by(path, ::geteuid());
    }
    static std::string complaint(const std::string& path) {
        const auto checked = check(path);
        return checked ? "" : checked.error().message;
    }
};

TEST_F(SafePathTest, IsFineBelowAStickyDirectory) {
    const std::string file = directory_.write("task.xml", "");
    fs::permissions(file, fs::perms(0644));
    EXPECT_EQ(complaint(file), "");
}

TEST_F(SafePathTest, RefusesAFileThatOthersMayWrite) {
    const std::string file = directory_.write("task.xml", "");
    for (const auto mode : {0664, 0646}) {
        fs::permissions(file, fs::perms(mode));
        const auto checked = check(file);
        ASSERT_FALSE(checked.has_value()) << mode;
        EXPECT_EQ(checked.error().code, ErrorCode::Unsafe);
        EXPECT_THAT(checked.error().message, HasSubstr("others may write " + file));
        EXPECT_EQ(checked.error().hint, "chmod go-w " + file);
        EXPECT_EQ(checked.error().file, file);
    }
}

TEST_F(SafePathTest, RefusesADirectoryAboveThatOthersMayWrite) {
    fs::create_directories(directory_.file("a/b"));
    const std::string file = directory_.write("a/b/task.xml", "");
    fs::permissions(directory_.file("a"), fs::perms(0777));
    EXPECT_THAT(complaint(file), HasSubstr("others may write " + directory_.file("a")));
    fs::permissions(directory_.file("a"), fs::perms(01777));
    EXPECT_EQ(complaint(file), "");
}

TEST_F(SafePathTest, LooksAtTheWayThatALinkLeads) {
    fs::create_directories(directory_.file("open"));
    fs::create_directories(directory_.file("closed"));
    directory_.write("open/task.xml", "");
    fs::permissions(directory_.file("open"), fs::perms(0777));
    fs::create_symlink("../open/task.xml", directory_.file("closed/task.xml"));
    EXPECT_THAT(complaint(directory_.file("closed/task.xml")), HasSubstr("/open"));
    fs::create_symlink(directory_.file("open"), directory_.file("absolute"));
    EXPECT_THAT(complaint(directory_.file("absolute/task.xml")), HasSubstr("/open"));
}

TEST_F(SafePathTest, LooksAtADirectoryThatDotsLeave) {
    fs::create_directories(directory_.file("open/in"));
    directory_.write("task.xml", "");
    fs::permissions(directory_.file("open"), fs::perms(0777));
    EXPECT_THAT(complaint(directory_.file("open/../task.xml")), HasSubstr("/open"));
    EXPECT_EQ(complaint("/../../"), "");
}

TEST_F(SafePathTest, RefusesWhatBelongsToAnother) {
    if (::geteuid() != 0) GTEST_SKIP() << "only root can give files away";
    const std::string file = directory_.write("task.xml", "");
    fs::permissions(file, fs::perms(0644));
    ASSERT_EQ(::chown(file.c_str(), 65534, 65534), 0);
    EXPECT_THAT(complaint(file), HasSubstr("belongs to nobody"));
    EXPECT_EQ(check_safe_to_execute(file).error().code, ErrorCode::Unsafe);
    // A link of another's in a sticky directory: its owner may lead it elsewhere.
    fs::create_symlink("/etc/passwd", directory_.file("link"));
    ASSERT_EQ(::lchown(directory_.file("link").c_str(), 65534, 65534), 0);
    EXPECT_THAT(complaint(directory_.file("link")), HasSubstr("belongs to nobody"));
}

TEST_F(SafePathTest, NeverTellsToTakeADirectoryFromItsOwner) {
    if (::geteuid() != 0) GTEST_SKIP() << "only root can give files away";
    fs::create_directories(directory_.file("a"));
    const std::string file = directory_.write("a/task.xml", "");
    fs::permissions(file, fs::perms(0644));
    ASSERT_EQ(::chown(file.c_str(), 65534, 65534), 0);
    EXPECT_EQ(check_safe_to_execute(file).error().hint, "chown 0 " + file);
    ASSERT_EQ(::chown(directory_.file("a").c_str(), 65534, 65534), 0);
    EXPECT_EQ(
        check_safe_to_execute(file).error().hint,
        "run it as nobody (runuser -u nobody -- periodic ...), or move the home to where root "
        "alone may write");
}

class SafeFileTest : public FilesTest {
protected:
    void SetUp() override {
        if (::geteuid() != 0) GTEST_SKIP() << "only root has to trust";
    }
    std::string write(std::string_view name, uid_t owner, int mode = 0644) const {
        const std::string file = directory_.write(name, "text");
        fs::permissions(file, fs::perms(mode));
        EXPECT_EQ(::chown(file.c_str(), owner, owner), 0);
        return file;
    }
};

TEST_F(SafeFileTest, IsReadOnlyIfNobodyElseCouldChangeIt) {
    EXPECT_EQ(read_safe_file(write("roots", 0), 10).value(), "text");
    EXPECT_EQ(read_safe_file(write("nobodys", 65534), 10).error().code, ErrorCode::Unsafe);
    EXPECT_EQ(read_safe_file(write("open", 0, 0666), 10).error().code, ErrorCode::Unsafe);
    EXPECT_EQ(read_safe_file(directory_.file("no"), 10).error().code, ErrorCode::NotFound);
    EXPECT_EQ(read_safe_file(directory_.file("roots"), 3).error().code, ErrorCode::Invalid);
}

TEST_F(SafeFileTest, IsLookedAtAsItWasOpenedNotAsItIsNamed) {
    const std::string path = write("task.xml", 65534);
    const Descriptor nobodys(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    fs::rename(write("roots", 0), path);
    ASSERT_TRUE(check_safe_to_execute(path)) << "the path leads to root's file now";
    EXPECT_FALSE(is_safe_as_opened(nobodys.get(), path));
    const Descriptor roots(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    EXPECT_TRUE(is_safe_as_opened(roots.get(), path));
    ASSERT_EQ(::fchown(roots.get(), 65534, 65534), 0);
    EXPECT_FALSE(is_safe_as_opened(roots.get(), path));
}

TEST_F(SafePathTest, EndsInALoopOfLinks) {
    fs::create_symlink("b", directory_.file("a"));
    fs::create_symlink("a", directory_.file("b"));
    EXPECT_EQ(check(directory_.file("a")).error().code, ErrorCode::Io);
    EXPECT_EQ(check(directory_.file("no")).error().code, ErrorCode::NotFound);
}

}  // namespace
}  // namespace periodic
