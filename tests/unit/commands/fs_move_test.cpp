#include <sys/stat.h>

#include "command_fixture.hpp"

namespace periodic {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
namespace fs = std::filesystem;

using FsMove = CommandTest;
using FsMakeDirectory = CommandTest;

TEST_F(FsMove, RenamesADirectory) {
    write("data/below/a.txt", "one");
    EXPECT_EQ(run("<command type='fs.move'><src>data/</src><dst>archive</dst></command>"),
              Outcome::Success);
    EXPECT_EQ(read("archive/below/a.txt"), "one");
    EXPECT_FALSE(exists("data"));
}

TEST_F(FsMove, NeverReplacesWhatIsThere) {
    write("a", "new");
    write("b", "old");
    EXPECT_EQ(run("<command type='fs.move'><src>a</src><dst>b</dst></command>"), Outcome::Fail);
    EXPECT_EQ(read("a"), "new");
    EXPECT_EQ(read("b"), "old");
    EXPECT_THAT(errors(), ElementsAre(HasSubstr("File exists")));
}

TEST_F(FsMove, FailsWithoutASource) {
    EXPECT_EQ(run("<command type='fs.move'><src>no</src><dst>b</dst></command>"), Outcome::Fail);
    EXPECT_THAT(errors(), ElementsAre(HasSubstr("can't move no to b")));
}

TEST_F(FsMove, MovesALinkAndNotWhatItLeadsTo) {
    write("kept", "kept");
    fs::create_symlink("kept", work() / "link");
    EXPECT_EQ(run("<command type='fs.move'><src>link</src><dst>moved</dst></command>"),
              Outcome::Success);
    EXPECT_TRUE(fs::is_symlink(work() / "moved"));
    EXPECT_TRUE(exists("kept"));
}

TEST_F(FsMove, RefusesTheHome) {
    EXPECT_EQ(
        run("<command type='fs.move'><src>" + home().string() + "</src><dst>b</dst></command>"),
        Outcome::Fail);
    EXPECT_TRUE(fs::exists(home()));
}

TEST_F(FsMove, CrossesIntoAnotherFileSystem) {
    const fs::path other = "/dev/shm";
    struct stat here {};
    struct stat there {};
    if (::stat(work().c_str(), &here) != 0 || ::stat(other.c_str(), &there) != 0 ||
        here.st_dev == there.st_dev) {
        GTEST_SKIP() << "there is no second file system at " << other;
    }
    const fs::path target = other / directory_.path().filename();
    write("data/below/a.txt", "one");
    fs::create_symlink("below", work() / "data/link");
    const auto time = fs::last_write_time(work() / "data/below/a.txt");
    EXPECT_EQ(
        run("<command type='fs.move'><src>data</src><dst>" + target.string() + "</dst></command>"),
        Outcome::Success);
    EXPECT_FALSE(exists("data"));
    EXPECT_TRUE(fs::is_symlink(target / "link"));
    EXPECT_EQ(fs::last_write_time(target / "below/a.txt"), time);
    EXPECT_EQ(
        run("<command type='fs.move'><src>" + target.string() + "</src><dst>back</dst></command>"),
        Outcome::Success);
    EXPECT_EQ(read("back/below/a.txt"), "one");
    EXPECT_FALSE(fs::exists(target));
}

TEST_F(FsMakeDirectory, MakesParentsToo) {
    EXPECT_EQ(run("<command type='fs.mkdir'><path>a//b/./c/</path></command>"), Outcome::Success);
    EXPECT_TRUE(fs::is_directory(work() / "a/b/c"));
}

TEST_F(FsMakeDirectory, IsFineWithOneThatIsThere) {
    fs::create_directory(work() / "real");
    fs::create_directory_symlink("real", work() / "link");
    EXPECT_EQ(run("<command type='fs.mkdir'><path>link/a</path></command>"), Outcome::Success);
    EXPECT_EQ(run("<command type='fs.mkdir'><path>link/a</path></command>"), Outcome::Success);
    EXPECT_TRUE(fs::is_directory(work() / "real/a"));
    EXPECT_EQ(
        run("<command type='fs.mkdir'><path>" + (work() / "b").string() + "</path></command>"),
        Outcome::Success);
    EXPECT_TRUE(exists("b"));
}

TEST_F(FsMakeDirectory, FailsWhereAFileIsInTheWay) {
    write("file");
    EXPECT_EQ(run("<command type='fs.mkdir'><path>file/a</path></command>"), Outcome::Fail);
    EXPECT_THAT(errors(), ElementsAre(HasSubstr("Not a directory")));
}

}  // namespace
}  // namespace periodic
