#include <csignal>
#include <memory>
#include <random>

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/process_ending.hpp"
#include "base/process_gate.hpp"
#include "base/process_record.hpp"
#include "base/this_machine.hpp"
#include "process_driver.hpp"
#include "temporary_directory.hpp"

namespace periodic {
namespace {

using namespace std::chrono_literals;

// A host: no subreaper, with children of its own.
class Gate : public ::testing::Test {
protected:
    ProcessSpec spec(const std::string& script) {
        ProcessSpec spec = shell_spec(script);
        spec.environment.emplace_back("PERIODIC_HOME", directory_.path());
        spec.environment.emplace_back("PERIODIC_JOB_ID", "12");
        spec.environment.emplace_back("READY", directory_.file("ready"));
        spec.environment.emplace_back("STRAY", stray_);
        return spec;
    }
    std::unique_ptr<Process> start(const std::string& script) {
        return launcher_->start(spec(script)).value();
    }
    static void await_exit(Process& process) {
        ASSERT_TRUE(eventually([&] {
            process.wait_for(100ms, [](auto, auto) {});
            return process.exit().has_value();
        }));
    }
    [[nodiscard]] std::optional<ProcessEntry> stray() const {
        const auto text = directory_.read("ready");
        return text.empty() ? std::nullopt : read_process(std::stoll(text));
    }

    TemporaryDirectory directory_;
    std::string stray_ =
        directory_.write("stray", "echo $$ > $READY.new; mv $READY.new $READY; exec sleep 1000\n");
    std::unique_ptr<ProcessLauncher> launcher_ =
        make_process_launcher({.gate = PERIODIC_TEST_GATE});
};

// Flees by every means: a new session, no environment, parents that die.
constexpr const char* kFlight =
    "env -i READY=$READY STRAY=$STRAY PATH=$PATH setsid sh -c 'setsid sh $STRAY &';"
    "while [ ! -e $READY ]; do sleep 0.01; done";

TEST_F(Gate, PassesOutputAndExitOn) {
    const Ended ended = run_to_end(*launcher_, spec("echo out; echo err >&2; exit 3"));
    EXPECT_EQ(ended.out, "out\n");
    EXPECT_EQ(ended.err, "err\n");
    EXPECT_EQ(ended.exit.code, 3);
    EXPECT_EQ(run_to_end(*launcher_, spec("kill -TERM $$")).exit.code, 128 + SIGTERM);
}

TEST_F(Gate, TellsTheProgramsIdentityNotItsOwn) {
    const Ended ended = run_to_end(*launcher_, spec("echo $$; cut -d' ' -f22 /proc/$$/stat"));
    EXPECT_EQ(ended.out, std::to_string(ended.identity.pid) + '\n' +
                             std::to_string(ended.identity.start_ticks) + '\n');
}

TEST_F(Gate, GivesTheProgramWhatALauncherGives) {
    ProcessSpec wanted = spec(
        "pwd; ls /proc/self/fd; readlink /proc/self/fd/0; "
        "sed -n '/^Sig[BI]/p' /proc/self/status; nice; printf '%s|' \"$@\"");
    wanted.arguments.insert(wanted.arguments.end(), {"sh", "", "a b", "1:x"});
    wanted.directory = "/usr";
    wanted.nice = 3;
    const Ended plain = run_to_end(*make_process_launcher(), wanted);
    const Ended gated = run_to_end(*launcher_, wanted);
    EXPECT_EQ(gated.out, plain.out);
    EXPECT_EQ(gated.err, plain.err);
}

TEST_F(Gate, PutsTheProgramOnRecord) {
    ProcessRecord record(directory_.file("processes.1"));
    const auto slot = record.take();
    ProcessSpec wanted = spec("sleep 1000");
    wanted.record_fd = slot.fd();
    wanted.record_offset = slot.offset();
    wanted.record_label = record_label(12, 3);
    const auto process = launcher_->start(wanted).value();
    const auto found = read_process_record(record.path());
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0].process, process->identity());
}

TEST_F(Gate, PassesErrorsOn) {
    const auto missing = launcher_->start({.program = "/nonexistent/x"});
    ASSERT_FALSE(missing);
    EXPECT_EQ(missing.error().code, ErrorCode::NotFound);
    ProcessSpec elsewhere = spec("true");
    elsewhere.directory = "/nonexistent";
    const auto started = launcher_->start(elsewhere);
    ASSERT_FALSE(started);
    EXPECT_NE(started.error().message.find("cannot enter the directory /nonexistent: No such file"),
              std::string::npos);
    const auto unnamed = launcher_->start({.program = "no-such-program"});
    ASSERT_FALSE(unnamed);
    EXPECT_FALSE(unnamed.error().hint.empty());
    EXPECT_EQ(::waitpid(-1, nullptr, WNOHANG), -1) << "a zombie is left";
}

TEST_F(Gate, SaysThatItIsMissingItself) {
    const auto started = make_process_launcher({.gate = "/nonexistent/gate"})->start(spec("true"));
    ASSERT_FALSE(started);
    EXPECT_NE(started.error().message.find("/nonexistent/gate"), std::string::npos);
}

