#pragma once

/// @file
/// A job's log within its limit.

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <string_view>

#include "periodic/clock.hpp"
#include "periodic/job.hpp"
#include "periodic/logger.hpp"

namespace periodic {

/// Passes the lines of one attempt on until the limit is near; of what follows, the last 64 KiB are
/// kept in memory and passed on by `finish`, behind a line that tells how many bytes were cut. A
/// log that stays within its limit is passed on whole. May be used from any thread.
///
///     JobLog log(task.log_limit, [&](LogLine line) { live.change(...); });
///     log.add(clock.now(), LogLevel::Info, LogStream::Stdout, "text");
///     log.finish(clock.now());  // when the attempt has ended
class JobLog {
public:
    /// Takes lines in order, with `seq` rising from 1 (what was cut leaves a gap). Called under a
    /// lock: it must not call back.
    using Write = std::function<void(LogLine line)>;

    /// `limit` is in bytes: those of the text, and 64 for each line, so that many short lines have
    /// a limit too.
    JobLog(std::uint64_t limit, Write write);

    /// Adds one line of valid UTF-8, without a line end, at most 64 KiB long.
    void add(Time time, LogLevel level, LogStream stream, std::string_view text);

    /// Passes on what is kept. What is added afterwards has the rest of the limit.
    void finish(Time now);

    /// Bytes that were added, those that were cut too.
    [[nodiscard]] std::uint64_t bytes() const;

private:
    void drop_oldest();

    const std::uint64_t tail_limit_;  // bytes that are kept at the end
    const std::uint64_t head_limit_;  // bytes that are passed on at once
    Write write_;

    mutable std::mutex mutex_;
    std::int64_t next_seq_ = 1;
    std::uint64_t added_ = 0;
    std::uint64_t passed_ = 0;
    std::uint64_t kept_ = 0;
    std::uint64_t cut_ = 0;
    std::int64_t first_cut_ = 0;  // seq of the first line that was cut
    bool tail_begun_ = false;
    std::deque<LogLine> tail_;
};

}  // namespace periodic
