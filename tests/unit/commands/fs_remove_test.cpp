#include "command_fixture.hpp"

namespace periodic {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
namespace fs = std::filesystem;

class FsRemove : public CommandTest {
protected:
    static std::string remove(const std::string& path, const std::string& pattern = "") {
        return "<command type='fs.remove'><path>" + path + "</path>" +
               (pattern.empty() ? "" : "<pattern>" + pattern + "</pattern>") + "</command>";
    }
};

TEST_F(FsRemove, RemovesATree) {
    write("data/a.txt");
    write("data/below/deep/.hidden");
    EXPECT_EQ(run(remove("data/")), Outcome::Success);
    EXPECT_FALSE(exists("data"));
    EXPECT_EQ(context.changes_of_user, 1);
}

TEST_F(FsRemove, RemovesWhatMatchesInAllOfTheTree) {
    write("data/file1");
    write("data/below/file2");
    write("data/below/other");
    EXPECT_EQ(run(remove("data", "file*")), Outcome::Success);
    EXPECT_FALSE(exists("data/file1"));
    EXPECT_FALSE(exists("data/below/file2"));
    EXPECT_TRUE(exists("data/below/other"));
}

TEST_F(FsRemove, RemovesAMatchingDirectoryWithAllThatIsInIt) {
    write("data/below/deep/other");
    write("data/kept");
    EXPECT_EQ(run(remove("data", "below")), Outcome::Success);
    EXPECT_FALSE(exists("data/below"));
    EXPECT_TRUE(exists("data/kept"));
}

TEST_F(FsRemove, LeavesAFileThatDoesNotMatch) {
    write("a.txt");
    EXPECT_EQ(run(remove("a.txt", "*.tmp")), Outcome::Success);
    EXPECT_TRUE(exists("a.txt"));
    EXPECT_EQ(run(remove("a.txt", "*.txt")), Outcome::Success);
    EXPECT_FALSE(exists("a.txt"));
}

TEST_F(FsRemove, WarnsWhenThereIsNothing) {
    EXPECT_EQ(run(remove("no")), Outcome::Success);
    EXPECT_EQ(run(remove("no/way")), Outcome::Success);
    EXPECT_THAT(warnings(),
                ElementsAre("there is no no to remove", "there is no no/way to remove"));
}

TEST_F(FsRemove, RemovesLinksAndNeverFollowsThem) {
    write("elsewhere/kept");
    fs::create_directory(work() / "data");
    fs::create_directory_symlink("../elsewhere", work() / "data/link");
    EXPECT_EQ(run(remove("data")), Outcome::Success);
    EXPECT_TRUE(exists("elsewhere/kept"));
    fs::create_directory_symlink("elsewhere", work() / "top");
    EXPECT_EQ(run(remove("top/")), Outcome::Success);
    EXPECT_FALSE(exists("top"));
    EXPECT_TRUE(exists("elsewhere/kept"));
}

TEST_F(FsRemove, DoesNotLookBehindALinkForMatches) {
    write("elsewhere/a.tmp");
    fs::create_directory(work() / "data");
    fs::create_directory_symlink("../elsewhere", work() / "data/link");
    EXPECT_EQ(run(remove("data", "*.tmp")), Outcome::Success);
    EXPECT_TRUE(exists("elsewhere/a.tmp"));
    EXPECT_TRUE(exists("data/link"));
}

TEST_F(FsRemove, RefusesTheRootTheHomeAndNothing) {
    EXPECT_THAT(mistake(remove("/")), HasSubstr("root directory is refused"));
    EXPECT_THAT(mistake(remove("///")), HasSubstr("root directory is refused"));
    EXPECT_THAT(mistake(remove(" ")), HasSubstr("<path> is empty"));
    EXPECT_THAT(mistake(remove("data/..")), HasSubstr("refused"));
    EXPECT_THAT(mistake(remove(".")), HasSubstr("refused"));
    EXPECT_EQ(run(remove(home().string())), Outcome::Fail);
    EXPECT_EQ(run(remove("../home/")), Outcome::Fail);
    EXPECT_EQ(run(remove("../home", "*")), Outcome::Fail);
    EXPECT_THAT(errors(), Contains(HasSubstr("it is the home")).Times(3));
    EXPECT_TRUE(fs::exists(home()));
}

TEST_F(FsRemove, RefusesTheHomeByWhateverNameItHas) {
    fs::create_directory_symlink(home().parent_path(), work() / "way");
    EXPECT_EQ(run(remove("way/home")), Outcome::Fail);
    EXPECT_TRUE(fs::exists(home()));
}

TEST_F(FsRemove, RefusesADirectoryAboveTheHome) {
    EXPECT_EQ(run(remove(home().parent_path().string())), Outcome::Fail);
    EXPECT_TRUE(fs::exists(home()));
    EXPECT_TRUE(fs::exists(work()));
    EXPECT_THAT(errors(), Contains(HasSubstr("above it, is refused")));
}

TEST_F(FsRemove, MayLookForMatchesInADirectoryAboveTheHome) {
    write("a.tmp");
    EXPECT_EQ(run(remove(home().parent_path().string(), "*.tmp")), Outcome::Success);
    EXPECT_FALSE(exists("a.tmp"));
    EXPECT_EQ(run(remove(home().parent_path().string(), "ho*")), Outcome::Fail);
    EXPECT_TRUE(fs::exists(home()));
}

TEST_F(FsRemove, RefusesAPatternThatCouldNeverMatch) {
    EXPECT_THAT(mistake(remove("data", "a/b")), HasSubstr("can't hold '/'"));
}

TEST_F(FsRemove, StopsWhenTheAttemptIsToEnd) {
    write("data/a.txt");
    context.stop.request_stop();
    EXPECT_EQ(run(remove("data")), Outcome::Fail);
    EXPECT_TRUE(exists("data/a.txt"));
}

TEST_F(FsRemove, RemovesAVeryDeepTree) {
    std::string path = "data";
    for (int i = 0; i < 500; ++i) path += "/d";
    fs::create_directories(work() / path);
    EXPECT_EQ(run(remove("data")), Outcome::Success);
    EXPECT_FALSE(exists("data"));
    EXPECT_THAT(context.logged(LogLevel::Info), ElementsAre("removed 501 entries"));
}

TEST_F(FsRemove, SaysThatItCannotLookForMatchesInAVeryDeepTree) {
    std::string path = "data";
    for (int i = 0; i < 250; ++i) path += "/d";
    write(path + "/a.tmp");
    EXPECT_EQ(run(remove("data", "*.tmp")), Outcome::Fail);
    EXPECT_THAT(errors(), Contains(HasSubstr("nested deeper than 200 levels")));
}

TEST_F(FsRemove, RemovesManyFiles) {
    for (int i = 0; i < 3000; ++i) write("data/" + std::to_string(i), "");
    EXPECT_EQ(run(remove("data")), Outcome::Success);
    EXPECT_FALSE(exists("data"));
    EXPECT_THAT(context.logged(LogLevel::Info), ElementsAre("removed 3001 entries"));
}

}  // namespace
}  // namespace periodic
