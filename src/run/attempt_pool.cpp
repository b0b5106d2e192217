#include "run/attempt_pool.hpp"

#include <algorithm>
#include <set>
#include <system_error>
#include <utility>

namespace periodic {

AttemptPool::AttemptPool(int slots, Work work, std::function<void()> ended)
    : slots_(slots), work_(std::move(work)), ended_callback_(std::move(ended)) {}

AttemptPool::~AttemptPool() {
    for (std::jthread& thread : threads_) thread.request_stop();
}

void AttemptPool::start(RunningAttempt attempt) {
    running_.push_back(attempt);
    bool wakes = false;
    {
        const std::lock_guard guard(mutex_);
        waiting_.push_back(std::move(attempt));
        wakes = wakes_another();
    }
    add_thread_if_needed();
    if (wakes) changed_.notify_one();
}

// Where the system gives no more threads those that are there do the work, one after the other;
// more are tried for as long as something waits.
void AttemptPool::add_thread_if_needed() {
    {
        const std::lock_guard guard(mutex_);
        if (waiting_.size() <= idle_ || !std::cmp_less(threads_.size(), slots_ + lent_)) return;
    }
    try {
        threads_.emplace_back([this](const std::stop_token& stop) { serve(stop); });
    } catch (const std::system_error&) {
        if (threads_.empty()) throw;
    }
}

// One is woken at a time, and wakes the next one if there is more to do: who starts many is not
// held up, and short work is done by few. Called under the mutex.
bool AttemptPool::wakes_another() {
    return !waiting_.empty() && idle_ > 0 && !std::exchange(waking_, true);
}

void AttemptPool::serve(const std::stop_token& stop) {
    while (true) {
        RunningAttempt attempt;
        bool wakes = false;
        {
            std::unique_lock lock(mutex_);
            ++idle_;
            const bool work = changed_.wait(lock, stop, [this] { return !waiting_.empty(); });
            --idle_;
            if (!work) return;
            attempt = std::move(waiting_.front());
            waiting_.pop_front();
            waking_ = false;
            wakes = wakes_another();
        }
        if (wakes) changed_.notify_one();
        Settlement settlement = work_(attempt);
        bool is_first = false;
        {
            const std::lock_guard guard(mutex_);
            is_first = ended_.empty();
            ended_.push_back({std::move(attempt), std::move(settlement)});
        }
        if (is_first) ended_callback_();
    }
}

std::vector<EndedAttempt> AttemptPool::take_ended() {
    add_thread_if_needed();
    std::vector<EndedAttempt> ended;
    {
        const std::lock_guard guard(mutex_);
        ended.swap(ended_);
    }
    std::set<std::pair<JobId, std::int64_t>> claims;
    for (const EndedAttempt& one : ended) claims.emplace(one.attempt.job.id, one.attempt.job.claim);
    std::erase_if(running_, [&claims](const RunningAttempt& attempt) {
        return claims.contains({attempt.job.id, attempt.job.claim});
    });
    return ended;
}

RunningAttempt* AttemptPool::find(JobId id) noexcept {
    const auto found =
        std::find_if(running_.begin(), running_.end(),
                     [id](const RunningAttempt& attempt) { return attempt.job.id == id; });
    return found == running_.end() ? nullptr : &*found;
}

}  // namespace periodic
