// A disk that fills while a job runs, on a small file system of its own.

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <string>

#include <gtest/gtest.h>
#include <sys/mount.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "periodic/executor.hpp"
#include "support/temporary_home.hpp"

namespace periodic::testing {
namespace {

/// A home on a tmpfs of 4 MiB; there is none if this process may not mount.
class FullDisk : public ::testing::Test {
protected:
    void SetUp() override {
        if (::mount("tmpfs", mount_point().c_str(), "tmpfs", 0, "size=4m,mode=755") != 0) {
            GTEST_SKIP() << "can't mount a small file system: " << std::strerror(errno);
        }
        mounted_ = true;
        std::filesystem::create_directory(home() + "/tasks");
        write("crontab", "");
    }

    void TearDown() override {
        executor_.reset();
        if (mounted_) ::umount2(mount_point().c_str(), MNT_DETACH);
    }

    [[nodiscard]] std::string mount_point() const { return outside_.path("tasks"); }
    [[nodiscard]] std::string home() const { return mount_point(); }

    void write(const std::string& name, const std::string& text) const {
        std::ofstream(home() + '/' + name) << text;
    }

    Executor& executor() {
        if (!executor_) {
            ExecutorOptions options;
            options.home = home();
            options.commands = builtin_commands();
            options.logger = make_null_logger();
            executor_.emplace(Executor::create(std::move(options)).value());
        }
        return *executor_;
    }

    TemporaryHome outside_;  // what is written there outlives the disk
    std::optional<Executor> executor_;
    bool mounted_ = false;
};

TEST_F(FullDisk, KeepsTheResultOfTheJobThatFilledIt) {
    write("tasks/fill.xml",
          "<task><command type=\"shell\">dd if=/dev/zero of=fill bs=4096 2>/dev/null\n"
          "echo ran >> " +
              outside_.path("ledger") + "\ntrue</command></task>\n");
    const JobId id = executor().jobs().add("fill").value();
    const auto report = executor().run().value();
    EXPECT_EQ(report.succeeded, 1);
    EXPECT_EQ(executor().jobs().find(id)->state, JobState::Succeeded);
    struct statvfs status {};
    ASSERT_EQ(::statvfs(home().c_str(), &status), 0);
    EXPECT_LT(status.f_bavail * status.f_frsize, 1U << 20U) << "the disk was full in truth";
}

TEST_F(FullDisk, AcceptsNothingThatItCouldNotKeep) {
    write("tasks/hello.xml", "<task><command type=\"shell\">echo ran >> " +
                                 outside_.path("ledger") + "</command></task>\n");
    ASSERT_TRUE(executor().jobs().add("hello").has_value());
    std::ofstream(home() + "/fill") << std::string(8U << 20U, 'x');
    // What is left in the store's own pages may still take some jobs; then it says so.
    std::int64_t accepted = 1;
    EXPECT_THROW(
        while (accepted < 100'000) {
            (void)executor().jobs().add("hello").value();
            ++accepted;
        },
        StorageError);
    std::filesystem::remove(home() + "/fill");
    EXPECT_EQ(executor().run()->succeeded, accepted) << "what was accepted runs, and nothing else";
    const std::string ledger = outside_.read("ledger");
    EXPECT_EQ(std::count(ledger.begin(), ledger.end(), '\n'), accepted);
}

}  // namespace
}  // namespace periodic::testing
