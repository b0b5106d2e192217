#include "run/program_runner.hpp"

#include <atomic>
#include <csignal>
#include <cstdlib>
#include <map>
#include <sstream>
#include <thread>

#include <boost/json/parse.hpp>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/process_table.hpp"
#include "base/this_machine.hpp"
#include "recording_context.hpp"
#include "run/program_files.hpp"
#include "temporary_directory.hpp"

namespace periodic {
namespace {

using namespace std::chrono_literals;

constexpr std::chrono::seconds kPatience{60};

class Runner : public ::testing::Test {
protected:
    Runner() {
        context_.home_ = directory_.path();
        context_.directory_ = directory_.path();
        settings_.files = directory_.file("programs");
        std::filesystem::create_directory(settings_.files);
        settings_.leftover_grace = 20ms;
        settings_.kill_after = 100ms;
    }

    static Program shell(std::string script) {
        return {.path = "/bin/sh", .arguments = {"-c", std::move(script)}};
    }
    ProgramResult run(const Program& program) {
        return ProgramRunner(*launcher_, record_).run(program, settings_, context_);
    }
    ProgramResult run(std::string script) { return run(shell(std::move(script))); }

    // Sets the deadline, or asks for the end, once the program says "ready".
    void when_ready(const std::function<void()>& action) {
        context_.on_line = [action](std::string_view line) {
            if (line == "ready") action();
        };
    }
    bool nothing_is_left() {
        const auto files = std::filesystem::directory_iterator(settings_.files);
        return files == std::filesystem::directory_iterator{} &&
               read_process_record(record_.path()).empty();
    }
    // The pid that a script has printed first.
    [[nodiscard]] std::int64_t printed_pid() const { return std::stoll(context_.text()); }
    static bool lives(std::int64_t pid) {
        const auto process = read_process(pid);
        return process && process->is_alive();
    }

