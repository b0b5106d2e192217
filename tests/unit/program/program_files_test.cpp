#include "run/program_files.hpp"

#include <filesystem>
#include <fstream>
#include <string>

#include <gtest/gtest.h>
#include <sys/stat.h>
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

}  // namespace
}  // namespace periodic
