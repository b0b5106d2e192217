// Jobs in real worker processes.

#include <csignal>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <set>
#include <string>
#include <utility>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "worker_fixture.hpp"

namespace periodic::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::Contains;
using ::testing::HasSubstr;

TEST_F(WorkerTest, RunsShellAndCommandsOfTheHost) {
    start();
    const JobId shell = add("<command type='shell'>echo \"job $PERIODIC_JOB_ID\"</command>");
    const JobId own = add(kNothing);
    EXPECT_EQ(ended(shell).state, JobState::Succeeded);
    EXPECT_EQ(log_of(shell), "job " + std::to_string(shell) + "\n");
    const Job job = ended(own);
    EXPECT_EQ(job.state, JobState::Succeeded);
    EXPECT_NE(job.worker, ::getpid());
    EXPECT_EQ(job.worker, only_worker());
    stop();
    EXPECT_EQ(report_.succeeded, 2);
    EXPECT_FALSE(is_there(job.worker)) << "workers end with the loop";
    EXPECT_TRUE(std::filesystem::directory_iterator(home_.path("var")) !=
                std::filesystem::directory_iterator());
    for (const auto& entry : std::filesystem::directory_iterator(home_.path("var")))
        EXPECT_THAT(entry.path().filename().string(), ::testing::Not(HasSubstr("processes.")));
}

TEST_F(WorkerTest, ABrokenTaskIsInvalid) {
    start();
    const Job job = ended(add("<command type='no.such'/>"));
    EXPECT_EQ(job.state, JobState::Failed);
    EXPECT_EQ(job.reason, Reason::Invalid);
}

TEST_F(WorkerTest, ALogIsReadWhileTheJobRuns) {
    start();
    const JobId id =
        add("<command type='shell'>echo first; while ! test -e go; do sleep 0.01; done</command>");
    EXPECT_TRUE(comes([&] { return log_of(id) == "first\n"; }));
    EXPECT_EQ(find(id).state, JobState::Running);
    EXPECT_TRUE(core_->jobs().append_log(id, "from outside").has_value());
    home_.write("go", "");
    EXPECT_EQ(ended(id).state, JobState::Succeeded);
    EXPECT_EQ(log_of(id), "first\nfrom outside\n");
}

TEST_F(WorkerTest, StopsAndKillsWhatItIsAskedTo) {
    pool_.slots = 2;
    start();
    const JobId polite = add("<command type='test.until-stopped'/>");
    const JobId stubborn = add("<command type='shell'>trap '' TERM; sleep 60</command>");
    running(stubborn);
    ASSERT_TRUE(comes([&] { return find(polite).message == "waiting"; }));
    ASSERT_TRUE(core_->jobs().stop(polite, "me").has_value());
    ASSERT_TRUE(core_->jobs().kill(stubborn, "me").has_value());
    EXPECT_EQ(ended(polite).reason, Reason::Stopped);
    EXPECT_EQ(ended(stubborn).reason, Reason::Killed);
}

TEST_F(WorkerTest, ACrashIsSettledAndTheWorkerReplaced) {
    start();
    const std::int64_t before = only_worker();
    const Job job = ended(add("<command type='test.crash'/>"));
    EXPECT_EQ(job.state, JobState::Failed);
    EXPECT_EQ(job.reason, Reason::Lost);
    EXPECT_THAT(job.error, HasSubstr("signal 11"));
    EXPECT_EQ(job.crashes, 1);
    EXPECT_EQ(ended(add(kNothing)).state, JobState::Succeeded);
    EXPECT_NE(only_worker(), before);
}

TEST_F(WorkerTest, AKilledWorkersProgramsEndWithIt) {
    start();
    const JobId id = add("<command type='shell'>sleep 1000 &amp; sleep 1000</command>");
    const Job job = running(id);
    ASSERT_GT(job.worker, 0);
    ::kill(static_cast<pid_t>(job.worker), SIGKILL);
    EXPECT_EQ(ended(id).reason, Reason::Lost);
    EXPECT_FALSE(is_there(job.pid));
}

