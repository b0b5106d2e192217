// kill -9 at each step between planning and finishing: what the promises say holds afterwards.

#include <chrono>
#include <csignal>
#include <memory>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "periodic/job_store.hpp"
#include "support/temporary_home.hpp"

namespace periodic::testing {
namespace {

using namespace std::chrono_literals;

struct CrashCase {
    const char* name;
    const char* point;  ///< where the first run is killed
    int nth;
    /// How often the program may have begun: a crash after it began is final for a task that is not
    /// safe to run twice.
    int least_begun, most_begun;
    JobState state;  ///< of the job in the end
};

void PrintTo(const CrashCase& crash, std::ostream* out) {
    *out << crash.name;
}

/// The lines of a file that the tasks appended to: what really happened, whatever the store says.
int count_lines(const std::string& ledger, const std::string& word) {
    int count = 0;
    for (std::size_t at = ledger.find(word + '\n'); at != std::string::npos;
         at = ledger.find(word + '\n', at + 1)) {
        ++count;
    }
    return count;
}

/// A home with one entry that has been due for an hour.
class CrashTest : public ::testing::Test {
protected:
    int run(const std::vector<std::string>& arguments) {
        std::vector<char*> argv;
        std::vector<std::string> all{PERIODIC_CRASH_RUN, home_.path()};
        all.insert(all.end(), arguments.begin(), arguments.end());
        for (std::string& argument : all) argv.push_back(argument.data());
        argv.push_back(nullptr);
        const pid_t child = ::fork();
        if (child == 0) {
            ::execv(argv[0], argv.data());
            ::_exit(127);
        }
        int status = 0;
        ::waitpid(child, &status, 0);
        return WIFSIGNALED(status) ? -WTERMSIG(status) : WEXITSTATUS(status);
    }

    [[nodiscard]] std::unique_ptr<JobStore> store() const {
        return open_sqlite_store({.path = home_.path("var/periodic.db")});
    }

    // The first run sees the entry; moving its mark back by an hour makes it due.
    void make_due() {
        ASSERT_EQ(run({}), 0);
        const auto opened = store();
        const auto marks = opened->entry_marks();
        ASSERT_EQ(marks.size(), 1U);
        EntryPlan plan{.id = marks[0].id, .seen = marks[0], .mark = marks[0]};
        plan.mark->watermark -= 1h;
        opened->plan({plan}, Time(marks[0].watermark), "test");
    }

    void use_task(const std::string& config) {
        home_.write("crontab", "@hourly one:work\n");
        home_.task("work", "<config>" + config +
                               "</config><command type=\"shell\">echo begun >> ledger; " +
                               "sleep 0.2; echo ended >> ledger</command>");
    }

