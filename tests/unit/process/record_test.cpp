#include <csignal>
#include <memory>
#include <set>
#include <thread>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/process_child.hpp"
#include "base/process_record.hpp"
#include "base/this_machine.hpp"
#include "process_driver.hpp"
#include "temporary_directory.hpp"

namespace periodic {
namespace {

class Record : public ::testing::Test {
protected:
    ProcessSpec recorded(std::string script, const ProcessRecord::Slot& slot) {
        ProcessSpec spec = shell_spec(std::move(script));
        spec.record_fd = slot.fd();
        spec.record_offset = slot.offset();
        spec.record_label = record_label(7, 3);
        return spec;
    }

    TemporaryDirectory directory_;
    std::string path_ = directory_.file("processes.1");
    std::unique_ptr<ProcessLauncher> launcher_ = make_process_launcher();
};

TEST_F(Record, IsWrittenBeforeTheProgramIsExecuted) {
    ProcessRecord record(path_);
    const auto slot = record.take();
    // The program is the first to look: it reads its own line.
    const Ended ended = run_to_end(*launcher_, recorded("head -c 128 " + path_, slot));
    ASSERT_EQ(ended.out.size(), kRecordSize);
    EXPECT_EQ(ended.out.substr(0, ended.out.find("  ")),
              "7.3 " + std::to_string(ended.identity.pid) + ' ' +
                  std::to_string(ended.identity.start_ticks) + ' ' + this_boot_id() + ' ' +
                  std::to_string(::getsid(0)));
    EXPECT_EQ(ended.out.back(), '\n');
}

TEST_F(Record, ReadsBackAsTheProcess) {
    ProcessRecord record(path_);
    const auto slot = record.take();
    const auto process = launcher_->start(recorded("sleep 1000", slot)).value();
    const auto found = read_process_record(path_);
    ASSERT_EQ(found.size(), 1U);
    EXPECT_EQ(found[0],
              (RecordedProcess{
                  .job = 7, .claim = 3, .process = process->identity(), .session = ::getsid(0)}));
}

TEST_F(Record, SurvivesAKilledWriter) {
    const pid_t writer = ::fork();
    if (writer == 0) {
        ProcessRecord record(path_);
        const auto slot = record.take();
        const auto process = launcher_->start(recorded("exit 0", slot));
        ::kill(::getpid(), SIGKILL);
    }
    ASSERT_EQ(::waitpid(writer, nullptr, 0), writer);
    EXPECT_EQ(read_process_record(path_).size(), 1U);
}

TEST_F(Record, FreesWhatIsOver) {
    ProcessRecord record(path_);
    {
        const auto slot = record.take();
        run_to_end(*launcher_, recorded("true", slot));
    }
    EXPECT_TRUE(read_process_record(path_).empty());
    const auto again = record.take();
    EXPECT_EQ(again.offset(), 0);
}

TEST_F(Record, GrowsAndGivesNoSlotTwice) {
    ProcessRecord record(path_, 2);
    std::vector<ProcessRecord::Slot> slots;
    std::set<std::int64_t> offsets;
    for (int i = 0; i < 100; ++i) {
        slots.push_back(record.take());
        EXPECT_TRUE(offsets.insert(slots.back().offset()).second);
    }
    EXPECT_EQ(*offsets.rbegin(), 99 * static_cast<std::int64_t>(kRecordSize));
}

TEST_F(Record, IsUsedByThreadsAtOnce) {
    ProcessRecord record(path_, 1);
    {
        std::vector<std::jthread> threads;
        for (int thread = 0; thread < 4; ++thread)
            threads.emplace_back([&] {
                for (int i = 0; i < 500; ++i) EXPECT_GE(record.take().offset(), 0);
            });
    }
    EXPECT_LE(std::filesystem::file_size(path_), 64 * kRecordSize);
}

TEST_F(Record, ReplacesAnOldFileAndIsPrivate) {
    directory_.write("processes.1", std::string(5000, 'x'));
    ::chmod(path_.c_str(), 0600);
    const ProcessRecord record(path_);
    EXPECT_TRUE(read_process_record(path_).empty());
    struct stat status {};
    ASSERT_EQ(::stat(path_.c_str(), &status), 0);
    EXPECT_EQ(status.st_mode & 0777U, 0600U);
}

TEST_F(Record, OfAMissingFileIsEmpty) {
    EXPECT_TRUE(read_process_record(path_).empty());
}

TEST_F(Record, NamesAFileThatCannotBeMade) {
    try {
        const ProcessRecord record("/nonexistent/processes.1");
        FAIL() << "it was made";
    } catch (const std::system_error& error) {
        EXPECT_NE(std::string(error.what()).find("/nonexistent/processes.1"), std::string::npos);
    }
}

std::string line(std::string text) {
    text.resize(kRecordSize - 1, ' ');
    return text + '\n';
}

struct Garbage {
    const char* why;
    std::string content;
};

class RecordGarbage : public ::testing::TestWithParam<Garbage> {};

TEST_P(RecordGarbage, IsLeftOut) {
    const TemporaryDirectory directory;
    const std::string good = line("5.6 1234 99 boot");
    const std::string& bad = GetParam().content;
    // A good line before shows that reading goes on or ends well; one behind, that it goes on.
    const bool is_whole_line = bad.size() % kRecordSize == 0;
    const auto path = directory.write("record", good + bad + (is_whole_line ? good : ""));
    EXPECT_EQ(read_process_record(path).size(), is_whole_line ? 2U : 1U) << GetParam().why;
}

INSTANTIATE_TEST_SUITE_P(
    Content, RecordGarbage,
    ::testing::Values(Garbage{"nothing", ""}, Garbage{"a blank slot", line("")},
                      Garbage{"zeros", std::string(kRecordSize, '\0')},
                      Garbage{"noise", std::string(3 * kRecordSize, '\xFF')},
                      Garbage{"a line cut short", "5.7 1234 99 bo"},
                      Garbage{"no claim", line("5 1234 99 boot")},
                      Garbage{"no pid", line("5.6 x 99 boot")},
                      Garbage{"a pid of 0, which would be everybody", line("5.6 0 99 boot")},
                      Garbage{"a negative pid", line("5.6 -1 99 boot")},
                      Garbage{"a number that does not fit",
                              line("5.6 99999999999999999999 99 boot")},
                      Garbage{"no start time", line("5.6 1234 0 boot")},
                      Garbage{"no boot id", line("5.6 1234 99")},
                      Garbage{"a session that is no number", line("5.6 1234 99 boot more")},
                      Garbage{"a negative session", line("5.6 1234 99 boot -1")},
                      Garbage{"something behind it", line("5.6 1234 99 boot 77 more")}));

// Whatever keeps the record from being written keeps the program from being executed.
TEST_F(Record, ThatCannotBeWrittenStartsNothing) {
    const std::string witness = directory_.file("ran");
    for (const int flags : {O_RDONLY, O_WRONLY}) {
        const Descriptor device(
            ::open(flags == O_WRONLY ? "/dev/full" : "/dev/null", flags | O_CLOEXEC));
        ProcessSpec spec = shell_spec("touch " + witness);
        spec.record_fd = device.get();
        spec.record_label = record_label(1, 1);
        const auto started = launcher_->start(spec);
        ASSERT_FALSE(started);
        EXPECT_EQ(started.error().code, ErrorCode::Io);
        EXPECT_NE(started.error().message.find("on record"), std::string::npos)
            << started.error().message;
    }
    EXPECT_FALSE(std::filesystem::exists(witness));
}

TEST_F(Record, OnAFullDiskCannotGrow) {
    rlimit before{};
    ASSERT_EQ(::getrlimit(RLIMIT_FSIZE, &before), 0);
    ProcessRecord record(path_, 1);
    const auto first = record.take();
    const auto old_handler = ::signal(SIGXFSZ, SIG_IGN);
    const rlimit limit{kRecordSize, before.rlim_max};
    ASSERT_EQ(::setrlimit(RLIMIT_FSIZE, &limit), 0);
    EXPECT_THROW(static_cast<void>(record.take()), std::system_error);
    ::setrlimit(RLIMIT_FSIZE, &before);
    ::signal(SIGXFSZ, old_handler);
    EXPECT_EQ(record.take().offset(), static_cast<std::int64_t>(kRecordSize));
}

TEST_F(Record, RefusesALabelThatWouldSpillOver) {
    ProcessSpec spec = shell_spec("true");
    spec.record_label = std::string(49, 'x');
    EXPECT_FALSE(launcher_->start(spec));
    spec.record_label = "two words";
    EXPECT_FALSE(launcher_->start(spec));
}

}  // namespace
}  // namespace periodic
