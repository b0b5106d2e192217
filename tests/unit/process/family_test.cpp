#include <csignal>
#include <functional>
#include <memory>

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/process_family.hpp"
#include "base/this_machine.hpp"
#include "process_driver.hpp"
#include "temporary_directory.hpp"

namespace periodic {
namespace {

using namespace std::chrono_literals;

// Starts a process that tells its pid in the file READY, by the way of `prefix`, and then exits.
std::string flight_script(const std::string& prefix) {
    return prefix + " sh $STRAY & while [ ! -e $READY ]; do sleep 0.01; done";
}
constexpr const char* kCleaned = "env -i READY=$READY STRAY=$STRAY PATH=$PATH";

class Fled : public ::testing::Test {
protected:
    std::unique_ptr<Process> start(const std::string& script, std::string job = "12",
                                   bool leave = false) {
        ProcessSpec spec = shell_spec(script);
        spec.environment.emplace_back("PERIODIC_HOME", directory_.path());
        spec.environment.emplace_back("PERIODIC_JOB_ID", job);
        spec.environment.emplace_back("READY", ready_ + job);
        spec.environment.emplace_back("STRAY", stray_);
        spec.leave = leave;
        return launcher_->start(spec).value();
    }

    // What the program leaves lives on, and is nobody's.
    void start_and_leave(const std::string& script, const std::string& job) {
        const auto process = start(script, job, true);
        await_exit(*process);
        process->release();
        ASSERT_TRUE(stray(job) && stray(job)->is_alive());
    }

    static void await_exit(Process& process) {
        ASSERT_TRUE(eventually([&] {
            process.wait_for(100ms, [](auto, auto) {});
            return process.exit().has_value();
        }));
    }

    static bool await_none(Process& process) {
        return eventually([&] { return !process.has_survivors(); });
    }

    [[nodiscard]] std::optional<ProcessEntry> stray(const std::string& job = "12") const {
        const auto text = directory_.read("ready" + job);
        return text.empty() ? std::nullopt : read_process(std::stoll(text));
    }

    // What must hold however it fled: it is seen, and it is ended.
    void expect_caught(const std::string& script) {
        const auto process = start(script);
        await_exit(*process);
        const auto left = stray();
        ASSERT_TRUE(left);
        EXPECT_TRUE(left->is_alive());
        EXPECT_TRUE(process->has_survivors());
        process->signal_all(SIGKILL);
        EXPECT_TRUE(await_none(*process));
        EXPECT_TRUE(eventually([&] { return !lives(*left); }));
    }