    TemporaryDirectory directory_;
    ProcessRecord record_{directory_.file("processes.1")};
    std::unique_ptr<ProcessLauncher> launcher_ = make_process_launcher();
    ProgramSettings settings_;
    RecordingContext context_;
};

// A program that has left what nobody may end, or what hangs in a broken disk.
class Undying final : public Process {
public:
    explicit Undying(const std::atomic<bool>& gone) : gone_(gone) {}
    [[nodiscard]] const ProcessIdentity& identity() const noexcept override { return identity_; }
    Event wait_for(std::chrono::milliseconds timeout,
                   const std::function<void(Stream, std::string_view)>&) override {
        std::this_thread::sleep_for(std::min<std::chrono::milliseconds>(timeout, 1ms));
        return Event::Nothing;
    }
    void wake() noexcept override {}
    [[nodiscard]] std::optional<Exit> exit() const noexcept override { return Exit{.code = 0}; }
    void signal_group(int) noexcept override {}
    [[nodiscard]] bool has_survivors() override { return !gone_; }
    void signal_all(int) override {}
    void release() noexcept override { ADD_FAILURE() << "it was let go"; }

private:
    const std::atomic<bool>& gone_;
    ProcessIdentity identity_{.pid = 4711, .start_ticks = 1, .boot_id = "boot"};
};

class UndyingLauncher final : public ProcessLauncher {
public:
    Result<std::unique_ptr<Process>> start(const ProcessSpec&) override {
        return std::make_unique<Undying>(gone);
    }
    std::atomic<bool> gone = false;
};

TEST_F(Runner, GoesOnUntilWhatCannotBeEndedIsGone) {
    auto launcher = std::make_unique<UndyingLauncher>();
    std::atomic<bool>& gone = launcher->gone;
    launcher_ = std::move(launcher);
    settings_.kill_after = 1ms;
    settings_.kill_patience = 1ms;
    int told = 0;
    settings_.unended = [&] {
        ++told;
        gone = true;
    };
    EXPECT_EQ(run("exit 0").outcome, Outcome::Success);
    EXPECT_EQ(told, 1);
}

struct Exiting {
    const char* script;
    Outcome outcome;
    Reason reason;
    int code;
    const char* error;
};
class RunnerExit : public Runner, public ::testing::WithParamInterface<Exiting> {};

TEST_P(RunnerExit, DecidesTheOutcome) {
    Program program = shell(GetParam().script);
    program.exits = {{3, Outcome::Abort}, {4, Outcome::Success}};
    const ProgramResult result = run(program);
    EXPECT_EQ(result.outcome, GetParam().outcome);
    EXPECT_EQ(result.reason, GetParam().reason);
    EXPECT_EQ(result.exit_code, GetParam().code);
    EXPECT_EQ(result.error, GetParam().error);
    EXPECT_GT(result.pid, 0);
    EXPECT_TRUE(nothing_is_left());
}

INSTANTIATE_TEST_SUITE_P(
    Codes, RunnerExit,
    ::testing::Values(Exiting{"exit 0", Outcome::Success, Reason::None, 0, ""},
                      Exiting{"exit 75", Outcome::Reschedule, Reason::None, 75, ""},
                      Exiting{"exit 1", Outcome::Fail, Reason::Exit, 1,
                              "sh ended with exit code 1"},
                      Exiting{"exit 3", Outcome::Abort, Reason::None, 3, ""},
                      Exiting{"exit 4", Outcome::Success, Reason::None, 4, ""},
                      Exiting{"kill -SEGV $$", Outcome::Fail, Reason::Exit, 139,
                              "sh was ended by signal 11 (Segmentation fault)"}));

TEST_F(Runner, GivesASmallCleanEnvironment) {
    ::setenv("PERIODIC_TEST_SECRET", "must not arrive", 1);
    ::setenv("PATH", "/usr/bin:/bin", 1);
    ::unsetenv("TZ");
    context_.job_.group = "backup";
    context_.job_.attempt = 2;
    context_.job_.scheduled = std::chrono::sys_days{std::chrono::year{2026} / 11 / 21} + 10h;
    context_.deadline_ = Time{std::chrono::sys_days{std::chrono::year{2100} / 1 / 1}};
    context_.parameters_ = {{"to-whom", "boss"}};
    settings_.environment = {{"COLOR", "red"}, {"LANG", "C"}, {"PERIODIC_TASK", "forged"}};
    run(Program{.path = "env"});
    std::map<std::string, std::string> variables;
    std::istringstream text(context_.text());
    for (std::string line; std::getline(text, line);)
        variables[line.substr(0, line.find('='))] = line.substr(line.find('=') + 1);
    for (const char* ours : {"HOME", "USER", "LOGNAME", "SHELL"}) variables.erase(ours);
    for (const char* file : {"PERIODIC_PARAMETERS", "PERIODIC_RESPONSE", "PERIODIC_OUTPUT"}) {
        EXPECT_TRUE(variables[file].starts_with(settings_.files)) << file;
        variables.erase(file);
    }
    EXPECT_EQ(variables, (std::map<std::string, std::string>{
                             {"PATH", "/usr/bin:/bin"},
                             {"LANG", "C"},
                             {"COLOR", "red"},
                             {"PERIODIC_HOME", directory_.path()},
                             {"PERIODIC_JOB_ID", "12"},
                             {"PERIODIC_TASK", "mail"},
                             {"PERIODIC_GROUP", "backup"},
                             {"PERIODIC_ATTEMPT", "2"},
                             {"PERIODIC_PHASE", ""},
                             {"PERIODIC_SCHEDULED_AT", "2026-11-21T10:00:00+00:00"},
                             {"PERIODIC_DEADLINE", "2100-01-01T00:00:00.000+00:00"},
                             {"PERIODIC_PARAM_TO_WHOM", "boss"}}));
}

TEST_F(Runner, NeverTakesAParameterForCode) {
    const std::string evil = "'; touch pwned; \"$(touch pwned)`touch pwned`\n$((1))";
    context_.parameters_ = {{"evil", evil}};
    run("printf '%s\\n' \"$PERIODIC_PARAM_EVIL\"; cat \"$PERIODIC_PARAMETERS\" > copy");
    EXPECT_EQ(context_.text(), evil + '\n');
    EXPECT_FALSE(std::filesystem::exists(directory_.path() / "pwned"));
    EXPECT_EQ(boost::json::parse(directory_.read("copy")).at("evil").as_string(), evil);
}

TEST_F(Runner, TakesWhatTheProgramSays) {
    run("echo -n one >> $PERIODIC_RESPONSE; echo two >> $PERIODIC_RESPONSE\n"
        "echo message=hello >> $PERIODIC_OUTPUT; echo nonsense >> $PERIODIC_OUTPUT; exit 1");
    EXPECT_EQ(context_.response, "onetwo\n");
    EXPECT_EQ(context_.message, "hello");
    EXPECT_NE(context_.text(LogStream::Task).find("nonsense is no KEY=value"), std::string::npos);
    EXPECT_TRUE(nothing_is_left());
}

TEST_F(Runner, MakesPrivateFiles) {
    run("stat -c '%a' $PERIODIC_PARAMETERS $PERIODIC_RESPONSE $PERIODIC_OUTPUT $(dirname "
        "$PERIODIC_OUTPUT)");
    EXPECT_EQ(context_.text(), "600\n600\n600\n700\n");
}

// What a program puts in the place of its files must not be read with our rights, or block us.
TEST_F(Runner, IsNotTrickedByLinksAndPipes) {
    directory_.write("secret", "message=secret\n");
    for (const char* trick :
         {"ln -s $PWD/secret $PERIODIC_OUTPUT; ln -s $PWD/secret $PERIODIC_RESPONSE",
          "ln secret $PERIODIC_OUTPUT; ln secret $PERIODIC_RESPONSE",
          "mkfifo $PERIODIC_OUTPUT $PERIODIC_RESPONSE",
          "mkdir $PERIODIC_OUTPUT $PERIODIC_RESPONSE"}) {
        context_.lines.clear();
        run(std::string("rm $PERIODIC_OUTPUT $PERIODIC_RESPONSE; ") + trick);
        EXPECT_EQ(context_.message, "") << trick;
        EXPECT_EQ(context_.response, "") << trick;
        EXPECT_EQ(context_.lines.size(), 2U) << trick;
        EXPECT_TRUE(nothing_is_left()) << trick;
    }
}

TEST_F(Runner, DoesWithoutFilesThatTheProgramRemoved) {
    EXPECT_EQ(run("rm -r $(dirname $PERIODIC_OUTPUT)").outcome, Outcome::Success);
    EXPECT_TRUE(context_.lines.empty());
}

TEST_F(Runner, PassesOutputOnWhileTheProgramRuns) {
    // The program waits for what only its first line makes.
    when_ready([&] { directory_.write("go", ""); });
    run("echo ready; while [ ! -e go ]; do sleep 0.01; done; echo '<3>bad'; echo err >&2");
    ASSERT_EQ(context_.lines.size(), 3U);
    EXPECT_EQ(context_.lines[0].level, LogLevel::Info);
    EXPECT_EQ(context_.line("bad").level, LogLevel::Error);
    EXPECT_EQ(context_.line("bad").stream, LogStream::Stdout);
    EXPECT_EQ(context_.line("err").level, LogLevel::Warning);
    EXPECT_EQ(context_.line("err").stream, LogStream::Stderr);
}

TEST_F(Runner, IsOnRecordWhileItRuns) {
    std::vector<RecordedProcess> recorded;
    std::int64_t told = 0;
    settings_.started = [&](std::int64_t pid) { told = pid; };
    when_ready([&] { recorded = read_process_record(record_.path()); });
    const ProgramResult result = run("echo ready");
    ASSERT_EQ(recorded.size(), 1U);
    EXPECT_EQ(recorded[0].job, 12);
    EXPECT_EQ(recorded[0].claim, 3);
    EXPECT_EQ(recorded[0].process.pid, result.pid);
    EXPECT_EQ(told, result.pid);
}

TEST_F(Runner, WaitsForAProgramThatClosesItsOutput) {
    EXPECT_EQ(run("echo out; exec >&- 2>&-; sleep 0.05; exit 4").exit_code, 4);
    EXPECT_EQ(context_.text(), "out\n");
}

TEST_F(Runner, TakesAFloodInBoundedMemory) {
    const auto peak_kilobytes = [] {
        rusage usage{};
        ::getrusage(RUSAGE_SELF, &usage);
        return usage.ru_maxrss;
    };
    run("echo warm up");
    const auto before = peak_kilobytes();
    run("yes 'a line of the usual length, as programs write them to their logs' | head -c "
        "100000000");
    EXPECT_GT(context_.bytes_logged, 98'000'000U);
    EXPECT_LT(peak_kilobytes() - before, 20'000);
}

TEST_F(Runner, SaysWhyAProgramCannotStart) {
    const ProgramResult result = run(Program{.path = "no-such-program"});
    EXPECT_EQ(result.outcome, Outcome::Fail);
    EXPECT_EQ(result.reason, Reason::Exception);
    EXPECT_FALSE(result.exit_code);
    EXPECT_EQ(result.pid, 0);
    EXPECT_NE(result.error.find("there is no program no-such-program"), std::string::npos);
    EXPECT_TRUE(nothing_is_left());
}

TEST_F(Runner, SaysThatTheDirectoryIsMissing) {
    context_.directory_ = directory_.file("missing");
    const ProgramResult result = run("true");
    EXPECT_NE(result.error.find("cannot enter the directory " + context_.directory_),
              std::string::npos);
}

TEST_F(Runner, EndsAProgramAtTheDeadline) {
    context_.deadline_ = context_.clock_->now() + 50ms;
    const ProgramResult result = run("sleep 1000 & wait");
    EXPECT_EQ(result.outcome, Outcome::Fail);
    EXPECT_EQ(result.reason, Reason::Timeout);
    EXPECT_EQ(result.exit_code, 128 + SIGTERM);
    EXPECT_EQ(result.error, "sh was ended at the deadline");
    EXPECT_TRUE(nothing_is_left());
}

TEST_F(Runner, KillsAProgramThatIgnoresSigterm) {
    when_ready([&] { context_.stop_.request_stop(); });
    const ProgramResult result = run("trap '' TERM; echo ready; while :; do sleep 1000; done");
    EXPECT_EQ(result.reason, Reason::Stopped);
    EXPECT_EQ(result.exit_code, 128 + SIGKILL);
}

TEST_F(Runner, LetsAProgramEndInPeaceWhenItIsStopped) {
    settings_.kill_after = kPatience;
    when_ready([&] { context_.stop_.request_stop(); });
    const ProgramResult result =
        run("trap 'echo bye; exit 0' TERM; echo ready; while :; do sleep 0.01; done");
    // Stopped, although it says that all is well.
    EXPECT_EQ(result.reason, Reason::Stopped);
    EXPECT_EQ(result.outcome, Outcome::Fail);
    EXPECT_EQ(result.exit_code, 0);
    EXPECT_EQ(context_.text(), "ready\nbye\n");
}

TEST_F(Runner, KillsAtOnceWhenAsked) {
    settings_.kill_after = kPatience;
    settings_.asked = [] { return Reason::Killed; };
    when_ready([&] { context_.stop_.request_stop(); });
    const ProgramResult result =
        run("trap 'echo never' TERM; echo ready; while :; do sleep 1000; done");
    EXPECT_EQ(result.reason, Reason::Killed);
    EXPECT_EQ(result.exit_code, 128 + SIGKILL);
    EXPECT_EQ(context_.text(), "ready\n");
}

TEST_F(Runner, KillsWhatWasOnlyStoppedBefore) {
    settings_.kill_after = kPatience;
    std::atomic<Reason> asked = Reason::Stopped;
    settings_.asked = [&] { return asked.load(); };
    context_.on_line = [&](std::string_view line) {
        if (line == "ready") context_.stop_.request_stop();
        if (line == "stopping") asked = Reason::Killed;
    };
    const ProgramResult result =
        run("trap 'echo stopping' TERM; echo ready; while :; do sleep 0.01; done");
    EXPECT_EQ(result.reason, Reason::Killed);
}

TEST_F(Runner, StartsNothingForAJobThatIsToEnd) {
    context_.stop_.request_stop();
    const ProgramResult result = run("touch witness");
    EXPECT_EQ(result.reason, Reason::Stopped);
    EXPECT_EQ(result.pid, 0);
    EXPECT_FALSE(std::filesystem::exists(directory_.path() / "witness"));
}

TEST_F(Runner, EndsWhatAProgramLeaves) {
    const ProgramResult result = run("sleep 1000 & echo $!");
    EXPECT_EQ(result.outcome, Outcome::Success);
    EXPECT_FALSE(lives(printed_pid()));
    EXPECT_NE(context_.text(LogStream::Task).find("has left processes behind"), std::string::npos);
    EXPECT_TRUE(nothing_is_left());
}

TEST_F(Runner, KillsALeftoverThatIgnoresSigterm) {
    const ProgramResult result =
        run("(trap '' TERM; touch deaf; while :; do sleep 1000; done) & echo $!; "
            "while [ ! -e deaf ]; do sleep 0.01; done");
    EXPECT_EQ(result.outcome, Outcome::Success);
    EXPECT_FALSE(lives(printed_pid()));
}

TEST_F(Runner, EndsWhatFledItsSession) {
    run("setsid sh -c 'echo $$; touch away; exec sleep 1000' & while [ ! -e away ]; do sleep 0.01; "
        "done");
    EXPECT_FALSE(lives(printed_pid()));
}

TEST_F(Runner, GivesLeftoversTimeToEndByThemselves) {
    settings_.leftover_grace = kPatience;
    run("(sleep 0.05; echo late) & exit 0");
    EXPECT_EQ(context_.text(), "late\n");
    EXPECT_EQ(context_.text(LogStream::Task), "");
}

TEST_F(Runner, KeepsLeftoversThatMayStay) {
    Program program = shell("sleep 1000 & echo $!");
    program.leave = true;
    EXPECT_EQ(run(program).outcome, Outcome::Success);
    ASSERT_TRUE(lives(printed_pid()));
    EXPECT_TRUE(nothing_is_left());  // on record
    ::kill(static_cast<pid_t>(printed_pid()), SIGKILL);
}

TEST_F(Runner, EndsEvenThoseAtTheDeadline) {
    context_.deadline_ = context_.clock_->now() + 100ms;
    Program program = shell("sleep 1000 & echo $!; wait");
    program.leave = true;
    EXPECT_EQ(run(program).reason, Reason::Timeout);
    EXPECT_FALSE(lives(printed_pid()));
}

TEST_F(Runner, RunsProgramsOfSeveralJobsAtOnce) {
    std::atomic<int> good = 0;
    {
        std::vector<std::jthread> threads;
        for (int thread = 0; thread < 4; ++thread)
            threads.emplace_back([&] {
                for (int i = 0; i < 10; ++i) {
                    RecordingContext context;
                    ProgramRunner runner(*launcher_, record_);
                    const auto result = runner.run(shell("echo $$"), settings_, context);
                    if (context.text() == std::to_string(result.pid) + '\n') ++good;
                }
            });
    }
    EXPECT_EQ(good, 40);
    EXPECT_TRUE(nothing_is_left());
}

TEST_F(Runner, GivesTheTasksUserItsFilesAndItsHome) {
    if (::geteuid() != 0) GTEST_SKIP() << "needs root";
    settings_.user = find_user("nobody").value();
    context_.directory_ = "/";
    const ProgramResult result =
        run("echo $USER $LOGNAME $HOME; echo message=$(id -un) >> $PERIODIC_OUTPUT && "
            "echo hello >> $PERIODIC_RESPONSE && cat $PERIODIC_PARAMETERS");
    EXPECT_EQ(result.outcome, Outcome::Success) << context_.text(LogStream::Stderr);
    EXPECT_EQ(context_.text(), "nobody nobody " + settings_.user->home + "\n{}\n");
    EXPECT_EQ(context_.message, "nobody");
    EXPECT_EQ(context_.response, "hello\n");
    EXPECT_TRUE(nothing_is_left());
}

TEST_F(Runner, ClearsOnlyWhatAKilledExecutorLeft) {
    std::filesystem::create_directories(settings_.files + "/program-abcdef/deep");
    std::filesystem::create_directory(settings_.files + "/other");
    clear_program_files(settings_.files);
    EXPECT_FALSE(std::filesystem::exists(settings_.files + "/program-abcdef"));
    EXPECT_TRUE(std::filesystem::exists(settings_.files + "/other"));
    clear_program_files(directory_.file("missing"));
}

}  // namespace
}  // namespace periodic
