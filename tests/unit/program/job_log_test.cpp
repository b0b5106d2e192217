#include "run/job_log.hpp"

#include <algorithm>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

namespace periodic {
namespace {

constexpr Time kNow{std::chrono::sys_days{std::chrono::year{2026} / 11 / 21}};

class JobLogTest : public ::testing::Test {
protected:
    JobLog log(std::uint64_t limit) {
        return JobLog(limit, [this](LogLine line) { lines_.push_back(std::move(line)); });
    }
    static void add(JobLog& log, std::string_view text) {
        log.add(kNow, LogLevel::Info, LogStream::Stdout, text);
    }
    [[nodiscard]] std::uint64_t bytes() const {
        std::uint64_t sum = 0;
        for (const auto& line : lines_) sum += line.text.size() + 64;
        return sum;
    }

    std::vector<LogLine> lines_;
};

TEST_F(JobLogTest, PassesLinesOnAtOnce) {
    JobLog log = this->log(1U << 20U);
    log.add(kNow, LogLevel::Warning, LogStream::Stderr, "one");
    ASSERT_EQ(lines_.size(), 1U);
    EXPECT_EQ(lines_[0].seq, 1);
    EXPECT_EQ(lines_[0].time, kNow);
    EXPECT_EQ(lines_[0].level, LogLevel::Warning);
    EXPECT_EQ(lines_[0].stream, LogStream::Stderr);
    EXPECT_EQ(lines_[0].text, "one");
}

TEST_F(JobLogTest, CutsNothingUpToTheLimit) {
    constexpr int kLines = 1000;
    const std::string text(99, 'x');
    JobLog log = this->log(kLines * (99 + 64));
    for (int i = 0; i < kLines; ++i) add(log, text);
    log.finish(kNow);
    ASSERT_EQ(lines_.size(), static_cast<std::size_t>(kLines));
    for (int i = 0; i < kLines; ++i) EXPECT_EQ(lines_[static_cast<std::size_t>(i)].seq, i + 1);
}

TEST_F(JobLogTest, KeepsTheFirstPartAndTheLast64KiB) {
    JobLog log = this->log(200'000);
    for (int i = 0; i < 10'000; ++i)
        add(log, "line " + std::to_string(10'000 + i) + std::string(89, '.'));
    log.finish(kNow);
    EXPECT_EQ(lines_.front().text.substr(0, 10), "line 10000");
    EXPECT_EQ(lines_.back().text.substr(0, 10), "line 19999");
    const auto notice = std::find_if(lines_.begin(), lines_.end(), [](const LogLine& line) {
        return line.stream == LogStream::Task;
    });
    ASSERT_NE(notice, lines_.end());
    const std::size_t head = static_cast<std::size_t>(notice - lines_.begin());
    const std::size_t tail = lines_.size() - head - 1;
    EXPECT_EQ(head, (200'000U - 65'536U) / 163U);
    EXPECT_EQ(tail, 65'536U / 163U);
    EXPECT_EQ(notice->text, "(" + std::to_string((10'000 - head - tail) * 100) +
                                " bytes were cut here: the log's limit)");
    EXPECT_EQ(log.bytes(), 1'000'000U);
}

TEST_F(JobLogTest, NumbersAlwaysRise) {
    JobLog log = this->log(1000);
    for (int i = 0; i < 500; ++i) add(log, std::string(static_cast<std::size_t>(i % 37), 'y'));
    log.finish(kNow);
    add(log, "after");
    log.finish(kNow);
    for (std::size_t i = 1; i < lines_.size(); ++i) EXPECT_LT(lines_[i - 1].seq, lines_[i].seq);
    EXPECT_EQ(lines_.back().text, "after");
}

TEST_F(JobLogTest, LimitsEmptyLinesToo) {
    JobLog log = this->log(1U << 20U);
    for (int i = 0; i < 1'000'000; ++i) add(log, "");
    log.finish(kNow);
    EXPECT_LE(lines_.size(), (1U << 20U) / 64U + 1);
    EXPECT_EQ(log.bytes(), 1'000'000U);
}

struct Limit {
    const char* why;
    std::uint64_t bytes;
};
class JobLogLimit : public JobLogTest, public ::testing::WithParamInterface<Limit> {};

TEST_P(JobLogLimit, IsKeptButForTheNotice) {
    JobLog log = this->log(GetParam().bytes);
    for (int i = 0; i < 3000; ++i) add(log, std::string(static_cast<std::size_t>(i % 200), 'z'));
    add(log, std::string(64U << 10U, 'w'));  // as long as a line gets
    log.finish(kNow);
    EXPECT_LE(bytes(), GetParam().bytes + 200) << GetParam().why;
}

INSTANTIATE_TEST_SUITE_P(Sizes, JobLogLimit,
                         ::testing::Values(Limit{"nothing at all", 0}, Limit{"one byte", 1},
                                           Limit{"less than a tail", 10'000},
                                           Limit{"two tails", 128U << 10U},
                                           Limit{"more than was said", 10U << 20U}));

TEST_F(JobLogTest, TakesLinesOfSeveralThreads) {
    JobLog log = this->log(1U << 20U);
    {
        std::vector<std::jthread> threads;
        for (int thread = 0; thread < 4; ++thread)
            threads.emplace_back([&] {
                for (int i = 0; i < 1000; ++i) add(log, "x");
            });
    }
    EXPECT_EQ(lines_.size(), 4000U);
    EXPECT_EQ(lines_.back().seq, 4000);
}

}  // namespace
}  // namespace periodic
