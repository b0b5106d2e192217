#pragma once

/// @file
/// The threads that run attempts.

#include <condition_variable>
#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>
#include <vector>

#include "periodic/job.hpp"
#include "periodic/job_store.hpp"
#include "run/running_attempt.hpp"

namespace periodic {

/// Runs attempts on as many threads as there are slots, and one more for each attempt that waits
/// for another; they are started when they are needed. The members are called by one thread, the
/// executor's.
class AttemptPool {
public:
    using Work = std::function<Settlement(const RunningAttempt&)>;

    /// `ended` is called on an attempt's thread when it has ended, so that the executor looks.
    AttemptPool(int slots, Work work, std::function<void()> ended);
    AttemptPool(const AttemptPool&) = delete;
    AttemptPool& operator=(const AttemptPool&) = delete;
    /// Waits for what runs.
    ~AttemptPool();

    /// Precondition: there are as many free slots. Throws std::system_error if there can't be even
    /// one thread.
    void start(std::vector<RunningAttempt> attempts);

    /// The attempts that have ended since the last call.
    [[nodiscard]] std::vector<EndedAttempt> take_ended();

    /// How many of those that run wait for another job: their slots are free.
    void set_waiting(std::size_t attempts) noexcept { lent_ = static_cast<int>(attempts); }

    [[nodiscard]] int free_slots() const noexcept {
        return slots_ + lent_ - static_cast<int>(running_.size());
    }
    [[nodiscard]] std::vector<RunningAttempt>& running() noexcept { return running_; }
    [[nodiscard]] RunningAttempt* find(JobId id) noexcept;

private:
    [[nodiscard]] std::size_t wanted_threads() const;
    void add_threads(std::size_t wanted);
    [[nodiscard]] bool wakes_another();
    void serve();

    int slots_;
    int lent_ = 0;  // slots of those that wait
    Work work_;
    std::function<void()> ended_callback_;
    std::vector<RunningAttempt> running_;

    std::mutex mutex_;
    std::condition_variable changed_;
    bool ending_ = false;
    std::deque<RunningAttempt> waiting_;
    std::size_t idle_ = 0;
    bool waking_ = false;  ///< a thread was woken and has not come yet
    std::vector<EndedAttempt> ended_;
    std::vector<std::jthread> threads_;
};

}  // namespace periodic
