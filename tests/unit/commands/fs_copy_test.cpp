#include <sys/stat.h>
#include <unistd.h>

#include "command_fixture.hpp"

namespace periodic {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
namespace fs = std::filesystem;

using FsCopy = CommandTest;

TEST_F(FsCopy, CopiesAWholeTreeWithItsPermissions) {
    write("data/a.txt", "one");
    write("data/below/deep/b.txt", "two");
    fs::permissions(work() / "data/a.txt", fs::perms(0640));
    fs::permissions(work() / "data/below", fs::perms(0710));
    EXPECT_EQ(run("<command type='fs.copy'><src>data</src><dst>copy</dst></command>"),
              Outcome::Success);
    EXPECT_EQ(read("copy/a.txt"), "one");
    EXPECT_EQ(read("copy/below/deep/b.txt"), "two");
    EXPECT_EQ(fs::status(work() / "copy/a.txt").permissions(), fs::perms(0640));
    EXPECT_EQ(fs::status(work() / "copy/below").permissions(), fs::perms(0710));
    EXPECT_THAT(warnings(), IsEmpty());
    EXPECT_EQ(context.changes_of_user, 1);
}

TEST_F(FsCopy, CountsTheSourceAsTheFirstLevel) {
    write("data/a.txt");
    write("data/below/b.txt");
    run("<command type='fs.copy'><src>data</src><dst>none</dst><depth>0</depth></command>");
    EXPECT_FALSE(exists("none"));
    run("<command type='fs.copy'><src>data</src><dst>one</dst><depth>1</depth></command>");
    EXPECT_TRUE(exists("one"));
    EXPECT_FALSE(exists("one/a.txt"));
    run("<command type='fs.copy'><src>data</src><dst>two</dst><depth>2</depth></command>");
    EXPECT_TRUE(exists("two/a.txt"));
    EXPECT_TRUE(exists("two/below"));
    EXPECT_FALSE(exists("two/below/b.txt"));
}

TEST_F(FsCopy, LeavesWhatIsThereAndGoesOn) {
    write("data/a.txt", "new");
    write("data/b.txt", "new");
    write("copy/a.txt", "old");
    EXPECT_EQ(run("<command type='fs.copy'><src>data</src><dst>copy</dst></command>"),
              Outcome::Success);
    EXPECT_EQ(read("copy/a.txt"), "old");
    EXPECT_EQ(read("copy/b.txt"), "new");
    EXPECT_THAT(warnings(), ElementsAre("skipped copy/a.txt: it exists already"));
}

TEST_F(FsCopy, StrictMakesAFailureOfIt) {
    write("data/a.txt", "new");
    write("data/b.txt", "new");
    write("copy/a.txt", "old");
    EXPECT_EQ(run("<command "
                  "type='fs.copy'><src>data</src><dst>copy</dst><strict>true</strict></command>"),
              Outcome::Fail);
    EXPECT_EQ(read("copy/a.txt"), "old");
    EXPECT_EQ(read("copy/b.txt"), "new");
}

TEST_F(FsCopy, WarnsOfAMissingSource) {
    EXPECT_EQ(run("<command type='fs.copy'><src>no</src><dst>copy</dst></command>"),
              Outcome::Success);
    EXPECT_THAT(warnings(), ElementsAre(HasSubstr("skipped no")));
    EXPECT_EQ(
        run("<command type='fs.copy'><src>no</src><dst>copy</dst><strict>true</strict></command>"),
        Outcome::Fail);
    EXPECT_EQ(run("<command type='fs.copy'><src>no/way</src><dst>copy</dst></command>"),
              Outcome::Success);
}

TEST_F(FsCopy, FailsWhereItCannotWrite) {
    write("a.txt");
    EXPECT_EQ(run("<command type='fs.copy'><src>a.txt</src><dst>no/where</dst></command>"),
              Outcome::Fail);
    EXPECT_THAT(errors(), Contains(HasSubstr("no")));
}

TEST_F(FsCopy, CopiesLinksBelowTheSourceAsLinks) {
    write("secret", "secret");
    write("data/a.txt");
    fs::create_symlink("../secret", work() / "data/link");
    fs::create_directory_symlink(work(), work() / "data/loop");
    EXPECT_EQ(run("<command type='fs.copy'><src>data</src><dst>copy</dst></command>"),
              Outcome::Success);
    EXPECT_EQ(fs::read_symlink(work() / "copy/link"), "../secret");
    EXPECT_TRUE(fs::is_symlink(work() / "copy/loop"));
}

TEST_F(FsCopy, FollowsTheLinkThatTheTaskNames) {
    write("release-2/a.txt", "two");
    fs::create_directory_symlink("release-2", work() / "current");
    EXPECT_EQ(run("<command type='fs.copy'><src>current</src><dst>copy</dst></command>"),
              Outcome::Success);
    EXPECT_EQ(read("copy/a.txt"), "two");
}

TEST_F(FsCopy, NeverWritesThroughALinkAtTheDestination) {
    write("data/a.txt", "new");
    write("elsewhere/kept", "kept");
    fs::create_directory_symlink("elsewhere", work() / "copy");
    EXPECT_EQ(run("<command type='fs.copy'><src>data</src><dst>copy</dst></command>"),
              Outcome::Success);
    EXPECT_FALSE(exists("elsewhere/a.txt"));
    EXPECT_THAT(warnings(), ElementsAre(HasSubstr("no directory")));
    fs::create_symlink("elsewhere/kept", work() / "file");
    EXPECT_EQ(run("<command type='fs.copy'><src>data/a.txt</src><dst>file</dst></command>"),
              Outcome::Success);
    EXPECT_EQ(read("elsewhere/kept"), "kept");
}

TEST_F(FsCopy, DoesNotCopyADirectoryIntoItselfForEver) {
    write("data/a.txt");
    EXPECT_EQ(run("<command type='fs.copy'><src>data</src><dst>data/copy</dst></command>"),
              Outcome::Success);
    EXPECT_TRUE(exists("data/copy/a.txt"));
    EXPECT_FALSE(exists("data/copy/copy"));
}

TEST_F(FsCopy, TakesTheDirectoryItselfForItsSource) {
    write("a.txt");
    EXPECT_EQ(run("<command type='fs.copy'><src>.</src><dst>copy/</dst><depth>2</depth></command>"),
              Outcome::Success);
    EXPECT_TRUE(exists("copy/a.txt"));
    EXPECT_EQ(run("<command type='fs.copy'><src>/</src><dst>root</dst><depth>1</depth></command>"),
              Outcome::Success);
    EXPECT_TRUE(exists("root"));
}

TEST_F(FsCopy, GoesOnAfterATreeThatIsTooDeepAndFails) {
    std::string path = "data/deep";
    for (int i = 0; i < 250; ++i) path += "/d";
    fs::create_directories(work() / path);
    write("data/other/a.txt");
    EXPECT_EQ(run("<command type='fs.copy'><src>data</src><dst>copy</dst></command>"),
              Outcome::Fail);
    EXPECT_TRUE(exists("copy/other/a.txt"));
    EXPECT_THAT(errors(), ElementsAre(HasSubstr("nested deeper than 200 levels")));
}

TEST_F(FsCopy, SkipsWhatIsNeitherFileNorDirectory) {
    write("data/a.txt");
    ASSERT_EQ(::mkfifo((work() / "data/pipe").c_str(), 0600), 0);
    EXPECT_EQ(run("<command type='fs.copy'><src>data</src><dst>copy</dst></command>"),
              Outcome::Success);
    EXPECT_TRUE(exists("copy/a.txt"));
    EXPECT_FALSE(exists("copy/pipe"));
    EXPECT_THAT(warnings(), ElementsAre(HasSubstr("data/pipe")));
}

TEST_F(FsCopy, CopiesFilesThatAreMadeUpByTheKernel) {
    EXPECT_EQ(
        run("<command type='fs.copy'><src>/proc/self/status</src><dst>status</dst></command>"),
        Outcome::Success);
    EXPECT_THAT(read("status"), HasSubstr("Pid:"));
}

TEST_F(FsCopy, CopiesMoreThanOneChunk) {
    const std::string large(3'500'000, 'x');
    write("large", large);
    EXPECT_EQ(run("<command type='fs.copy'><src>large</src><dst>copy</dst></command>"),
              Outcome::Success);
    EXPECT_EQ(read("copy"), large);
}

TEST_F(FsCopy, StopsWhenTheAttemptIsToEnd) {
    write("data/a.txt");
    context.stop.request_stop();
    EXPECT_EQ(run("<command type='fs.copy'><src>data</src><dst>copy</dst></command>"),
              Outcome::Fail);
    EXPECT_FALSE(exists("copy/a.txt"));
}

TEST_F(FsCopy, SkipsWhatCannotBeRead) {
    if (::geteuid() == 0) GTEST_SKIP() << "root reads everything";
    write("data/a.txt");
    write("data/b.txt");
    fs::permissions(work() / "data/a.txt", fs::perms::none);
    EXPECT_EQ(run("<command type='fs.copy'><src>data</src><dst>copy</dst></command>"),
              Outcome::Success);
    EXPECT_FALSE(exists("copy/a.txt"));
    EXPECT_TRUE(exists("copy/b.txt"));
    EXPECT_THAT(warnings(), ElementsAre(HasSubstr("data/a.txt")));
}

TEST_F(FsCopy, RefusesAWrongConfigurationBeforeItRuns) {
    EXPECT_THAT(mistake("<command type='fs.copy'><dst>b</dst></command>"),
                HasSubstr("needs <src>"));
    EXPECT_THAT(
        mistake("<command type='fs.copy'><src>a</src><dst>b</dst><depth>all</depth></command>"),
        HasSubstr("'all' is no whole number"));
    EXPECT_THAT(
        mistake("<command type='fs.copy'><src>a</src><dst>b</dst><strict>1</strict></command>"),
        HasSubstr("<strict>"));
    EXPECT_THAT(mistake("<command type='fs.copy'><src>a</src><dst>b</dst><srt>c</srt></command>"),
                HasSubstr("unknown element <srt>"));
}

}  // namespace
}  // namespace periodic
