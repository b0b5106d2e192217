// The whole way from a crontab line to a job on record, in a home on disk.

#include <chrono>
#include <csignal>
#include <fstream>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/this_machine.hpp"
#include "executor_fixture.hpp"
#include "run/lock.hpp"
#include "run/set_clock.hpp"
#include "support/forwarding_store.hpp"

namespace periodic::testing {
namespace {

using namespace std::chrono_literals;

TEST_F(ExecutorTest, RunsADueEntryAndKeepsWhatHappened) {
    home_.write("crontab", "@hourly night:hello name=world\n");
    home_.task("hello", "<command type=\"shell\">echo \"hello $PERIODIC_PARAM_NAME\"</command>");
    see_then_make_due();
    const auto report = executor().run().value();
    EXPECT_EQ(report.planned, 1);
    EXPECT_EQ(report.ran, 1);
    EXPECT_EQ(report.succeeded, 1);
    EXPECT_EQ(report.left, 0);
    const Job job = only_job();
    EXPECT_EQ(job.state, JobState::Succeeded);
    EXPECT_EQ(job.group, "night");
    EXPECT_EQ(job.exit_code, 0);
    EXPECT_TRUE(job.started && job.finished && job.scheduled);
    EXPECT_EQ(log_of(job.id), "hello world\n");
}

TEST_F(ExecutorTest, RunsNothingTheFirstTimeNorTwice) {
    home_.write("crontab", "@hourly hello\n");
    home_.task("hello", "<command type=\"log\">hi</command>");
    EXPECT_EQ(executor().run()->planned, 0);
    move_marks_back();
    EXPECT_EQ(executor().run()->planned, 1);
    EXPECT_EQ(executor().run()->planned, 0);
    move_marks_back();
    const auto again = executor().run().value();
    EXPECT_EQ(again.planned, 0) << "an occurrence is one job for ever";
}

// While the clock was a year ahead, a job was to be tried again in half a minute.
TEST_F(ExecutorTest, DoesNotWaitAYearForATimeOfAClockThatWasSetBack) {
    home_.task("hello", "<command type=\"log\">hi</command>");
    ASSERT_TRUE(executor().run().has_value());
    const Time now =
        std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
    const Time ahead = now + std::chrono::hours(24 * 365);
    const auto opened = store();
    const auto generation = opened->begin_generation({.host = this_host(), .started = ahead});
    opened->end_generation(generation, ahead, "done");
    Job job;
    job.task = "hello";
    job.created = ahead;
    job.available = ahead + 30s;
    const JobId id = opened->add(job, "somebody").id;
    ASSERT_TRUE(executor().run().has_value());
    EXPECT_LT(opened->find(id, now)->available, now + 1h);
    EXPECT_EQ(events_of(id).back(), "clock");
}

TEST(ClockLooks, TellAClockThatWentBackFarFromOneThatDidNot) {
    ClockLooks looks;
    const Time now{std::chrono::hours(1'000)};
    EXPECT_FALSE(looks.went_back(now));
    EXPECT_FALSE(looks.went_back(now + 10h));
    EXPECT_FALSE(looks.went_back(now + 8h)) << "that is waited for";
    EXPECT_TRUE(looks.went_back(now + 5h));
    EXPECT_FALSE(looks.went_back(now + 5h));
}

// Fails the moment that its deadline has come, as a request with a timeout of its own does.
class GivesUpAtItsDeadline final : public Command {
public:
    static Result<std::unique_ptr<Command>> create(const CommandConfig& /*config*/) {
        return std::make_unique<GivesUpAtItsDeadline>();
    }

    Outcome execute(CommandContext& context) override {
        const Time deadline = context.deadline().value();
        while (context.clock().now() < deadline) std::this_thread::yield();
        return Outcome::Fail;
    }
};

TEST_F(ExecutorTest, CallsItATimeoutAlsoWhereTheCommandNoticesTheDeadlineFirst) {
    commands_.add({.name = "gives-up", .summary = "Ends", .create = &GivesUpAtItsDeadline::create})
        .value();
    home_.write("crontab", "@hourly late\n");
    home_.task("late", "<config><timeout>1</timeout></config><command type=\"gives-up\"/>");
    see_then_make_due();
    EXPECT_EQ(executor().run().value().failed, 1);
    EXPECT_EQ(only_job().reason, Reason::Timeout);
}

TEST_F(ExecutorTest, StopsATaskAtItsDeadlineWithAllThatItStarted) {
    home_.write("crontab", "@hourly slow\n");
    home_.task("slow",
               "<config><timeout>1</timeout><killAfter>1</killAfter></config>"
               "<command type=\"shell\">trap '' TERM; sleep 30 &amp; wait; sleep 30</command>"
               "<command type=\"log\" when=\"always\">cleaned up</command>");
    see_then_make_due();
    const auto report = executor().run().value();
    EXPECT_EQ(report.failed, 1);
    EXPECT_LT(report.seconds, 25);
    const Job job = only_job();
    EXPECT_EQ(job.state, JobState::Failed);
    EXPECT_EQ(job.reason, Reason::Timeout);
    EXPECT_NE(log_of(job.id).find("cleaned up"), std::string::npos);
}

TEST_F(ExecutorTest, RetriesLaterWhatFailed) {
    home_.write("crontab", "@hourly flaky\n");
    home_.task("flaky",
               "<config><retries max=\"1\" delay=\"0\" jitter=\"0\"/></config>"
               "<command type=\"shell\">[ -e tried ] || { touch tried; exit 7; }</command>");
    see_then_make_due();
    const auto report = executor().run().value();
    EXPECT_EQ(report.ran, 2);
    EXPECT_EQ(report.retried, 1);
    EXPECT_EQ(report.succeeded, 1);
    const Job job = only_job();
    EXPECT_EQ(job.state, JobState::Succeeded);
    EXPECT_EQ(job.attempt, 2);
    EXPECT_TRUE(job.first_failed.has_value());
}

TEST_F(ExecutorTest, RecordsABrokenTaskAsFailedAndRunsTheRest) {
    home_.write("crontab", "@hourly broken\n@hourly fine\n@hourly missing\nnonsense\n");
    home_.task("broken", "<comand type=\"shell\">x</comand>");
    home_.task("fine", "<command type=\"log\">hi</command>");
    see_then_make_due();
    const auto report = executor().run().value();
    EXPECT_EQ(report.planned, 3);
    EXPECT_EQ(report.succeeded, 1);
    EXPECT_EQ(report.failed, 2);
    EXPECT_EQ(report.failures.size(), 2U);
    EXPECT_GE(report.problems.size(), 3U);
    for (const Job& job : store()->page({.states = {JobState::Failed}}, Time())) {
        EXPECT_EQ(job.reason, Reason::Invalid);
        EXPECT_NE(job.error, "");
    }
}

TEST_F(ExecutorTest, NeverOverlapsAGroup) {
    home_.write("crontab", "@hourly one:a\n@hourly one:b\n@hourly one:c\n");
    for (const char* name : {"a", "b", "c"}) {
        home_.task(name,
                   "<command type=\"shell\">mkdir busy || echo overlapped >> ledger; sleep 0.1; "
                   "rmdir busy; echo ran >> ledger</command>");
    }
    see_then_make_due();
    EXPECT_EQ(executor(3).run()->succeeded, 3);
    EXPECT_EQ(home_.read("ledger"), "ran\nran\nran\n");
}

TEST_F(ExecutorTest, RunsDifferentGroupsSideBySide) {
    home_.write("crontab", "@hourly a:wait\n@hourly b:wait2\n");
    // Each waits for the other: one after the other they would never end.
    home_.task("wait",
               "<config><timeout>20</timeout></config><command type=\"shell\">touch a; "
               "until [ -e b ]; do sleep 0.01; done</command>");
    home_.task("wait2",
               "<config><timeout>20</timeout></config><command type=\"shell\">touch b; "
               "until [ -e a ]; do sleep 0.01; done</command>");
    see_then_make_due();
    EXPECT_EQ(executor(2).run()->succeeded, 2);
}

TEST_F(ExecutorTest, RunsOneJobOfATaskAtATime) {
    home_.task("work",
               "<command type=\"shell\">mkdir busy || echo overlapped >> ledger; sleep 0.05; "
               "rmdir busy</command>");
    auto made = executor(3);
    for (int i = 0; i < 4; ++i) ASSERT_TRUE(made.jobs().add("work").has_value());
    EXPECT_EQ(made.run()->succeeded, 4);
    EXPECT_EQ(home_.read("ledger"), "");
}

TEST_F(ExecutorTest, StopsWhatRunsWhenAskedTo) {
    home_.task("long", "<command type=\"shell\">touch started; sleep 60</command>");
    auto made = executor();
    const JobId id = made.jobs().add("long").value();
    std::stop_source stop;
    std::jthread stopper([&] {
        while (!std::filesystem::exists(home_.path("started"))) std::this_thread::yield();
        stop.request_stop();
    });
    RunOptions options;
    options.stop = stop.get_token();
    const auto report = made.run(options).value();
    EXPECT_EQ(report.stopped, 1);
    EXPECT_EQ(made.jobs().find(id)->state, JobState::Stopped);
}

TEST_F(ExecutorTest, LeavesTheHomeToTheOneThatHasIt) {
    home_.task("long",
               "<command type=\"shell\">touch started; until [ -e go ]; do sleep 0.01; "
               "done</command>");
    auto first = executor();
    ASSERT_TRUE(first.jobs().add("long").has_value());
    std::jthread running([&] { EXPECT_EQ(first.run()->succeeded, 2); });
    while (!std::filesystem::exists(home_.path("started"))) std::this_thread::yield();
    auto second = executor();
    ASSERT_TRUE(second.jobs().add("long").has_value());
    const auto report = second.run().value();
    EXPECT_TRUE(report.locked);
    EXPECT_EQ(report.ran, 0);
    EXPECT_NE(report.holder.find("library, pid"), std::string::npos);
    home_.write("go", "");
}

TEST_F(ExecutorTest, TakesTheHomeAgainAfterTheLockAndTheSocketWereRemoved) {
    home_.task("long",
               "<command type=\"shell\">rm -f var/lock var/control; touch started; "
               "until [ -e go ]; do sleep 0.01; done</command>");
    auto first = executor();
    ASSERT_TRUE(first.jobs().add("long").has_value());
    std::jthread running([&] { EXPECT_EQ(first.run()->succeeded, 1); });
    while (!std::filesystem::exists(home_.path("started"))) std::this_thread::yield();
    EXPECT_TRUE(executor().run()->locked) << "the first one lives";
    home_.write("go", "");
}

// A process that holds the lock, is on record, and does nothing any more.
class HungOwner {
public:
    HungOwner(const std::string& home, Time heartbeat) {
        pid_ = ::fork();
        if (pid_ != 0) return;
        auto lock = Lock::try_acquire(home + "/var/lock");
        LockOwner owner;
        owner.process = this_process();
        owner.host = this_host();
        owner.kind = "run";
        owner.since = owner.heartbeat = heartbeat;
        lock->write_owner(owner);
        std::ofstream(home + "/held") << "yes";
        while (true) ::pause();
    }
    HungOwner(const HungOwner&) = delete;
    HungOwner& operator=(const HungOwner&) = delete;
    ~HungOwner() {
        ::kill(pid_, SIGKILL);
        ::waitpid(pid_, nullptr, 0);
    }

private:
    pid_t pid_ = 0;
};

TEST_F(ExecutorTest, EndsAnOwnerThatHungForLongerThanReleaseAfter) {
    home_.write("periodic.xml", "<periodic><lock releaseAfter=\"60\"/></periodic>");
    home_.task("hello", "<command type=\"log\">x</command>");
    auto made = executor();
    ASSERT_TRUE(made.jobs().add("hello").has_value());
    const auto now =
        std::chrono::floor<std::chrono::milliseconds>(std::chrono::system_clock::now());
    const HungOwner hung(home_.path(), now - 61s);
    while (home_.read("held").empty()) std::this_thread::yield();
    EXPECT_EQ(made.run()->succeeded, 1);
}

TEST_F(ExecutorTest, KeepsItsLimitsOfJobsAndSaysWhatIsLeft) {
    home_.task("hello",
               "<config><concurrency>0</concurrency></config><command type=\"log\">x</command>");
    auto made = executor();
    for (int i = 0; i < 5; ++i) ASSERT_TRUE(made.jobs().add("hello").has_value());
    RunOptions options;
    options.max_jobs = 2;
    const auto report = made.run(options).value();
    EXPECT_EQ(report.ran, 2);
    EXPECT_EQ(report.left, 3);
    options.max_jobs.reset();
    options.budget = 0s;
    EXPECT_EQ(made.run(options)->ran, 0);
}

TEST_F(ExecutorTest, RunsOneJobBeforeItsTime) {
    home_.task("hello", "<command type=\"log\">x</command>");
    auto made = executor();
    JobOptions later;
    later.available = Time(std::chrono::sys_days(std::chrono::year(2100) / 1 / 1));
    const JobId id = made.jobs().add("hello", {}, later).value();
    EXPECT_EQ(made.run()->ran, 0);
    EXPECT_EQ(made.run_job(id)->succeeded, 1);
    EXPECT_EQ(made.run_job(id).error().code, ErrorCode::Conflict);
    EXPECT_EQ(made.run_job(4711).error().code, ErrorCode::NotFound);
}

TEST_F(ExecutorTest, GoesThroughThePhasesOfATaskAlsoThoseThatAnyServes) {
    home_.task("slices",
               "<phase name=\"registered\"><command type=\"log\">one</command><next "
               "phase=\"two\"/></phase>"
               "<phase name=\"*\"><command type=\"log\">any</command><next "
               "phase=\"terminated\"/></phase>");
    auto made = executor();
    const JobId id = made.jobs().add("slices").value();
    const auto report = made.run().value();
    EXPECT_EQ(report.phased, 1);
    EXPECT_EQ(report.succeeded, 1);
    EXPECT_EQ(made.jobs().find(id)->phase, "terminated");
    EXPECT_EQ(log_of(id), "one\nany\n");
}

TEST_F(ExecutorTest, SaysWhatItWouldDo) {
    home_.write("crontab", "@hourly hello\n");
    home_.task("hello", "<command type=\"log\">x</command>");
    see_then_make_due(3h);
    auto made = executor();
    ASSERT_TRUE(made.jobs().add("hello").has_value());
    const auto pending = made.pending().value();
    ASSERT_EQ(pending.size(), 2U);
    EXPECT_EQ(pending[0].reason, "missed");
    EXPECT_EQ(pending[1].reason, "queued");
    EXPECT_EQ(made.run()->ran, 2) << "pending changes nothing";
}

/// A store whose disk is full for a number of turns.
class FullStore final : public ForwardingStore {
public:
    using ForwardingStore::ForwardingStore;
    TurnResult turn(const Turn& turn) override {
        if (!turn.settlements.empty() && refusals_-- > 0) {
            throw StorageError(StorageError::Kind::Full, "database or disk is full");
        }
        return ForwardingStore::turn(turn);
    }

private:
    int refusals_ = 2;
};

TEST_F(ExecutorTest, KeepsResultsUntilTheDiskTakesThem) {
    home_.task("hello", "<command type=\"shell\">echo ran >> ledger</command>");
    std::filesystem::create_directory(home_.path("var"));
    auto made = executor(2, std::make_shared<FullStore>(store()));
    ASSERT_TRUE(made.jobs().add("hello").has_value());
    const auto report = made.run().value();
    EXPECT_EQ(report.succeeded, 1);
    EXPECT_EQ(home_.read("ledger"), "ran\n");
    EXPECT_EQ(only_job().state, JobState::Succeeded);
}

}  // namespace
}  // namespace periodic::testing
