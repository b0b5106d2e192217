#include "run/program_files.hpp"

#include <csignal>
#include <filesystem>
#include <fstream>
#include <string>

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "support/temporary_home.hpp"

namespace periodic {
namespace {

namespace fs = std::filesystem;

std::string content(const std::string& path) {
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), {}};
}

void append(const std::string& path, const std::string& text) {
    std::ofstream(path, std::ios::app) << text;
}

class ProgramFilesStockTest : public ::testing::Test {
protected:
    // One program's use of the stock; answers the directory that it had.
    template <class Use>
    std::string use(const std::string& parameters, Use what_the_program_does) {
        ProgramFiles files = stock_.take(directory_.path(), parameters, std::nullopt);
        EXPECT_EQ(content(files.parameters()), parameters);
        EXPECT_EQ(fs::file_size(files.response()), 0U);
        EXPECT_EQ(fs::file_size(files.output()), 0U);
        const std::string directory = fs::path(files.response()).parent_path();
        what_the_program_does(files);
        stock_.give_back(std::move(files), std::nullopt);
        return directory;
    }

    testing::TemporaryHome directory_;
    ProgramFilesStock stock_;
};

TEST_F(ProgramFilesStockTest, GivesTheFilesOfOneProgramToTheNextAsNew) {
    const std::string first = use(R"({"long":"parameters"})", [](const ProgramFiles& files) {
        append(files.response(), "an answer");
        append(files.output(), "message=done\n");
        append(files.parameters(), "tampered with");
    });
    EXPECT_EQ(use("{}", [](const ProgramFiles&) {}), first);
    EXPECT_EQ(use(R"({"n":"1"})", [](const ProgramFiles&) {}), first);
}

TEST_F(ProgramFilesStockTest, KeepsNothingThatAProgramHasChangedMoreThanItMay) {
    const auto changes = {
        +[](const ProgramFiles& files) { fs::remove(files.response()); },
        +[](const ProgramFiles& files) { fs::create_symlink("/etc/passwd", files.output() + "2"); },
        +[](const ProgramFiles& files) {
            fs::remove(files.output());
            fs::create_symlink("/etc/passwd", files.output());
        },
        +[](const ProgramFiles& files) {
            append(files.response() + ".new", "x");
            fs::rename(files.response() + ".new", files.response());
        },
        +[](const ProgramFiles& files) { ::chmod(files.response().c_str(), 0644); },
        +[](const ProgramFiles& files) {
            fs::create_hard_link(files.response(),
                                 fs::path(files.response()).parent_path().string() + "-link");
        },
        +[](const ProgramFiles& files) { append(files.response() + ".more", "x"); },
        +[](const ProgramFiles& files) {
            fs::remove_all(fs::path(files.response()).parent_path());
        },
    };
    for (const auto change : changes) {
        const std::string changed = use("{}", change);
        EXPECT_NE(use("{}", [](const ProgramFiles&) {}), changed);
        EXPECT_FALSE(fs::exists(changed));
    }
}

TEST_F(ProgramFilesStockTest, GivesTwoProgramsThatRunAtOnceFilesOfTheirOwn) {
    const ProgramFiles one = stock_.take(directory_.path(), "{}", std::nullopt);
    const ProgramFiles other = stock_.take(directory_.path(), "{}", std::nullopt);
    EXPECT_NE(one.response(), other.response());
}

TEST_F(ProgramFilesStockTest, RemovesThemInTheEnd) {
    std::string directory;
    {
        ProgramFilesStock stock;
        ProgramFiles files = stock.take(directory_.path(), "{}", std::nullopt);
        directory = fs::path(files.response()).parent_path();
        stock.give_back(std::move(files), std::nullopt);
        EXPECT_TRUE(fs::exists(directory));
    }
    EXPECT_FALSE(fs::exists(directory));
}

class UsersProgramFiles : public ::testing::Test {
protected:
    void SetUp() override {
        if (::geteuid() != 0) GTEST_SKIP() << "needs root";
        fs::create_directory(state());
    }
    std::string state() const { return directory_.path() + "/state"; }
    // Where the one link below the state leads; empty if nothing is there.
    std::string linked() const {
        const fs::directory_iterator entry(state());
        return entry == fs::directory_iterator() ? "" : fs::read_symlink(entry->path()).string();
    }
    testing::TemporaryHome directory_;
    std::optional<ProcessUser> nobody_ = find_user("nobody").value();
};

TEST_F(UsersProgramFiles, AreElsewhereForTheUserAloneAndGoWithTheirLink) {
    std::string place;
    {
        const ProgramFiles files(state(), "{}", nobody_);
        place = fs::path(files.parameters()).parent_path();
        EXPECT_EQ(fs::path(place).parent_path(), fs::temp_directory_path());
        struct stat found {};
        ASSERT_EQ(::stat(place.c_str(), &found), 0);
        EXPECT_EQ(found.st_mode & 07777U, 0700U);
        EXPECT_EQ(found.st_uid, nobody_->uid);
        EXPECT_EQ(linked(), place);
    }
    EXPECT_FALSE(fs::exists(place));
    EXPECT_TRUE(fs::is_empty(state()));
}

TEST_F(UsersProgramFiles, OfAKilledExecutorAreCleared) {
    const pid_t child = ::fork();
    if (child == 0) {
        const ProgramFiles files(state(), R"({"secret":"hunter2"})", nobody_);
        ::kill(::getpid(), SIGKILL);
    }
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    const std::string place = linked();
    ASSERT_TRUE(fs::exists(place + "/parameters.json"));
    clear_program_files(state());
    EXPECT_FALSE(fs::exists(place));
    EXPECT_TRUE(fs::is_empty(state()));
}

TEST_F(UsersProgramFiles, AreAllThatALinkLetsBeCleared) {
    const fs::path precious = directory_.path() + "/precious";
    fs::create_directory(precious);
    fs::create_directory_symlink(precious, state() + "/program-abcdef");
    clear_program_files(state());
    EXPECT_TRUE(fs::exists(precious));
    EXPECT_FALSE(fs::is_symlink(state() + "/program-abcdef"));
}

}  // namespace
}  // namespace periodic
