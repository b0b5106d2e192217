// Stops, and a command that looks at no stop token.

#include <csignal>

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "worker_fixture.hpp"

namespace periodic::testing {
namespace {

using ::testing::HasSubstr;

class UnendedCommandTest : public WorkerTest {
protected:
    JobId add_hanging(const std::string& kill_after) {
        return add("<command type='test.hang'/>",
                   "<config><killAfter>" + kill_after + "</killAfter></config>");
    }

    void await_begin(JobId id) {
        ASSERT_TRUE(comes([&] { return find(id).message == "hangs"; }));
    }

    // The host's program, with its words on standard error in a file.
    [[nodiscard]] pid_t call(const char* word) const {
        const std::string errors = home_.path("errors");
        const pid_t child = ::fork();
        if (child != 0) return child;
        const int file = ::open(errors.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0600);
        ::dup2(file, STDERR_FILENO);
        ::execl(WORKER_PROGRAM, WORKER_PROGRAM, "-C", home_.path().c_str(), word, nullptr);
        ::_exit(127);
    }

    static int exit_code_of(pid_t child) {
        int status = 0;
        ::waitpid(child, &status, 0);
        return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
    }
};

TEST_F(UnendedCommandTest, IsEndedWithItsWorker) {
    start();
    const JobId id = add_hanging("0");
    await_begin(id);
    stop();
    EXPECT_EQ(find(id).state, JobState::Stopped);
    EXPECT_EQ(report_.stopped, 1);
    EXPECT_TRUE(report_.unended.empty());
}

TEST_F(UnendedCommandTest, IsEndedWithTheProgramThatRunsIt) {
    const JobId id = add_hanging("1h");
    const pid_t run = call("run");
    await_begin(id);
    ::kill(run, SIGTERM);
    ::kill(run, SIGINT);  // a second SIGTERM may be one with the first
    EXPECT_EQ(exit_code_of(run), 1);
    EXPECT_THAT(home_.read("errors"),
                HasSubstr("job " + std::to_string(id) + " (t1) does not end: it is left running"));
    EXPECT_EQ(find(id).state, JobState::Running);
    EXPECT_EQ(core_->store().last_generation()->end_reason, "stopped; left running: 1 (t1)");

    EXPECT_EQ(exit_code_of(call("run")), 1);
    EXPECT_EQ(find(id).reason, Reason::Lost);
}

}  // namespace
}  // namespace periodic::testing
