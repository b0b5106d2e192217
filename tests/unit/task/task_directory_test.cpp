#include "task/task_directory.hpp"

#include <cstdio>
#include <stop_token>
#include <thread>

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/files.hpp"
#include "temporary_directory.hpp"

namespace periodic {
namespace {

constexpr const char* kTask = "<task><command type=\"log\">x</command></task>";

TEST(TaskDirectory, TakesEveryTextFromOneRead) {
    int reads = 0;
    Result<std::string> answer = failure(ErrorCode::NotFound, "it is away");
    const CommandRegistry commands = builtin_commands();
    TaskDirectory tasks("/nowhere", commands, [&](const std::string& file, auto) {
        EXPECT_EQ(file, "/nowhere/a.xml");
        ++reads;
        return answer;
    });
    EXPECT_EQ(tasks.find("a").error().message, "there is no task 'a'");
    EXPECT_EQ(reads, 1) << "what was refused was read once more";
    answer = failure(ErrorCode::Unsafe, "refused");
    EXPECT_EQ(tasks.find("a").error().message, "refused");
    EXPECT_EQ(reads, 2);
    answer = std::string(kTask);
    EXPECT_TRUE(tasks.find("a"));
    EXPECT_EQ(reads, 3);
    EXPECT_EQ(tasks.find("../a").error().code, ErrorCode::Invalid);
    EXPECT_EQ(reads, 3);
}

TEST(TaskDirectory, ReadsNoFileAgainThatIsAsItWas) {
    int reads = 0;
    std::string text = kTask;
    std::optional<FileStamp> stamp = FileStamp{.inode = 1};
    const CommandRegistry commands = builtin_commands();
    TaskDirectory tasks(
        "/nowhere", commands,
        [&](const std::string&, auto) -> Result<std::string> {
            ++reads;
            return text;
        },
        [&](const std::string&) { return stamp; });
    const auto first = tasks.find("a").value();
    EXPECT_EQ(tasks.find("a").value(), first);
    EXPECT_EQ(reads, 1);
    stamp = FileStamp{.inode = 2};
    text = "<task>";
    EXPECT_FALSE(tasks.find("a")) << "another file, which is broken";
    EXPECT_FALSE(tasks.find("a"));
    EXPECT_EQ(reads, 3) << "a broken one is always read";
    text = kTask;
    stamp.reset();
    EXPECT_TRUE(tasks.find("a"));
    EXPECT_TRUE(tasks.find("a"));
    EXPECT_EQ(reads, 5) << "one that may change unseen is always read";
}

TEST(TaskDirectory, NeverTakesATaskThatComesAndGoesFromAnother) {
    if (::geteuid() != 0) GTEST_SKIP() << "only root has to trust";
    const TemporaryDirectory directory;
    const std::string away = directory.write("a.off", kTask);
    const std::string there = directory.file("a.xml");
    ASSERT_EQ(::chmod(directory.path().c_str(), 0777), 0);
    ASSERT_EQ(::chown(away.c_str(), 65534, 65534), 0);
    const std::jthread toggle([&](const std::stop_token& stop) {
        while (!stop.stop_requested()) {
            std::rename(away.c_str(), there.c_str());
            std::rename(there.c_str(), away.c_str());
        }
    });
    const CommandRegistry commands = builtin_commands();
    TaskDirectory tasks(directory.path().string(), commands, &read_safe_file);
    for (int i = 0; i < 20'000; ++i) ASSERT_FALSE(tasks.find("a")) << "at look " << i;
}

}  // namespace
}  // namespace periodic
