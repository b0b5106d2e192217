#include "run/job_log.hpp"

#include <algorithm>
#include <string>
#include <utility>

namespace periodic {
namespace {

constexpr std::uint64_t kTail = 64U << 10U;

// With its line end.
std::uint64_t size_of(std::string_view text) {
    return text.size() + 1;
}

// What keeping a line costs besides its text: in memory, and as a row of the store.
constexpr std::uint64_t kPerLine = 64;

std::uint64_t cost_of(std::string_view text) {
    return text.size() + kPerLine;
}

}  // namespace

JobLog::JobLog(std::uint64_t limit, Write write)
    : tail_limit_(std::min(kTail, limit / 2)),
      head_limit_(limit - tail_limit_),
      write_(std::move(write)) {}

void JobLog::add(Time time, LogLevel level, LogStream stream, std::string_view text) {
    const std::lock_guard lock(mutex_);
    const std::uint64_t cost = cost_of(text);
    LogLine line{.seq = next_seq_++, .time = time, .level = level, .stream = stream};
    added_ += size_of(text);
    tail_begun_ = tail_begun_ || passed_ + cost > head_limit_;
    line.text = text;
    if (!tail_begun_) {
        passed_ += cost;
        write_(std::move(line));
        return;
    }
    kept_ += cost;
    tail_.push_back(std::move(line));
    while (kept_ > tail_limit_) drop_oldest();
}

void JobLog::drop_oldest() {
    const std::string& text = tail_.front().text;
    if (cut_ == 0) first_cut_ = tail_.front().seq;
    cut_ += size_of(text);
    kept_ -= cost_of(text);
    tail_.pop_front();
}

void JobLog::finish(Time now) {
    const std::lock_guard lock(mutex_);
    if (cut_ > 0)
        write_({.seq = first_cut_,
                .time = tail_.empty() ? now : tail_.front().time,
                .level = LogLevel::Warning,
                .stream = LogStream::Task,
                .text = "(" + std::to_string(cut_) + " bytes were cut here: the log's limit)"});
    for (LogLine& line : tail_) write_(std::move(line));
    passed_ += std::exchange(kept_, 0);
    tail_.clear();
    cut_ = 0;
}

std::uint64_t JobLog::bytes() const {
    const std::lock_guard lock(mutex_);
    return added_;
}

}  // namespace periodic
