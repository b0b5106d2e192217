#include <algorithm>
#include <array>
#include <csignal>
#include <fstream>
#include <memory>
#include <string>

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/process_ending.hpp"
#include "base/process_origin.hpp"
#include "base/this_machine.hpp"
#include "process_driver.hpp"
#include "temporary_directory.hpp"

namespace periodic {
namespace {

using namespace std::chrono_literals;

// Programs as a killed executor leaves them: running, marked, and nobody's concern. The launcher's
// Process is kept only to know when they are gone.
class Ending : public ::testing::Test {
protected:
    std::unique_ptr<Process> start(const std::string& script, bool marked = true,
                                   bool leave = false) {
        // A script that has to prepare itself says "ready" itself.
        const bool tells = script.find("ready") != std::string::npos;
        ProcessSpec spec = shell_spec((tells ? "" : "echo ready; ") + script);
        if (marked) {
            spec.environment.emplace_back("PERIODIC_HOME", mark_.home);
            spec.environment.emplace_back("PERIODIC_JOB_ID", mark_.job);
        }
        spec.leave = leave;
        auto process = launcher_->start(spec).value();
        std::string out;
        const auto until = std::chrono::steady_clock::now() + kPatience;
        while (out.find("ready") == std::string::npos && std::chrono::steady_clock::now() < until)
            process->wait_for(1s, [&](auto, std::string_view bytes) { out += bytes; });
        return process;
    }

    // As the record of a program says it: all that start here are in this session.
    static GroupLeader leader(const Process& process) {
        return {.process = process.identity(), .session = ::getsid(0)};
    }

    EndingResult end(const std::vector<GroupLeader>& leaders, EndingOptions options = {}) {
        return end_left(leaders, mark_, options);
    }

    // Ended by which signal, as the exit code.
    static int exit_code(Process& process) {
        const auto until = std::chrono::steady_clock::now() + kPatience;
        while (!process.exit() && std::chrono::steady_clock::now() < until)
            process.wait_for(1s, [](auto, auto) {});
        return process.exit() ? process.exit()->code : -1;
    }

    // What a stranger with the same number as its group has left: it does not come from here.
    std::unique_ptr<Process> start_innocent(bool marked) {
        auto process = start("prlimit --rttime=unlimited sleep 1000 & exit 0", marked);
        EXPECT_EQ(exit_code(*process), 0);
        EXPECT_TRUE(eventually([&] {
            const auto table = list_processes();
            return std::any_of(table.begin(), table.end(), [&](const ProcessEntry& one) {
                return one.group == process->identity().pid && !origin_of(one.pid);
            });
        }));
        return process;
    }

    static bool runs(const Process& process) { return is_alive(process.identity()); }

