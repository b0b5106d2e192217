// What runs alone, as it was in a worker that died with several jobs.

#include <csignal>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "worker_fixture.hpp"

namespace periodic::testing {
namespace {

using ::testing::HasSubstr;

class AloneTest : public WorkerTest {
protected:
    // A job that is to run alone next, once it is resumed.
    JobId crashed_with_another() {
        pool_.slots = 3;
        home_.task("victim",
                   "<command type='shell'>if test -e crashed; then echo begin >> ledger; "
                   "sleep 0.3; echo end >> ledger; else touch runs; sleep 100; fi</command>");
        home_.task("killer",
                   "<command type='shell'>while ! test -e runs; do sleep 0.01; done</command>"
                   "<command type='test.crash-once'/>");
        home_.task("other", "<command type='shell'>echo other >> ledger</command>");
        start();
        const JobId victim = add_task("victim", "default", OnLost::Retry);
        running(victim);
        core_->store().pause({.scope = kVictims, .since = core_->clock().now()});
        EXPECT_EQ(ended(add_task("killer")).reason, Reason::Lost);
        EXPECT_TRUE(comes([&] { return find(victim).state == JobState::Queued; }));
        EXPECT_EQ(ended(add(kNothing)).state, JobState::Succeeded) << "there is a worker again";
        return victim;
    }

    void resume() {
        core_->store().resume(kVictims, core_->clock().now(), "test");
        wake();
    }

    inline static const PauseScope kVictims{.kind = PauseScope::Kind::Task, .name = "victim"};
};

TEST_F(AloneTest, HasItsWorkerForItself) {
    const JobId victim = crashed_with_another();
    resume();
    const JobId other = add_task("other");
    EXPECT_EQ(ended(victim).state, JobState::Succeeded);
    EXPECT_EQ(ended(other).state, JobState::Succeeded);
    EXPECT_THAT(home_.read("ledger"), HasSubstr("begin\nend\n"));
}

TEST_F(AloneTest, IsSoAlsoAfterItsWorkerDiedBeforeItBegan) {
    const JobId victim = crashed_with_another();
    const std::int64_t worker = only_worker();
    ::kill(static_cast<pid_t>(worker), SIGSTOP);
    resume();
    EXPECT_TRUE(comes([&] { return find(victim).state == JobState::Running; }));
    const JobId other = add_task("other");
    ::kill(static_cast<pid_t>(worker), SIGKILL);
    EXPECT_EQ(ended(victim).state, JobState::Succeeded);
    EXPECT_EQ(ended(other).state, JobState::Succeeded);
    EXPECT_EQ(find(victim).crashes, 0);
    EXPECT_THAT(home_.read("ledger"), HasSubstr("begin\nend\n"));
}

TEST_F(AloneTest, LeavesItsWorkerToOthersWhereItCanNotBeHandedOver) {
    const JobId victim = crashed_with_another();
    JobChange change{.id = victim, .by = "test"};
    change.edit.parameters = {{"large", std::string(kLongestMessage, 'x')}};
    ASSERT_TRUE(core_->store().change({change}, core_->clock().now()).front().changed);
    resume();
    EXPECT_EQ(ended(victim).reason, Reason::Invalid);
    EXPECT_EQ(ended(add(kNothing)).state, JobState::Succeeded);
}

}  // namespace
}  // namespace periodic::testing