TEST_F(WorkerTest, TheThirdCrashIsTheLast) {
    start();
    home_.task("crash", "<command type='test.crash'/>");
    const JobId id = add_task("crash", "default", OnLost::Retry);
    const Job job = ended(id);
    EXPECT_EQ(job.state, JobState::Failed);
    EXPECT_EQ(job.crashes, 3);
    EXPECT_EQ(job.claim, 3);
}

TEST_F(WorkerTest, OfSeveralInACrashNoneIsCountedAndEachRunsAlone) {
    pool_.slots = 3;
    home_.task("victim",
               "<command type='shell'>echo $PPID >> ran; test $(wc -l &lt; ran) -gt 2 || sleep 100"
               "</command>");
    home_.task("killer",
               "<command type='shell'>while test $(wc -l &lt; ran || echo 0) -lt 2; do sleep 0.01; "
               "done</command><command type='test.crash-once'/>");
    home_.write("ran", "");
    start();
    const JobId first = add_task("victim", "default", OnLost::Retry);
    const JobId second = add_task("victim", "default", OnLost::Retry);
    const JobId killer = add_task("killer", "default", OnLost::Retry);
    for (const JobId id : {first, second, killer}) {
        const Job job = ended(id);
        EXPECT_EQ(job.state, JobState::Succeeded);
        EXPECT_EQ(job.crashes, 0);
        EXPECT_EQ(job.claim, 2);
        EXPECT_THAT(events_of(id), Contains("lost"));
    }
}

TEST_F(WorkerTest, OneThatDoesNotBeginIsReplacedAndItsJobLosesNothing) {
    begin_within_ = 1s;
    start();
    ended(add(kNothing));
    ::kill(static_cast<pid_t>(only_worker()), SIGSTOP);
    const Job job = ended(add(kNothing));
    EXPECT_EQ(job.state, JobState::Succeeded);
    EXPECT_EQ(job.crashes, 0);
    EXPECT_EQ(job.attempt, 1);
}

TEST_F(WorkerTest, ACommandThatHangsIsATimeout) {
    start();
    const JobId id = add("<command type='test.hang'/>",
                         "<config><timeout>1</timeout><killAfter>0</killAfter></config>");
    const Job job = ended(id);
    EXPECT_EQ(job.state, JobState::Failed);
    EXPECT_EQ(job.reason, Reason::Timeout);
    EXPECT_EQ(job.crashes, 0);
    EXPECT_EQ(ended(add(kNothing)).state, JobState::Succeeded);
}

TEST_F(WorkerTest, AProgramPastItsDeadlineIsEndedInItsWorker) {
    start();
    const std::int64_t before = only_worker();
    const JobId id =
        add("<command type='shell'>sleep 100</command>"
            "<command type='log' when='always'>cleaned</command>",
            "<config><timeout>1</timeout></config>");
    EXPECT_EQ(ended(id).reason, Reason::Timeout);
    EXPECT_THAT(log_of(id), HasSubstr("cleaned"));
    EXPECT_EQ(only_worker(), before);
}

TEST_F(WorkerTest, IsReplacedAfterItsJobs) {
    pool_.recycle_jobs = 2;
    start();
    std::set<std::int64_t> workers;
    for (int i = 0; i < 6; ++i) workers.insert(ended(add(kNothing)).worker);
    EXPECT_GE(workers.size(), 3U);
    EXPECT_GE(host_.load()->status().pools.at(0).recycled, 2);
}

TEST_F(WorkerTest, IsReplacedWhenItIsTooLarge) {
    pool_.max_memory = 60U << 20U;
    start();
    const std::int64_t before = only_worker();
    EXPECT_EQ(ended(add("<command type='test.grow'/>")).state, JobState::Succeeded);
    EXPECT_TRUE(comes([&] {
        const auto status = host_.load()->status();
        return status.processes.size() == 1 && status.processes.front().pid != before;
    }));
}

TEST_F(WorkerTest, DynamicOnesComeWithWorkAndGoWhenIdle) {
    pool_.dynamic_workers = 3;
    pool_.idle = 1s;
    start();
    home_.task("long", "<command type='shell'>while ! test -e go; do sleep 0.01; done</command>");
    std::vector<JobId> jobs;
    for (int i = 0; i < 6; ++i) jobs.push_back(add_task("long"));
    EXPECT_TRUE(comes([&] { return host_.load()->status().pools.at(0).busy == 4; }));
    home_.write("go", "");
    for (const JobId id : jobs) EXPECT_EQ(ended(id).state, JobState::Succeeded);
    EXPECT_TRUE(comes([&] {
        const auto status = host_.load()->status();
        return status.processes.size() == 1 && status.processes.front().kind == "static";
    }));
}

