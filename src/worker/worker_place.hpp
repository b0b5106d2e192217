#pragma once

/// @file
/// What attempts find around them in a worker: no store, but a daemon to ask.

#include <atomic>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <map>
#include <mutex>
#include <optional>
#include <stop_token>

#include "periodic/logger.hpp"
#include "run/workplace.hpp"
#include "worker/line.hpp"

namespace periodic {

/// Passes what is logged on to the daemon, which has the file.
class LineLogger final : public Logger {
public:
    explicit LineLogger(Line& line) noexcept : line_(line) {}
    void log(const LogRecord& record) override;

private:
    Line& line_;
};

/// Asks the daemon and waits for its answers. The threads of attempts ask, the one that receives
/// answers.
class WorkerPlace final : public Workplace {
public:
    WorkerPlace(const Parts& parts, Line& line) noexcept : Workplace(parts), line_(line) {}

    Result<JobId> enqueue(std::string_view task, Values parameters,
                          const JobOptions& options) override;
    Result<std::optional<Job>> wait_for(const Job& parent, JobId child,
                                        std::stop_token stop) override;
    void add_event(JobId job, const JobEvent& event) override;

    /// An answer has come.
    void answer(AnswerMessage message);
    /// None will come any more.
    void close();
    /// How many attempts wait for other jobs.
    [[nodiscard]] std::size_t waiting() const noexcept { return waiting_.load(); }

private:
    std::optional<AnswerMessage> await(std::int64_t request, const std::stop_token& stop);
    std::int64_t begin_request();

    Line& line_;
    std::mutex mutex_;
    std::condition_variable_any answered_;
    std::int64_t last_request_ = 0;
    std::map<std::int64_t, std::optional<AnswerMessage>> requests_;
    bool closed_ = false;
    std::atomic<std::size_t> waiting_ = 0;
};

}  // namespace periodic