    TemporaryHome home_;
};

class CrashOfATaskThatRunsOnce : public CrashTest,
                                 public ::testing::WithParamInterface<CrashCase> {};

TEST_P(CrashOfATaskThatRunsOnce, LosesNothingAndRunsNothingTwice) {
    const CrashCase& crash = GetParam();
    use_task("");
    make_due();
    ASSERT_EQ(run({crash.point, std::to_string(crash.nth)}), -SIGKILL)
        << "the point was not reached";
    ASSERT_EQ(run({}), 0);

    const auto jobs = store()->page({}, Time());
    ASSERT_EQ(jobs.size(), 1U) << "one occurrence is one job";
    EXPECT_EQ(jobs[0].state, crash.state);
    EXPECT_EQ(jobs[0].reason == Reason::Lost, crash.state == JobState::Failed);
    const std::string ledger = home_.read("ledger");
    EXPECT_GE(count_lines(ledger, "begun"), crash.least_begun);
    EXPECT_LE(count_lines(ledger, "begun"), crash.most_begun);
    EXPECT_LE(count_lines(ledger, "ended"), count_lines(ledger, "begun"));
    if (crash.state == JobState::Succeeded) {
        EXPECT_EQ(count_lines(ledger, "ended"), 1);
    }
}

INSTANTIATE_TEST_SUITE_P(
    Points, CrashOfATaskThatRunsOnce,
    ::testing::Values(
        CrashCase{"before the generation", "before-generation", 1, 1, 1, JobState::Succeeded},
        CrashCase{"after the generation", "after-generation", 1, 1, 1, JobState::Succeeded},
        CrashCase{"before planning", "before-plan", 1, 1, 1, JobState::Succeeded},
        CrashCase{"after planning", "after-plan", 1, 1, 1, JobState::Succeeded},
        CrashCase{"before the claim", "before-turn", 1, 1, 1, JobState::Succeeded},
        CrashCase{"after the claim", "after-claim", 1, 0, 0, JobState::Failed},
        CrashCase{"before the program", "before-start", 1, 0, 0, JobState::Failed},
        CrashCase{"after the program began", "after-start", 1, 0, 1, JobState::Failed},
        CrashCase{"before the result", "before-settle", 1, 1, 1, JobState::Failed},
        CrashCase{"after the result", "after-settle", 1, 1, 1, JobState::Succeeded},
        CrashCase{"before the end", "before-end", 1, 1, 1, JobState::Succeeded},
        CrashCase{"after the end", "after-end", 1, 1, 1, JobState::Succeeded}),
    [](const auto& crash) {
        std::string name = crash.param.name;
        for (char& c : name) c = c == ' ' ? '_' : c;
        return name;
    });

TEST_F(CrashTest, RunsATaskAgainThatIsSafeToRunTwice) {
    use_task("<onLost>retry</onLost>");
    make_due();
    ASSERT_EQ(run({"after-start"}), -SIGKILL);
    ASSERT_EQ(run({}), 0);
    const auto jobs = store()->page({}, Time());
    ASSERT_EQ(jobs.size(), 1U);
    EXPECT_EQ(jobs[0].state, JobState::Succeeded);
    EXPECT_EQ(jobs[0].crashes, 1);
    EXPECT_EQ(jobs[0].attempt, 1);
}

TEST_F(CrashTest, GivesUpAfterTheThirdCrash) {
    use_task("<onLost>retry</onLost>");
    make_due();
    for (int crash = 0; crash < 3; ++crash) ASSERT_EQ(run({"after-claim"}), -SIGKILL);
    ASSERT_EQ(run({}), 0);
    const auto jobs = store()->page({}, Time());
    ASSERT_EQ(jobs.size(), 1U);
    EXPECT_EQ(jobs[0].state, JobState::Failed);
    EXPECT_EQ(jobs[0].reason, Reason::Lost);
    EXPECT_EQ(jobs[0].crashes, 3);
}

// The program of a killed run must be gone before the group runs again, whatever signals it
// ignores.
TEST_F(CrashTest, EndsTheProgramsOfAKilledRunBeforeItsGroupRunsAgain) {
    home_.write("crontab", "@hourly one:work\n");
    home_.task(
        "work",
        "<config><onLost>retry</onLost></config><command type=\"shell\">"
        "trap '' TERM HUP INT\n"
        "if [ -e first ]; then\n"
        "  grep -q 'State:.[RSDT]' /proc/$(cat first)/status &amp;&amp; echo overlapped >> ledger\n"
        "else echo $$ > first.new; mv first.new first; sleep 60; fi\n"
        "echo ended >> ledger</command>");
    make_due();
    const pid_t first = ::fork();
    if (first == 0) {
        ::execl(PERIODIC_CRASH_RUN, PERIODIC_CRASH_RUN, home_.path().c_str(), nullptr);
        ::_exit(127);
    }
    const auto limit = std::chrono::steady_clock::now() + 30s;
    while (home_.read("first").empty() && std::chrono::steady_clock::now() < limit) ::usleep(1000);
    ASSERT_FALSE(home_.read("first").empty());
    ::kill(first, SIGKILL);
    ::waitpid(first, nullptr, 0);
    ASSERT_EQ(::kill(std::stoi(home_.read("first")), 0), 0) << "the program outlives its executor";

    ASSERT_EQ(run({}), 0);
    EXPECT_EQ(count_lines(home_.read("ledger"), "overlapped"), 0);
    EXPECT_EQ(count_lines(home_.read("ledger"), "ended"), 1);
    EXPECT_EQ(store()->page({}, Time()).at(0).state, JobState::Succeeded);
}

// Its program has ended and nobody has its number any more: what it has left must be gone before
// the group runs again, however little it shows where it comes from.
class CrashThatLeavesSomething : public CrashTest,
                                 public ::testing::WithParamInterface<const char*> {};

TEST_P(CrashThatLeavesSomething, EndsItBeforeItsGroupRunsAgain) {
    home_.write("crontab", "@hourly one:work\n");
    home_.task("work",
               "<config><onLost>retry</onLost></config><command type=\"shell\">"
               "if [ -e left ]; then\n"
               "  grep -q 'State:.[RSDT]' /proc/$(cat left)/status &amp;&amp; echo overlapped >> "
               "ledger\n"
               "  echo ended >> ledger\n"
               "else\n"
               "  " +
                   std::string(GetParam()) +
                   " sh -c 'echo $$ > left.new; mv left.new left; exec sleep 600' &amp;\n"
                   "  while [ ! -e left ]; do sleep 0.01; done\n"
                   "  echo $$ > leader; kill -9 $PPID\n"
                   "fi</command>");
    make_due();
    ASSERT_EQ(::prctl(PR_SET_CHILD_SUBREAPER, 1), 0);
    ASSERT_EQ(run({}), -SIGKILL);
    const pid_t leader = std::stoi(home_.read("leader"));
    ASSERT_EQ(::waitpid(leader, nullptr, 0), leader);
    ASSERT_EQ(::kill(std::stoi(home_.read("left")), 0), 0) << "it outlives its program";

    ASSERT_EQ(run({}), 0);
    EXPECT_EQ(count_lines(home_.read("ledger"), "overlapped"), 0);
    EXPECT_EQ(count_lines(home_.read("ledger"), "ended"), 1);
    EXPECT_EQ(store()->page({}, Time()).at(0).state, JobState::Succeeded);
    ::prctl(PR_SET_CHILD_SUBREAPER, 0);
}

INSTANTIATE_TEST_SUITE_P(Ways, CrashThatLeavesSomething,
                         ::testing::Values("",                                   // in its group
                                           "env -i",                             // without the mark
                                           "prlimit --rttime=unlimited env -i",  // nor the origin
                                           "setsid",                             // out of its group
                                           "env -i setsid"));

}  // namespace
}  // namespace periodic::testing