TEST_F(WorkerTest, EachTopicHasItsPoolAndTheRestIsTheDefaults) {
    PoolOptions mail;
    mail.topic = "mail";
    mail.static_workers = 1;
    mail.dynamic_workers = 0;
    more_pools_ = {mail};
    start();
    home_.task("long", "<command type='shell'>while ! test -e go; do sleep 0.01; done</command>");
    home_.task("short", kNothing);
    const JobId blocker = add_task("long");
    EXPECT_EQ(ended(add_task("short", "mail")).state, JobState::Succeeded);
    const JobId other = add_task("short", "other");
    ASSERT_TRUE(comes([&] { return find(blocker).state == JobState::Running; }));
    EXPECT_EQ(find(other).state, JobState::Queued) << "it waits for the default pool";
    home_.write("go", "");
    EXPECT_EQ(ended(other).state, JobState::Succeeded);
}

TEST_F(WorkerTest, AJobQueuesAnotherAndWaitsForItInTheSameSlot) {
    start();
    home_.task("child", "<command type='shell'>echo \"from $PERIODIC_PARAM_FROM\"</command>");
    const JobId id = add("<command type='test.queue'/>");
    const Job job = ended(id);
    EXPECT_EQ(job.state, JobState::Succeeded) << log_of(id);
    EXPECT_EQ(job.message, "child succeeded");
    const auto child = core_->jobs().latest("child");
    ASSERT_TRUE(child.has_value());
    EXPECT_EQ(child->parent, id);
    EXPECT_EQ(log_of(child->id), "from " + std::to_string(id) + "\n");
}

TEST_F(WorkerTest, ShowsWhatItDoes) {
    start();
    const JobId id = add("<command type='shell'>sleep 100</command>");
    const Job job = running(id);
    std::ifstream file("/proc/" + std::to_string(job.worker) + "/cmdline");
    std::string title;
    std::getline(file, title, '\0');
    EXPECT_EQ(title, "periodic: worker default [" + std::to_string(id) + " t1]");
    ASSERT_TRUE(core_->jobs().kill(id).has_value());
    ended(id);
}

TEST_F(WorkerTest, AllAreReplacedOnDemand) {
    start();
    EXPECT_EQ(ended(add(kNothing)).state, JobState::Succeeded);
    const std::int64_t before = only_worker();
    ASSERT_TRUE(host_.load()->replace_workers().has_value());
    EXPECT_TRUE(comes([&] {
        const auto status = host_.load()->status();
        return status.processes.size() == 1 && status.processes.front().pid != before;
    }));
    EXPECT_EQ(ended(add(kNothing)).state, JobState::Succeeded);
}

TEST_F(WorkerTest, WhatHasBegunIsStoppedAtTheEndAndSaysSo) {
    start();
    const JobId id = add("<command type='shell'>sleep 100</command>");
    running(id);
    stop();
    EXPECT_EQ(find(id).state, JobState::Stopped);
}

// The daemon in a process of its own, which is killed.
TEST_F(WorkerTest, EndsWithADaemonThatIsKilled) {
    core_.reset();
    const pid_t daemon = ::fork();
    if (daemon == 0) {
        SetUp();
        start();
        ::pause();
    }
    SetUp();
    home_.task("t", "<command type='shell'>trap '' TERM; sleep 1000; sleep 1000</command>");
    const JobId id = add_task("t");
    const Job job = running(id);
    ::kill(daemon, SIGKILL);
    ::waitpid(daemon, nullptr, 0);
    EXPECT_TRUE(comes([&] { return !is_there(job.worker); }));
    EXPECT_FALSE(is_there(job.pid)) << "its programs end before it does";
    start();
    EXPECT_EQ(ended(id).reason, Reason::Lost);
}

TEST(WorkerByHand, IsRefused) {
    EXPECT_NE(std::system(WORKER_PROGRAM " worker 2>/dev/null </dev/null"), 0);
}

}  // namespace
}  // namespace periodic::testing
