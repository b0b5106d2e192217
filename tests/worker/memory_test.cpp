// Workers that take too much memory while they run something.

#include <csignal>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "worker_fixture.hpp"

namespace periodic::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

class MemoryTest : public WorkerTest {
protected:
    void SetUp() override {
#ifdef PERIODIC_SANITIZED
        GTEST_SKIP() << "a sanitizer takes its own";
#endif
        WorkerTest::SetUp();
        pool_.max_memory = 64U << 20U;
    }
};

TEST_F(MemoryTest, OneThatIsTooLargeFinishesWhatItHasWhileAnotherTakesItsPlace) {
    start();
    const std::int64_t before = only_worker();
    const JobId id = add("<command type='test.grow-and-wait'/>");
    // Noticed while it runs: a second one starts.
    EXPECT_TRUE(comes([&] { return host_.load()->status().processes.size() == 2; }));
    EXPECT_EQ(find(id).state, JobState::Running);
    EXPECT_NE(ended(add(kNothing)).worker, before);
    home_.write("go", "");
    const Job job = ended(id);
    EXPECT_EQ(job.state, JobState::Succeeded);
    EXPECT_EQ(job.worker, before);
    EXPECT_NE(only_worker(), before);
}

TEST_F(MemoryTest, OneThatGrowsFarBeyondItIsEndedAndItsJobLost) {
    start();
    const std::int64_t before = only_worker();
    const Job job = ended(add("<command type='test.grow-on'/>"));
    EXPECT_EQ(job.state, JobState::Failed);
    EXPECT_EQ(job.reason, Reason::Lost);
    EXPECT_THAT(job.error, HasSubstr("MiB of memory, more than twice its maxMemory"));
    EXPECT_FALSE(is_there(before));
    EXPECT_EQ(ended(add(kNothing)).state, JobState::Succeeded);
}

TEST_F(MemoryTest, WhoIsBesideItRunsAloneAgain) {
    pool_.slots = 2;
    home_.task("beside",
               "<command type='shell'>echo once >> ran; test $(wc -l &lt; ran) -gt 1 || sleep 100"
               "</command>");
    home_.write("ran", "");
    start();
    const JobId beside = add_task("beside", "default", OnLost::Retry);
    running(beside);
    const JobId large = add("<command type='test.grow-on'/>");
    EXPECT_EQ(ended(large).reason, Reason::Lost);
    const Job job = ended(beside);
    EXPECT_EQ(job.state, JobState::Succeeded);
    EXPECT_EQ(job.crashes, 0);
}

}  // namespace
}  // namespace periodic::testing