TEST_F(Gate, HoldsWhateverFlees) {
    const auto process = start(kFlight);
    await_exit(*process);
    const auto left = stray();
    ASSERT_TRUE(left && left->is_alive());
    EXPECT_TRUE(process->has_survivors());
    process->signal_all(SIGKILL);
    EXPECT_TRUE(eventually([&] { return !process->has_survivors(); }));
    EXPECT_FALSE(lives(*left));
}

TEST_F(Gate, LeavesNothingWhenTheProcessIsDropped) {
    std::optional<ProcessEntry> left;
    {
        const auto process = start(std::string(kFlight) + "; sleep 1000");
        ASSERT_TRUE(eventually([&] { return (left = stray()).has_value(); }));
    }
    EXPECT_TRUE(eventually([&] { return !lives(*left); }));
    EXPECT_EQ(::waitpid(-1, nullptr, WNOHANG), -1) << "a zombie is left";
}

TEST_F(Gate, LetsGoOfWhatMayStay) {
    {
        const auto process = start(kFlight);
        await_exit(*process);
        process->release();
    }
    const auto left = stray();
    ASSERT_TRUE(left && left->is_alive());
    EXPECT_EQ(signal_process(*left, SIGKILL), 0);
}

TEST_F(Gate, IsWokenFromOutside) {
    const auto process = start("sleep 1000");
    process->wake();
    EXPECT_EQ(process->wait_for(kPatience, [](auto, auto) {}), Process::Event::Nothing);
    process->signal_group(SIGTERM);
    await_exit(*process);
    EXPECT_EQ(process->exit()->code, 128 + SIGTERM);
}

// The one process of this one that is no program but its parent.
std::int64_t parent_of(const Process& process) {
    return read_process(process.identity().pid).value().parent;
}

TEST_F(Gate, IsDoneWithoutWhenSomebodyKillsIt) {
    const auto process = start("sleep 1000");
    const ProcessIdentity program = process->identity();
    ::kill(static_cast<pid_t>(parent_of(*process)), SIGKILL);
    await_exit(*process);
    EXPECT_TRUE(process->has_survivors());
    EXPECT_TRUE(is_alive(program));
    process->signal_all(SIGKILL);
    EXPECT_TRUE(eventually([&] { return !process->has_survivors(); }));
    EXPECT_FALSE(is_alive(program));
}

// As it has just been killed, a program may have begun another one: none of them is missed.
TEST_F(Gate, MissesNoProcessThatBeginsWhileAllAreSignalled) {
    for (int i = 0; i < 20; ++i) {
        const auto process = start("while :; do sleep 1000 & done");
        ::kill(static_cast<pid_t>(parent_of(*process)), SIGKILL);
        await_exit(*process);
        process->signal_all(SIGKILL);
        EXPECT_TRUE(eventually([&] { return !process->has_survivors(); }));
    }
}

// The next executor finds all of it: the gate carries the mark and is the parent of the rest.
TEST_F(Gate, LeadsTheNextExecutorToWhatFled) {
    const pid_t host = ::fork();
    if (host == 0) {
        const auto process = start(std::string(kFlight) + "; sleep 1000");
        eventually([&] { return stray().has_value(); });
        ::kill(::getpid(), SIGKILL);
    }
    ASSERT_EQ(::waitpid(host, nullptr, 0), host);
    const auto left = stray();
    ASSERT_TRUE(left && left->is_alive());
    const JobMark mark{directory_.path(), "12"};
    EXPECT_TRUE(end_left({}, mark, {.kill_after = 5000ms}).remaining.empty());
    EXPECT_FALSE(lives(*left));
    EXPECT_TRUE(find_left({}, mark).empty());
}

TEST(GateSpec, ReadsBack) {
    ProcessSpec spec{.program = "a b",
                     .arguments = {"", "3:x", "\n"},
                     .environment = {{"A", ""}, {"B", "=1"}},
                     .directory = "/",
                     .user = ProcessUser{.uid = 7, .gid = 8, .groups = {8, 9}, .name = "n"},
                     .nice = -5,
                     .record_offset = 1280,
                     .record_label = "1.2"};
    const auto read = decode_spec(encode_spec(spec)).value();
    EXPECT_EQ(read.program, spec.program);
    EXPECT_EQ(read.arguments, spec.arguments);
    EXPECT_EQ(read.environment, spec.environment);
    EXPECT_EQ(read.directory, spec.directory);
    EXPECT_EQ(read.nice, spec.nice);
    EXPECT_EQ(read.record_offset, spec.record_offset);
    EXPECT_EQ(read.record_label, spec.record_label);
    ASSERT_TRUE(read.user);
    EXPECT_EQ(read.user->uid, 7U);
    EXPECT_EQ(read.user->groups, spec.user->groups);
}

TEST(GateSpec, RefusesWhatIsNone) {
    const std::string good = encode_spec(shell_spec("true"));
    for (std::size_t size = 0; size < good.size(); ++size)
        EXPECT_FALSE(decode_spec(good.substr(0, size))) << size;
    EXPECT_FALSE(decode_spec(good + "x"));
    EXPECT_FALSE(decode_spec("15:periodic-gate 0" + good.substr(18)));
    std::mt19937 random(1);
    for (int i = 0; i < 2000; ++i) {
        std::string bad = good;
        bad[random() % bad.size()] = static_cast<char>(random());
        static_cast<void>(decode_spec(bad));  // whatever it says, it returns
    }
}

}  // namespace
}  // namespace periodic
