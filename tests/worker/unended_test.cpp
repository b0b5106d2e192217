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
using ::testing::StartsWith;

class UnendedCommandTest : public WorkerTest {
protected:
    JobId add_hanging(const std::string& kill_after) {
        return add("<command type='test.hang'/>",
                   "<config><killAfter>" + kill_after + "</killAfter></config>");
    }

    void await_begin(JobId id) {
        ASSERT_TRUE(comes([&] { return find(id).message == "hangs"; }));
    }

    // `run` of the host's program, what it says in files.
    [[nodiscard]] pid_t run_alone() const {
        const std::string document = home_.path("document");
        const std::string errors = home_.path("errors");
        const pid_t child = ::fork();
        if (child != 0) return child;
        constexpr int kHow = O_WRONLY | O_CREAT | O_TRUNC;
        ::dup2(::open(document.c_str(), kHow, 0600), STDOUT_FILENO);
        ::dup2(::open(errors.c_str(), kHow, 0600), STDERR_FILENO);
        ::execl(WORKER_PROGRAM, WORKER_PROGRAM, "-C", home_.path().c_str(), "--output", "json",
                "run", nullptr);
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
    const pid_t run = run_alone();
    await_begin(id);
    ::kill(run, SIGTERM);
    ::kill(run, SIGINT);  // a second SIGTERM may be one with the first
    EXPECT_EQ(exit_code_of(run), 1);
    EXPECT_THAT(home_.read("errors"),
                HasSubstr("job " + std::to_string(id) + " (t1) does not end: it is left running"));
    EXPECT_THAT(home_.read("document"), StartsWith("{\"planned\":0,\"ran\":0"));
    EXPECT_EQ(find(id).state, JobState::Running);
    EXPECT_EQ(core_->store().last_generation()->end_reason, "stopped; left running: 1 (t1)");

    EXPECT_EQ(exit_code_of(run_alone()), 1);
    EXPECT_EQ(find(id).reason, Reason::Lost);
}

}  // namespace
}  // namespace periodic::testing
