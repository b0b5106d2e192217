#pragma once

/// @file
/// One way to somebody who is told of things: a queue with a bound, and a thread that empties it.

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>

#include "periodic/error.hpp"
#include "periodic/logger.hpp"

namespace periodic {

struct OutletOptions {
    std::string name{};          ///< for the log: `exec`, `web hook at chat.example.org`
    std::size_t capacity = 200;  ///< what waits beyond it is dropped, and said so
    int tries = 4;
    std::chrono::milliseconds backoff{2'000};  ///< before the second try; then four times as long
};

/// Delivers parcels one after the other on a thread of its own, which is started with the first
/// one: whoever posts is never delayed. What fails is tried again, then given up with a warning in
/// the log.
class Outlet {
public:
    using Deliver = std::function<Result<void>(const std::stop_token& stop)>;

    /// The logger must outlive it.
    Outlet(OutletOptions options, Logger& logger);
    Outlet(const Outlet&) = delete;
    Outlet& operator=(const Outlet&) = delete;
    /// Drops what is not delivered; waits for the thread, whose delivery is asked to stop.
    ~Outlet();

    /// Queues it. Any thread.
    void post(Deliver deliver);

    /// Whether nothing waits and nothing is on its way.
    [[nodiscard]] bool is_idle();

    /// Waits until all is delivered, or `limit`; then gives the rest up with a warning.
    void finish(std::chrono::steady_clock::time_point limit);

private:
    void begin();
    void work(const std::stop_token& stop);
    void deliver(const Deliver& deliver, const std::stop_token& stop);
    [[nodiscard]] bool pause(std::chrono::milliseconds time, const std::stop_token& stop);
    void warn(const std::string& text);

    OutletOptions options_;
    Logger& logger_;
    std::mutex mutex_;
    std::condition_variable_any changed_;
    std::deque<Deliver> waiting_{};
    std::int64_t dropped_ = 0;
    bool busy_ = false;
    std::jthread thread_;
};

}  // namespace periodic
