// Stop and kill from elsewhere: by id, through the control socket and the store.

#include <condition_variable>
#include <mutex>

#include <gmock/gmock.h>
#include <sys/wait.h>
#include <unistd.h>

#include "executor_fixture.hpp"

namespace periodic::testing {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;

// A command of a host that ends when it is asked to.
class Obedient final : public Command {
public:
    static Result<std::unique_ptr<Command>> create(const CommandConfig&) {
        return std::make_unique<Obedient>();
    }
    Outcome execute(CommandContext& context) override {
        std::ofstream(context.home() + "/started") << "yes";
        context.sleep_for(1h);
        return Outcome::Success;
    }
};

class StopTest : public ExecutorTest {
protected:
    StopTest() {
        commands_.add({.name = "obedient", .summary = "Sleeps", .create = &Obedient::create})
            .value();
    }

    // A process of its own that runs what is there, until it is done.
    class OtherProcess {
    public:
        explicit OtherProcess(StopTest& test) : pid_(::fork()) {
            if (pid_ != 0) return;
            const auto report = test.executor().run();
            ::_exit(report ? 0 : 1);
        }
        OtherProcess(const OtherProcess&) = delete;
        OtherProcess& operator=(const OtherProcess&) = delete;
        ~OtherProcess() { wait(); }
        int wait() {
            if (pid_ > 0) ::waitpid(std::exchange(pid_, 0), &status_, 0);
            return WEXITSTATUS(status_);
        }

    private:
        pid_t pid_;
        int status_ = 0;
    };

    JobId add(const std::string& task) { return executor().jobs().add(task).value(); }

    void expect_ended(JobId id, Reason reason, const std::string& event) {
        const Job job = store()->find(id, Time()).value();
        EXPECT_EQ(job.state, JobState::Stopped);
        EXPECT_EQ(job.reason, reason);
        EXPECT_THAT(job.error, HasSubstr("ann"));
        const JobEvent last = store()->events(id).back();
        EXPECT_EQ(last.event, event);
        EXPECT_EQ(last.by, "ann");
    }
};

TEST_F(StopTest, SetsTheTokenOfACommandOfAnotherProcess) {
    home_.task("wait", "<command type=\"obedient\"/>");
    const JobId id = add("wait");
    OtherProcess other(*this);
    wait_for_file("started");
    EXPECT_EQ(executor().jobs().stop(id, "ann")->state, JobState::Running);
    EXPECT_EQ(other.wait(), 0);
    expect_ended(id, Reason::Stopped, "stopped");
    EXPECT_THAT(events_of(id), Contains("stop asked"));
}

TEST_F(StopTest, SendsAProgramSigterm) {
    home_.task("wait",
               "<command type=\"shell\">trap 'echo caught; exit 0' TERM; touch started; "
               "while :; do sleep 0.01; done</command>");
    const JobId id = add("wait");
    OtherProcess other(*this);
    wait_for_file("started");
    ASSERT_TRUE(executor().jobs().stop(id, "ann").has_value());
    EXPECT_EQ(other.wait(), 0);
    EXPECT_THAT(log_of(id), HasSubstr("caught"));
    expect_ended(id, Reason::Stopped, "stopped");
    EXPECT_EQ(store()->find(id, Time())->exit_code, 0) << "stopped, whatever its exit status";
}

TEST_F(StopTest, KillsAProgramThatIgnoresSigterm) {
    home_.task("wait",
               "<config><killAfter>1</killAfter></config><command type=\"shell\">trap '' TERM; "
               "touch started; while :; do sleep 0.01; done</command>");
    const JobId id = add("wait");
    OtherProcess other(*this);
    wait_for_file("started");
    ASSERT_TRUE(executor().jobs().stop(id, "ann").has_value());
    EXPECT_EQ(other.wait(), 0);
    expect_ended(id, Reason::Stopped, "stopped");
    EXPECT_EQ(store()->find(id, Time())->exit_code, 128 + SIGKILL);
}

TEST_F(StopTest, KillsAtOnceAlsoWhatWasAskedToStop) {
    home_.task("wait",
               "<config><killAfter>1h</killAfter></config><command type=\"shell\">trap '' TERM; "
               "touch started; while :; do sleep 0.01; done</command>"
               "<command type=\"shell\" when=\"always\">touch cleaned</command>");
    const JobId id = add("wait");
    OtherProcess other(*this);
    wait_for_file("started");
    ASSERT_TRUE(executor().jobs().stop(id, "bob").has_value());
    ASSERT_TRUE(executor().jobs().kill(id, "ann").has_value());
    EXPECT_EQ(other.wait(), 0);
    expect_ended(id, Reason::Killed, "killed");
    EXPECT_FALSE(std::filesystem::exists(home_.path("cleaned"))) << "after a kill nothing runs";
}

TEST_F(StopTest, FindsWhatWasAskedWhileTheSocketWasGone) {
    home_.task("wait", "<command type=\"obedient\"/>");
    const JobId id = add("wait");
    OtherProcess other(*this);
    wait_for_file("started");
    std::filesystem::remove(home_.path("var/control"));
    const std::vector<JobChange> changes{{.id = id, .action = JobAction::Stop, .by = "ann"}};
    ASSERT_TRUE(store()->change(changes, Time()).front().changed);
    EXPECT_EQ(other.wait(), 0);
    expect_ended(id, Reason::Stopped, "stopped");
}

TEST_F(StopTest, StopsManyAtOnce) {
    home_.task("wait",
               "<config><concurrency>0</concurrency></config>"
               "<command type=\"shell\">touch \"$PERIODIC_JOB_ID.started\"; sleep 60</command>");
    const JobId one = add("wait");
    const JobId two = add("wait");
    const JobId later = add("wait");
    OtherProcess other(*this);
    wait_for_file(std::to_string(one) + ".started");
    wait_for_file(std::to_string(two) + ".started");
    JobFilter filter;
    filter.task = "wait";
    const auto stopped = executor().jobs().change(JobAction::Stop, filter, {.by = "ann"});
    EXPECT_EQ(stopped.changed, 3);
    EXPECT_EQ(other.wait(), 0);
    expect_ended(one, Reason::Stopped, "stopped");
    expect_ended(two, Reason::Stopped, "stopped");
    EXPECT_EQ(store()->find(later, Time())->started, std::nullopt);
}

}  // namespace
}  // namespace periodic::testing