    TemporaryDirectory directory_;
    JobMark mark_{directory_.path(), "12"};
    std::unique_ptr<ProcessLauncher> launcher_ = make_process_launcher();
};

TEST_F(Ending, TakesNothingForGoneThatItCanNotSee) {
    auto process = start("sleep 1000");
    rlimit before{};
    ::getrlimit(RLIMIT_NOFILE, &before);
    rlimit none = before;
    none.rlim_cur = 0;
    ::setrlimit(RLIMIT_NOFILE, &none);
    const auto unseen = end({leader(*process)}, {.kill_at_once = true, .patience = 0ms});
    ::setrlimit(RLIMIT_NOFILE, &before);
    EXPECT_TRUE(runs(*process));
    ASSERT_EQ(unseen.remaining.size(), 1U);
    EXPECT_EQ(unseen.remaining[0].pid, process->identity().pid);
    EXPECT_TRUE(end({leader(*process)}, {.kill_at_once = true}).remaining.empty());
    EXPECT_EQ(exit_code(*process), 128 + SIGKILL);
}

TEST_F(Ending, TerminatesARecordedProgram) {
    const auto process = start("exec sleep 1000");
    const EndingResult result = end({leader(*process)});
    EXPECT_FALSE(runs(*process));
    EXPECT_EQ(exit_code(*process), 128 + SIGTERM);
    EXPECT_EQ(result.ended, 1U);
    EXPECT_TRUE(result.remaining.empty());
}

TEST_F(Ending, KillsWhatIgnoresSigterm) {
    const auto process = start("trap '' TERM; echo ready; while :; do sleep 1000; done");
    const EndingResult result = end({leader(*process)}, {.kill_after = 50ms});
    EXPECT_TRUE(result.remaining.empty());
    EXPECT_EQ(exit_code(*process), 128 + SIGKILL);
}

TEST_F(Ending, CanKillAtOnce) {
    const auto process = start("exec sleep 1000");
    end({leader(*process)}, {.kill_at_once = true});
    EXPECT_EQ(exit_code(*process), 128 + SIGKILL);
}

TEST_F(Ending, FindsTheGroupWithoutItsLeader) {
    const auto process = start("sleep 1000 & exit 0");
    EXPECT_EQ(exit_code(*process), 0);
    ASSERT_EQ(find_left(std::array{leader(*process)}, mark_).size(), 1U);
    EXPECT_EQ(end({leader(*process)}).ended, 1U);
    EXPECT_FALSE(process->has_survivors());
}

TEST_F(Ending, FindsWhatFledItsSession) {
    const auto process = start("setsid sleep 1000 & wait");
    end({leader(*process)});
    EXPECT_TRUE(find_left({}, mark_).empty());
}

// What a process runs by now; while it becomes that, it shows no environment.
std::string name_of(const ProcessEntry& process) {
    std::ifstream file("/proc/" + std::to_string(process.pid) + "/comm");
    std::string name;
    std::getline(file, name);
    return name;
}

TEST_F(Ending, FindsWhatFledBecauseItCarriesTheMark) {
    const auto process = start("(setsid sleep 1000 &) ; exit 0");
    EXPECT_EQ(exit_code(*process), 0);
    // Nothing is on record: the mark is enough, once the shell's child has become what it starts.
    EXPECT_TRUE(eventually([&] {
        const auto left = find_left({}, mark_);
        return left.size() == 1 && name_of(left.front()) == "sleep";
    }));
    EXPECT_EQ(end({}).ended, 1U);
}

TEST_F(Ending, FindsADescendantThatCleanedItsEnvironment) {
    const auto process = start("env -i setsid sh -c 'sleep 1000 & wait' & wait");
    std::vector<ProcessEntry> left;
    ASSERT_TRUE(eventually([&] {
        left = find_left(std::array{leader(*process)}, mark_);
        return left.size() == 3;  // the shell, the other one, sleep
    }));
    EXPECT_TRUE(end({leader(*process)}).remaining.empty());
    for (const auto& gone : left) EXPECT_FALSE(lives(gone));
}

TEST_F(Ending, FindsWhatFledWithoutTheMarkByItsOrigin) {
    const auto process = start("(env -i setsid sleep 1000 &) ; exit 0");
    EXPECT_EQ(exit_code(*process), 0);
    std::vector<ProcessEntry> left;
    ASSERT_TRUE(eventually([&] {
        left = find_left(std::array{leader(*process)}, mark_);
        return left.size() == 1 && left[0].session == left[0].pid && !mark_of(left[0].pid);
    }));
    EXPECT_EQ(end({leader(*process)}).ended, 1U);
}

// Its program is over, and may leave it.
TEST_F(Ending, LeavesAloneWhatMayStay) {
    const auto process = start("sleep 1000 & exit 0", true, true);
    EXPECT_EQ(exit_code(*process), 0);
    EXPECT_EQ(end({}, {.kill_at_once = true}).ended, 0U);
    EXPECT_TRUE(process->has_survivors());
    // While the program is on record, as it runs, it all belongs to it.
    EXPECT_EQ(end({leader(*process)}, {.kill_at_once = true}).ended, 1U);
}

TEST_F(Ending, LeavesJobsOfOthersAlone) {
    JobMark others = mark_;
    others.job = "13";
    std::swap(mark_, others);
    const auto other_job = start("exec sleep 1000");
    std::swap(mark_, others);
    others = {"/elsewhere", "12"};
    std::swap(mark_, others);
    const auto other_home = start("exec sleep 1000");
    std::swap(mark_, others);
    EXPECT_TRUE(find_left({}, mark_).empty());
    EXPECT_EQ(end({}).ended, 0U);
    EXPECT_TRUE(runs(*other_job));
    EXPECT_TRUE(runs(*other_home));
}

// What it left has cleaned its environment, and its own number is nobody's any more.
TEST_F(Ending, FindsTheGroupWithoutItsLeaderAndWithoutTheMark) {
    const auto process = start("prlimit --rttime=unlimited env -i sleep 1000 & exit 0");
    EXPECT_EQ(exit_code(*process), 0);
    std::vector<ProcessEntry> left;
    ASSERT_TRUE(eventually([&] {
        left = find_left(std::array{leader(*process)}, mark_);
        return left.size() == 1 && !mark_of(left[0].pid) && !origin_of(left[0].pid);
    }));
    EXPECT_EQ(end({leader(*process)}).ended, 1U);
    EXPECT_FALSE(process->has_survivors());
}

// Innocent: it has the pid that is on record, but is not the process that was.
TEST_F(Ending, NeverTouchesAReusedPid) {
    const auto innocent = start("exec sleep 1000", false);
    GroupLeader recorded = leader(*innocent);
    recorded.process.start_ticks -= 1;
    EXPECT_EQ(end({recorded}, {.kill_at_once = true}).ended, 0U);
    EXPECT_TRUE(runs(*innocent));
}

TEST_F(Ending, NeverTouchesAnythingOfAnotherStartOfTheMachine) {
    const auto innocent = start("exec sleep 1000", false);
    GroupLeader recorded = leader(*innocent);
    recorded.process.boot_id = "00000000-0000-0000-0000-000000000000";
    EXPECT_EQ(end({recorded}, {.kill_at_once = true}).ended, 0U);
    EXPECT_TRUE(runs(*innocent));
}

// The recorded leader is gone and a stranger's group has its number: its members carry no mark, and
// are of another session, or older, or nothing is known of the session.
TEST_F(Ending, NeverTouchesAReusedGroup) {
    const auto innocent = start_innocent(false);
    GroupLeader elsewhere = leader(*innocent);
    elsewhere.session = *elsewhere.session + 1;
    GroupLeader later = leader(*innocent);
    later.process.start_ticks += 100'000;
    const GroupLeader unknown{.process = innocent->identity()};
    EXPECT_EQ(end({elsewhere, later, unknown}, {.kill_at_once = true}).ended, 0U);
    EXPECT_TRUE(innocent->has_survivors());
}

TEST_F(Ending, NeverTouchesAReusedGroupOfAnotherJob) {
    JobMark others = mark_;
    others.job = "13";
    std::swap(mark_, others);
    const auto innocent = start_innocent(true);
    std::swap(mark_, others);
    EXPECT_EQ(end({leader(*innocent)}, {.kill_at_once = true}).ended, 0U);
    EXPECT_TRUE(innocent->has_survivors());
}

// A container's process 1 is older than all that is in it.
TEST_F(Ending, NeverTouchesAnythingOfAnotherStartOfTheContainer) {
    const auto innocent = start_innocent(false);
    GroupLeader before = leader(*innocent);
    const auto first = read_process(1);
    if (!first || first->start_ticks == 0) GTEST_SKIP() << "process 1 is as old as the machine";
    before.process.start_ticks = first->start_ticks - 1;
    EXPECT_EQ(end({before}, {.kill_at_once = true}).ended, 0U);
    EXPECT_TRUE(innocent->has_survivors());
}

TEST_F(Ending, NeverTouchesThisProcessOrItsAncestors) {
    // A job's program that runs Periodic itself, which then settles that very job.
    const pid_t program = ::fork();
    if (program == 0) {
        ::setpgid(0, 0);
        const GroupLeader leader{.process = this_process()};
        const pid_t nested = ::fork();
        if (nested == 0) {
            const EndingResult result = end_left(std::array{leader}, mark_, {.kill_at_once = true});
            ::_exit(result.remaining.size() == 1 && result.remaining[0].pid == leader.process.pid
                        ? 0
                        : 1);
        }
        int status = 0;
        ::waitpid(nested, &status, 0);
        ::_exit(WIFEXITED(status) ? WEXITSTATUS(status) : 2);
    }
    int status = 0;
    ASSERT_EQ(::waitpid(program, &status, 0), program);
    EXPECT_TRUE(WIFEXITED(status));
    EXPECT_EQ(WEXITSTATUS(status), 0);
}

TEST_F(Ending, SaysWhatItMayNotEnd) {
    if (::geteuid() != 0) GTEST_SKIP() << "needs root to start a program that it may not end";
    const auto process = start("exec sleep 1000");
    const pid_t weak = ::fork();
    if (weak == 0) {
        if (::setuid(65534) != 0) ::_exit(3);
        const EndingResult result = end_left(std::array{leader(*process)}, mark_, {});
        const bool told = result.remaining.size() == 1 &&
                          result.remaining[0].reason.find("not permitted") != std::string::npos;
        ::_exit(told && result.ended == 0 ? 0 : 1);
    }
    int status = 0;
    ASSERT_EQ(::waitpid(weak, &status, 0), weak);
    EXPECT_EQ(WEXITSTATUS(status), 0);
    EXPECT_TRUE(runs(*process));
}

TEST_F(Ending, CatchesAProgramThatStartsItselfAnew) {
    // At SIGTERM it leaves a new process of another session behind.
    const auto process =
        start("trap 'setsid sleep 1000 & exit 0' TERM; echo ready; while :; do sleep 0.01; done");
    EXPECT_TRUE(end({leader(*process)}).remaining.empty());
    EXPECT_TRUE(find_left(std::array{leader(*process)}, mark_).empty());
}

TEST(ProcessTable, ReadsAnyName) {
    const pid_t child = ::fork();
    if (child == 0) {
        ::execlp("sh", "a) R 1 (b", "-c",
                 "printf 'a) R (b' > /proc/$$/comm; read nothing < /dev/zero", nullptr);
        ::_exit(1);
    }
    const auto entry = read_process(child);
    ASSERT_TRUE(entry);
    EXPECT_EQ(entry->parent, ::getpid());
    EXPECT_EQ(entry->group, ::getpgrp());
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
    EXPECT_FALSE(read_process(child));
}

TEST(ProcessTable, KnowsTheChildrenOfTheFirstThread) {
    const pid_t child = ::fork();
    if (child == 0) {
        ::pause();
        ::_exit(0);
    }
    const auto children = adopted_children();
    EXPECT_NE(std::find(children.begin(), children.end(), child), children.end());
    ::kill(child, SIGKILL);
    ::waitpid(child, nullptr, 0);
}

}  // namespace
}  // namespace periodic
