// Workers of another program, while the daemon runs.

#include <filesystem>
#include <string>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "worker_fixture.hpp"

namespace periodic::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;

class ReplacementTest : public WorkerTest {
protected:
    void SetUp() override {
        WorkerTest::SetUp();
        program_ = home_.path("program");
        install(WORKER_PROGRAM);
    }

    // As an upgrade does it: the old file lives on as long as somebody has it.
    void install(const std::string& program) {
        std::filesystem::copy_file(program, home_.path("new"));
        std::filesystem::rename(home_.path("new"), program_);
    }

    Result<void> replace() {
        if (auto begun = host_.load()->replace_workers(); !begun) return begun;
        EXPECT_TRUE(comes([this] { return host_.load()->replacement().has_value(); }));
        return *host_.load()->replacement();
    }

    bool is_replaced(std::int64_t before) {
        return comes([&] {
            const auto status = host_.load()->status();
            return status.processes.size() == 1 && status.processes.front().pid != before;
        });
    }
};

TEST_F(ReplacementTest, ATrialComesFirstAndThenAllAreReplaced) {
    start();
    EXPECT_EQ(ended(add(kNothing)).state, JobState::Succeeded);
    const std::int64_t before = only_worker();
    install(WORKER_PROGRAM);
    EXPECT_TRUE(replace().has_value());
    EXPECT_TRUE(is_replaced(before));
    EXPECT_EQ(ended(add(kNothing)).state, JobState::Succeeded);
}

TEST_F(ReplacementTest, AProgramThatIsNoWorkerIsRefusedAndTheOldOneStays) {
    start();
    EXPECT_EQ(ended(add(kNothing)).state, JobState::Succeeded);
    const std::int64_t before = only_worker();
    install("/bin/false");
    const auto refused = replace();
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().code, ErrorCode::Conflict);
    EXPECT_THAT(refused.error().message, HasSubstr("exit code 1"));
    EXPECT_EQ(only_worker(), before);
    EXPECT_EQ(ended(add("<command type='test.crash'/>")).reason, Reason::Lost);
    EXPECT_EQ(ended(add(kNothing)).state, JobState::Succeeded) << "new ones are of the old program";
    EXPECT_EQ(host_.load()->status().pools.at(0).problem, "");
    install(WORKER_PROGRAM);
    EXPECT_TRUE(replace().has_value());
}

TEST_F(ReplacementTest, WhatRunsGoesOnInTheOldProgram) {
    start();
    const JobId id = add("<command type='shell'>while ! test -e go; do sleep 0.01; done</command>");
    const Job job = running(id);
    install(WORKER_PROGRAM);
    EXPECT_TRUE(replace().has_value());
    EXPECT_NE(ended(add(kNothing)).worker, job.worker);
    EXPECT_EQ(find(id).state, JobState::Running);
    home_.write("go", "");
    EXPECT_EQ(ended(id).state, JobState::Succeeded);
    EXPECT_TRUE(is_replaced(job.worker));
}

TEST_F(ReplacementTest, AProgramThatIsGoneIsAnErrorAtOnce) {
    start();
    std::filesystem::remove(program_);
    const auto replaced = host_.load()->replace_workers();
    ASSERT_FALSE(replaced.has_value());
    EXPECT_EQ(replaced.error().code, ErrorCode::Io);
}

}  // namespace
}  // namespace periodic::testing
