#include <atomic>
#include <csignal>
#include <thread>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/this_machine.hpp"
#include "process_driver.hpp"
#include "temporary_directory.hpp"

namespace periodic {
namespace {

class Launcher : public ::testing::Test {
protected:
    Ended run(ProcessSpec spec) { return run_to_end(*launcher_, std::move(spec)); }
    Ended shell(std::string script) { return run(shell_spec(std::move(script))); }

    std::unique_ptr<ProcessLauncher> launcher_ = make_process_launcher();
    TemporaryDirectory directory_;
};

TEST_F(Launcher, PassesOutputAndExitCode) {
    const Ended ended = shell("echo out; echo err >&2; exit 3");
    EXPECT_EQ(ended.out, "out\n");
    EXPECT_EQ(ended.err, "err\n");
    EXPECT_EQ(ended.exit.code, 3);
    EXPECT_FALSE(ended.exit.signalled);
}

TEST_F(Launcher, TellsOfASignalAs128AndItsNumber) {
    const Ended ended = shell("kill -TERM $$");
    EXPECT_EQ(ended.exit.code, 128 + SIGTERM);
    EXPECT_TRUE(ended.exit.signalled);
}

TEST_F(Launcher, GivesArgumentsAsTheyAre) {
    const Ended ended =
        run({.program = "/bin/sh",
             .arguments = {"-c", "printf '%s|' \"$@\"", "sh", "", "a b", "$(id)", "\n"},
             .environment = {{"PATH", "/usr/bin:/bin"}}});
    EXPECT_EQ(ended.out, "|a b|$(id)|\n|");
}

TEST_F(Launcher, GivesExactlyTheEnvironmentAsked) {
    const Ended ended =
        run({.program = "env", .environment = {{"PATH", "/usr/bin"}, {"A", "1=2"}}});
    EXPECT_EQ(ended.out, "PATH=/usr/bin\nA=1=2\n");
}

TEST_F(Launcher, ReadsNothingFromStandardInput) {
    EXPECT_EQ(shell("cat; readlink /proc/self/fd/0").out, "/dev/null\n");
}

TEST_F(Launcher, StartsInTheDirectory) {
    ProcessSpec spec = shell_spec("pwd");
    spec.directory = "/usr";
    EXPECT_EQ(run(spec).out, "/usr\n");
}

TEST_F(Launcher, MakesAGroupOfItsOwn) {
    const Ended ended = shell("ps -o pgid= -p $$");
    EXPECT_EQ(std::stoll(ended.out), ended.identity.pid);
    EXPECT_NE(ended.identity.pid, ::getpgrp());
}

TEST_F(Launcher, KnowsWhoItStarted) {
    const Ended ended = shell("cut -d' ' -f22 /proc/$$/stat");
    EXPECT_EQ(std::stoull(ended.out), ended.identity.start_ticks);
    EXPECT_EQ(ended.identity.boot_id, this_boot_id());
}

TEST_F(Launcher, AddsToThePriority) {
    ProcessSpec spec = shell_spec("nice");
    const int own = std::stoi(run(spec).out);
    spec.nice = 5;
    EXPECT_EQ(std::stoi(run(spec).out), own + 5);
}

TEST_F(Launcher, KeepsTheUmask) {
    const mode_t before = ::umask(0031);
    const Ended ended = shell("umask");
    ::umask(before);
    EXPECT_EQ(ended.out, "0031\n");
}

TEST_F(Launcher, ResetsAndUnblocksSignals) {
    sigset_t all;
    sigset_t before;
    sigfillset(&all);
    ::pthread_sigmask(SIG_BLOCK, &all, &before);
    const auto old_handler = ::signal(SIGPIPE, SIG_IGN);
    const Ended ended =
        run({.program = "sed", .arguments = {"-n", "/^Sig[BIC]/p", "/proc/self/status"}});
    ::signal(SIGPIPE, old_handler);
    ::pthread_sigmask(SIG_SETMASK, &before, nullptr);
    EXPECT_EQ(ended.out,
              "SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\nSigCgt:\t0000000000000000\n");
}

TEST_F(Launcher, LeavesTheCallersSignalMaskAlone) {
    sigset_t before;
    sigset_t after;
    ::pthread_sigmask(SIG_SETMASK, nullptr, &before);
    shell("true");
    ::pthread_sigmask(SIG_SETMASK, nullptr, &after);
    for (int signal = 1; signal < 64; ++signal)
        EXPECT_EQ(sigismember(&before, signal), sigismember(&after, signal)) << signal;
}

TEST_F(Launcher, PassesNoDescriptorOnNotEvenForgottenOnes) {
    const int forgotten = ::open("/dev/null", O_RDONLY);  // without O_CLOEXEC
    const Ended ended = shell("ls /proc/self/fd");        // 3 is ls's own, of the directory
    ::close(forgotten);
    EXPECT_EQ(ended.out, "0\n1\n2\n3\n");
}

TEST_F(Launcher, LeaksNoDescriptor) {
    const auto open_descriptors = [] {
        return std::distance(std::filesystem::directory_iterator("/proc/self/fd"), {});
    };
    shell("true");
    const auto before = open_descriptors();
    for (int i = 0; i < 5; ++i) shell("echo x");
    EXPECT_FALSE(launcher_->start({.program = "/nonexistent"}));
    EXPECT_FALSE(launcher_->start({.program = "/"}));
    EXPECT_EQ(open_descriptors(), before);
}

struct FailedStart {
    const char* why;
    ProcessSpec spec;
    ErrorCode code;
    const char* says;
};

class FailingStart : public ::testing::TestWithParam<FailedStart> {};

TEST_P(FailingStart, IsAnErrorThatSaysWhat) {
    const auto launcher = make_process_launcher();
    const auto started = launcher->start(GetParam().spec);
    ASSERT_FALSE(started) << GetParam().why;
    EXPECT_EQ(started.error().code, GetParam().code) << started.error().message;
    EXPECT_NE(to_string(started.error()).find(GetParam().says), std::string::npos)
        << to_string(started.error());
    EXPECT_EQ(::waitpid(-1, nullptr, WNOHANG), -1) << "a zombie is left";
}

INSTANTIATE_TEST_SUITE_P(
    Launcher, FailingStart,
    ::testing::Values(
        FailedStart{
            "no such path", {.program = "/nonexistent/x"}, ErrorCode::NotFound, "/nonexistent/x"},
        FailedStart{"not in PATH",
                    {.program = "true", .environment = {{"PATH", "/nonexistent"}}},
                    ErrorCode::NotFound,
                    "/nonexistent"},
        FailedStart{"a directory", {.program = "/usr"}, ErrorCode::Io, "Permission denied"},
        FailedStart{
            "not executable", {.program = "/etc/passwd"}, ErrorCode::Io, "Permission denied"},
        FailedStart{"no directory",
                    {.program = "/bin/true", .directory = "/nonexistent"},
                    ErrorCode::Io,
                    "cannot enter the directory /nonexistent: No such file"},
        FailedStart{"no program", {}, ErrorCode::Usage, "no program"},
        FailedStart{"a NUL in an argument",
                    {.program = "/bin/true", .arguments = {std::string("a\0b", 3)}},
                    ErrorCode::Usage,
                    "NUL"},
        FailedStart{"a variable with =",
                    {.program = "/bin/true", .environment = {{"A=B", "c"}}},
                    ErrorCode::Usage,
                    "A=B"},
        FailedStart{"too many arguments",
                    {.program = "/bin/true", .arguments = {std::string(200'000, 'x')}},
                    ErrorCode::Io,
                    "too long"}));

TEST_F(Launcher, ExplainsAMissingInterpreter) {
    const auto script = directory_.write("script", "#!/nonexistent/sh\n");
    ::chmod(script.c_str(), 0755);
    const auto started = launcher_->start({.program = script});
    ASSERT_FALSE(started);
    EXPECT_NE(started.error().message.find("interpreter"), std::string::npos);
}

TEST_F(Launcher, ExplainsAScriptWithoutAFirstLine) {
    const auto script = directory_.write("script", "echo hello\n");
    ::chmod(script.c_str(), 0755);
    const auto started = launcher_->start({.program = script});
    ASSERT_FALSE(started);
    EXPECT_NE(started.error().hint.find("#!/bin/sh"), std::string::npos);
}

TEST_F(Launcher, LooksProgramsUpInTheirOwnPath) {
    ::chmod(directory_.write("only-here", "#!/bin/sh\necho found\n").c_str(), 0755);
    ProcessSpec spec{.program = "only-here",
                     .environment = {{"PATH", "/bin:" + directory_.path().string()}}};
    EXPECT_EQ(run(spec).out, "found\n");
    spec.environment = {{"PATH", "bin:."}};  // relative to the program's directory, not ours
    spec.directory = directory_.path();
    EXPECT_EQ(run(spec).out, "found\n");
}

TEST_F(Launcher, RefusesWhileSigchldIsIgnored) {
    const auto before = ::signal(SIGCHLD, SIG_IGN);
    const auto started = launcher_->start({.program = "/bin/true"});
    ::signal(SIGCHLD, before);
    ASSERT_FALSE(started);
    EXPECT_EQ(started.error().code, ErrorCode::Unsupported);
}

TEST_F(Launcher, LeavesTheChildrenOfOthersAlone) {
    const pid_t mine = ::fork();
    if (mine == 0) ::_exit(42);
    shell("true");
    int status = 0;
    ASSERT_EQ(::waitpid(mine, &status, 0), mine);
    EXPECT_EQ(WEXITSTATUS(status), 42);
}

TEST_F(Launcher, WorksWithoutStandardStreams) {
    const pid_t child = ::fork();
    if (child == 0) {
        for (int fd = 0; fd <= 2; ++fd) ::close(fd);
        const Ended ended = shell("echo out; echo err >&2");
        ::_exit(ended.out == "out\n" && ended.err == "err\n" ? 0 : 1);
    }
    int status = 0;
    ASSERT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0);
}

TEST_F(Launcher, StartsFromManyThreads) {
    std::atomic<int> good = 0;
    {
        std::vector<std::jthread> threads;
        for (int thread = 0; thread < 8; ++thread)
            threads.emplace_back([&, thread] {
                for (int i = 0; i < 25; ++i) {
                    const std::string word = std::to_string(thread * 100 + i);
                    if (shell("echo " + word + "; ls /proc/self/fd | wc -l").out == word + "\n4\n")
                        ++good;
                }
            });
    }
    EXPECT_EQ(good, 200);
}

TEST_F(Launcher, KillsTheGroupOfAProcessThatIsDropped) {
    const auto fifo = directory_.file("alive");
    ASSERT_EQ(::mkfifo(fifo.c_str(), 0600), 0);
    {
        auto process = launcher_->start(shell_spec("sleep 1000 > " + fifo + " & wait")).value();
        // Opening waits for the grandchild, which holds the other end for as long as it lives.
        const int reader = ::open(fifo.c_str(), O_RDONLY);
        process.reset();
        char byte = 0;
        EXPECT_EQ(::read(reader, &byte, 1), 0);  // the end of file
        ::close(reader);
    }
}

TEST_F(Launcher, WakesAWaitFromAnotherThread) {
    auto process = launcher_->start(shell_spec("sleep 1000")).value();
    const std::jthread other([&] { process->wake(); });
    EXPECT_EQ(process->wait_for(kPatience, [](auto, auto) {}), Process::Event::Nothing);
    EXPECT_FALSE(process->exit());
}

}  // namespace
}  // namespace periodic