    TemporaryDirectory directory_;
    std::string ready_ = directory_.file("ready");
    std::string stray_ =
        directory_.write("stray", "echo $$ > $READY.new; mv $READY.new $READY; exec sleep 1000\n");
    std::unique_ptr<ProcessLauncher> launcher_ = make_process_launcher();
};

// A process that adopts, as the periodic program does, is a process of its own here: this test
// program's other children must not be taken for strays.
class Adopted : public Fled {
protected:
    static void in_subreaper(const std::function<void()>& body) {
        const pid_t child = ::fork();
        if (child == 0) {
            become_subreaper();
            body();
            const bool bad = ::testing::Test::HasFailure();
            ::_exit(bad ? 1 : 0);
        }
        int status = 0;
        ASSERT_EQ(::waitpid(child, &status, 0), child);
        EXPECT_EQ(status, 0);
    }
    void adopt() { launcher_ = make_process_launcher({.adopts_strays = true}); }
};

TEST_F(Fled, AGrandchildInTheGroupIsASurvivor) {
    expect_caught(flight_script(""));
}

TEST_F(Fled, ASessionOfItsOwnIsFoundByTheEnvironment) {
    expect_caught(flight_script("setsid"));
}

TEST_F(Fled, NothingIsLeftOfAPlainProgram) {
    const auto process = start("true");
    EXPECT_TRUE(process->has_survivors());
    await_exit(*process);
    EXPECT_FALSE(process->has_survivors());
    process->signal_all(SIGKILL);  // reaches nobody
}

TEST_F(Fled, AReleasedSurvivorLivesOn) {
    auto process = start(flight_script(""));
    await_exit(*process);
    process->release();
    process.reset();
    const auto left = stray();
    ASSERT_TRUE(left && left->is_alive());
    EXPECT_EQ(signal_process(*left, SIGKILL), 0);
}

TEST_F(Fled, ADeadlineReachesLivingDescendantsOfAnotherSession) {
    const auto process = start(std::string(kCleaned) + " setsid sh $STRAY & wait");
    ASSERT_TRUE(eventually([&] { return stray().has_value(); }));
    const ProcessEntry left = *stray();
    process->signal_all(SIGKILL);
    await_exit(*process);
    EXPECT_TRUE(eventually([&] { return !lives(left); }));
}

TEST_F(Adopted, ASessionOfItsOwnIsCaught) {
    in_subreaper([&] {
        adopt();
        expect_caught(flight_script("setsid"));
    });
}

TEST_F(Adopted, ADoubleForkIsCaught) {
    in_subreaper([&] {
        adopt();
        expect_caught(
            "setsid sh -c 'setsid sh $STRAY &'; while [ ! -e $READY ]; do sleep 0.01; done");
    });
}

TEST_F(Adopted, ACleanedEnvironmentDoesNotHideIt) {
    in_subreaper([&] {
        adopt();
        expect_caught(flight_script(std::string(kCleaned) + " setsid"));
    });
}

TEST_F(Adopted, DeadChildrenOfTheGroupAreNoSurvivors) {
    in_subreaper([&] {
        adopt();
        const auto process = start("sh -c 'exit 0' & sleep 0.05 & exit 0");
        await_exit(*process);
        EXPECT_TRUE(await_none(*process));
        EXPECT_EQ(::waitpid(-1, nullptr, WNOHANG), -1) << "a zombie is left";
    });
}

TEST_F(Adopted, AStrayOfAnotherJobIsLeftAlone) {
    in_subreaper([&] {
        adopt();
        const auto other = start(flight_script("setsid") + "; sleep 1000", "13");
        ASSERT_TRUE(eventually([&] { return stray("13").has_value(); }));
        const auto process = start("true");
        await_exit(*process);
        EXPECT_FALSE(process->has_survivors());
        process->signal_all(SIGKILL);
        EXPECT_TRUE(stray("13") && stray("13")->is_alive());
        EXPECT_FALSE(other->exit());
        other->signal_all(SIGKILL);
    });
}

// Its parents are dead, its environment is clean, and another program runs that may have started
// it.
TEST_F(Adopted, AStrayIsKnownWhileAnotherProgramRuns) {
    in_subreaper([&] {
        adopt();
        const auto other = start("exec sleep 1000", "13");
        expect_caught(flight_script(std::string(kCleaned) + " setsid"));
        EXPECT_FALSE(other->exit());
        EXPECT_TRUE(lives(*read_process(other->identity().pid)));
    });
}

TEST_F(Adopted, WhatAnotherProgramLeftOnPurposeIsLeftAlone) {
    in_subreaper([&] {
        adopt();
        const auto process = start("while [ ! -e go ]; do sleep 0.01; done");
        start_and_leave(flight_script(std::string(kCleaned) + " setsid"), "13");
        process->signal_group(SIGKILL);
        await_exit(*process);
        EXPECT_TRUE(await_none(*process));
        process->signal_all(SIGKILL);
        EXPECT_TRUE(stray("13")->is_alive());
        signal_process(*stray("13"), SIGKILL);
    });
}

// By its mark it is the job's; by its origin it is no concern of this program.
TEST_F(Adopted, WhatAnEarlierProgramOfTheJobLeftOnPurposeIsLeftAlone) {
    in_subreaper([&] {
        adopt();
        start_and_leave(flight_script("setsid"), "12");
        const auto process = start("true");
        await_exit(*process);
        EXPECT_FALSE(process->has_survivors());
        process->signal_all(SIGKILL);
        EXPECT_TRUE(stray()->is_alive());
        signal_process(*stray(), SIGKILL);
    });
}

TEST_F(Fled, WhatAnEarlierProgramOfTheJobLeftOnPurposeIsLeftAlone) {
    start_and_leave(flight_script("setsid"), "12");
    const auto process = start("true");
    await_exit(*process);
    EXPECT_FALSE(process->has_survivors());
    signal_process(*stray(), SIGKILL);
}

TEST_F(Fled, ACleanedEnvironmentDoesNotHideIt) {
    expect_caught(flight_script(std::string(kCleaned) + " setsid"));
}

TEST_F(Adopted, AStrayWithoutAnySignIsTheLastPossibleParents) {
    in_subreaper([&] {
        adopt();
        const auto other = start("exec sleep 1000", "13");
        const auto process =
            start(flight_script("prlimit --rttime=unlimited " + std::string(kCleaned) + " setsid"));
        await_exit(*process);
        // It may be the other's, which runs on and may yet need it.
        EXPECT_FALSE(process->has_survivors());
        const auto left = stray();
        ASSERT_TRUE(left && left->is_alive());
        other->signal_group(SIGKILL);
        await_exit(*other);
        EXPECT_TRUE(other->has_survivors());
        other->signal_all(SIGKILL);
        EXPECT_TRUE(await_none(*other));
        EXPECT_FALSE(lives(*left));
    });
}

TEST_F(Adopted, ChildrenFromBeforeTheProgramsAreNoStrays) {
    in_subreaper([&] {
        const pid_t earlier = ::fork();
        if (earlier == 0) {
            ::pause();
            ::_exit(0);
        }
        // Start times count in hundredths of a second: the program's must be a later one.
        const auto began = start_ticks_of(earlier);
        adopt();
        std::unique_ptr<Process> process;
        do {
            process = start("true");
            await_exit(*process);
        } while (process->identity().start_ticks <= began);
        EXPECT_FALSE(process->has_survivors());
        process->signal_all(SIGKILL);
        EXPECT_EQ(::waitpid(earlier, nullptr, WNOHANG), 0) << "an innocent was killed";
        ::kill(earlier, SIGKILL);
    });
}

}  // namespace
}  // namespace periodic
