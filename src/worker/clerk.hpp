#pragma once

/// @file
/// Queues jobs for running ones, on a thread of its own.

#include <condition_variable>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>

#include "run/executor_core.hpp"
#include "worker/messages.hpp"

namespace periodic {

/// Adds jobs for workers, so that the executor's thread does not wait for the disk.
class Clerk {
public:
    explicit Clerk(ExecutorCore& core);
    Clerk(const Clerk&) = delete;
    Clerk& operator=(const Clerk&) = delete;
    /// What was not begun is not done.
    ~Clerk();

    using Answer = std::function<void(AnswerMessage)>;

    /// Does what a worker asks for, and answers on the clerk's thread.
    void take(EnqueueMessage request, Answer answer);

private:
    struct Order {
        EnqueueMessage request{};
        Answer answer{};
    };

    void serve(const std::stop_token& stop);
    [[nodiscard]] AnswerMessage carry_out(EnqueueMessage request);

    ExecutorCore& core_;
    std::mutex mutex_;
    std::condition_variable_any changed_;
    std::deque<Order> orders_;
    std::jthread thread_;
};

}  // namespace periodic
