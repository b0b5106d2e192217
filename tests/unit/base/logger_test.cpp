#include "periodic/logger.hpp"

#include <chrono>
#include <filesystem>
#include <sstream>
#include <thread>
#include <vector>

#include <boost/json/parse.hpp>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "temporary_directory.hpp"

namespace periodic {
namespace {

std::vector<std::string> lines(const std::string& text) {
    std::vector<std::string> result;
    std::istringstream in(text);
    for (std::string line; std::getline(in, line);) result.push_back(line);
    return result;
}

mode_t mode_of(const std::string& path) {
    struct stat status {};
    EXPECT_EQ(::stat(path.c_str(), &status), 0) << path;
    return status.st_mode & 0777U;
}

class LoggerFile : public ::testing::Test {
protected:
    std::shared_ptr<Logger> logger(LogOptions options = {}) {
        options.file = directory_.file("periodic.log");
        return make_logger(options).value();
    }

    TemporaryDirectory directory_;
};

TEST_F(LoggerFile, SaysWhatTheRecordIsAbout) {
    logger()->log({.level = LogLevel::Warning,
                   .text = "slow",
                   .task = "mail",
                   .command = "shell",
                   .job = 12});
    EXPECT_NE(directory_.read("periodic.log").find(" warning: [mail job 12 shell] slow\n"),
              std::string::npos);
}

TEST_F(LoggerFile, LeavesOutWhatIsBelowItsLevel) {
    const auto log = logger({.level = LogLevel::Warning});
    log->info("unseen");
    log->error("seen");
    EXPECT_EQ(lines(directory_.read("periodic.log")).size(), 1U);
}

TEST_F(LoggerFile, IsPrivateAlsoAfterARotation) {
    const mode_t before = ::umask(0);
    const auto log = logger({.max_size = 1000, .keep = 2});
    for (int i = 0; i < 100; ++i) log->info("a line that fills the file before long");
    ::umask(before);
    for (const char* name : {"periodic.log", "periodic.1.log", "periodic.2.log"})
        EXPECT_EQ(mode_of(directory_.file(name)), 0600U);
    EXPECT_FALSE(std::filesystem::exists(directory_.file("periodic.3.log")));
}

TEST_F(LoggerFile, IsMadeAnewWhereSomebodyTookItAway) {
    const auto log = logger();
    log->info("before");
    const auto path = directory_.file("periodic.log");
    std::filesystem::rename(path, path + ".old");
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (!std::filesystem::exists(path) && std::chrono::steady_clock::now() < until) {
        log->info("after");
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    EXPECT_NE(directory_.read("periodic.log").find(" info: after\n"), std::string::npos);
    EXPECT_EQ(mode_of(path), 0600U);
}

TEST_F(LoggerFile, GoesOnWhereItsDirectoryIsGoneForATime) {
    TemporaryDirectory outside;
    const auto state = outside.file("var");
    std::filesystem::create_directory(state);
    LogOptions options;
    options.file = state + "/periodic.log";
    const auto log = make_logger(options).value();
    std::filesystem::remove_all(state);
    std::this_thread::sleep_for(std::chrono::milliseconds(150));  // until it looks again
    log->info("nowhere");
    std::filesystem::create_directory(state);
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(20);
    while (!std::filesystem::exists(options.file) && std::chrono::steady_clock::now() < until) {
        log->info("there again");
        std::this_thread::sleep_for(std::chrono::milliseconds(1));
    }
    EXPECT_NE(outside.read("var/periodic.log").find("there again"), std::string::npos);
}

TEST_F(LoggerFile, NarrowsAFileThatOthersCouldRead) {
    const auto path = directory_.write("periodic.log", "old\n");
    ::chmod(path.c_str(), 0644);
    logger()->info("new");
    EXPECT_EQ(mode_of(path), 0600U);
    EXPECT_EQ(lines(directory_.read("periodic.log")).size(), 2U);
}

TEST_F(LoggerFile, WritesOneJsonObjectALine) {
    const auto log = logger({.format = LogFormat::Json});
    log->log({.text = "two\nlines, a \"quote\" and \xFF", .task = "mail", .job = 7});
    log->error("plain");
    const auto written = lines(directory_.read("periodic.log"));
    ASSERT_EQ(written.size(), 2U);
    const auto record = boost::json::parse(written[0]).as_object();
    EXPECT_EQ(record.at("text"), "two\nlines, a \"quote\" and \xEF\xBF\xBD");
    EXPECT_EQ(record.at("level"), "info");
    EXPECT_EQ(record.at("task"), "mail");
    EXPECT_EQ(record.at("job"), 7);
    EXPECT_TRUE(record.at("command").is_null());
    EXPECT_TRUE(record.at("epoch").is_double());
}

TEST_F(LoggerFile, LetsNoTextPassForARecord) {
    logger()->info("first\n2026-01-01T00:00:00 error: forged");
    EXPECT_EQ(directory_.read("periodic.log").find("\n2026"), std::string::npos);
}

TEST_F(LoggerFile, KeepsLinesOfSeveralThreadsApart) {
    const auto log = logger();
    {
        std::vector<std::jthread> threads;
        for (int i = 0; i < 4; ++i)
            threads.emplace_back([&] {
                for (int n = 0; n < 250; ++n) log->info("one whole line");
            });
    }
    const auto written = lines(directory_.read("periodic.log"));
    EXPECT_EQ(written.size(), 1000U);
    for (const auto& line : written) EXPECT_TRUE(line.ends_with("info: one whole line")) << line;
}

TEST(Logger, NamesAFileThatCannotBeWritten) {
    const auto made = make_logger({.file = "/nonexistent/periodic.log"});
    ASSERT_FALSE(made);
    EXPECT_EQ(made.error().code, ErrorCode::Io);
    EXPECT_NE(made.error().message.find("/nonexistent/periodic.log: No such file"),
              std::string::npos)
        << made.error().message;
}

TEST(Logger, DoesNotThrowWhenTheDiskIsFull) {
    const auto log = make_logger({.file = "/dev/full"});
    if (!log) GTEST_SKIP() << to_string(log.error());
    testing::internal::CaptureStderr();
    (*log)->info("lost");
    (*log)->info("lost as well");
    const auto said = testing::internal::GetCapturedStderr();
    EXPECT_EQ(lines(said).size(), 1U) << said;
    EXPECT_NE(said.find("/dev/full"), std::string::npos);
}

TEST(LogLevelWords, ReadBack) {
    for (const auto level : {LogLevel::Debug, LogLevel::Info, LogLevel::Warning, LogLevel::Error})
        EXPECT_EQ(log_level_from(to_string(level)), level);
    EXPECT_EQ(log_level_from("loud"), std::nullopt);
}

}  // namespace
}  // namespace periodic
