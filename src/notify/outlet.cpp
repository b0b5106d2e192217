#include "notify/outlet.hpp"

#include <exception>
#include <system_error>
#include <utility>

namespace periodic {

Outlet::Outlet(OutletOptions options, Logger& logger)
    : options_(std::move(options)), logger_(logger) {}

Outlet::~Outlet() {
    {
        const std::lock_guard guard(mutex_);
        waiting_.clear();
    }
    thread_.request_stop();
}

void Outlet::post(Deliver deliver) {
    const std::lock_guard guard(mutex_);
    if (waiting_.size() >= options_.capacity) {
        if (++dropped_ == 1) warn("too many wait: further ones are dropped");
        return;
    }
    waiting_.push_back(std::move(deliver));
    begin();
    changed_.notify_all();
}

// The system may have no thread at the moment: what waits goes with the next one.
void Outlet::begin() {
    if (thread_.joinable()) return;
    try {
        thread_ = std::jthread([this](const std::stop_token& stop) { work(stop); });
    } catch (const std::system_error& error) {
        warn(std::string("what is to be told waits: no thread: ") + error.what());
    }
}

void Outlet::work(const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    while (changed_.wait(lock, stop, [this] { return !waiting_.empty(); })) {
        if (stop.stop_requested()) return;
        const Deliver parcel = std::move(waiting_.front());
        waiting_.pop_front();
        busy_ = true;
        lock.unlock();
        deliver(parcel, stop);
        lock.lock();
        busy_ = false;
        if (dropped_ > 0 && waiting_.empty()) {
            warn(std::to_string(std::exchange(dropped_, 0)) + " were dropped");
        }
        changed_.notify_all();
    }
}

void Outlet::deliver(const Deliver& deliver, const std::stop_token& stop) {
    auto backoff = options_.backoff;
    for (int attempt = 1; !stop.stop_requested(); ++attempt) {
        Result<void> done;
        try {
            done = deliver(stop);
        } catch (const std::exception& error) {
            done = failure(ErrorCode::Io, error.what());
        }
        if (done) return;
        if (stop.stop_requested()) return;  // `finish` says that it was given up
        const bool is_last = attempt >= options_.tries || done.error().code != ErrorCode::Io;
        warn(done.error().message + (is_last ? "; given up" : "; tried again"));
        if (is_last || !pause(backoff, stop)) return;
        backoff *= 4;
    }
}

// False if it is to stop.
bool Outlet::pause(std::chrono::milliseconds time, const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    changed_.wait_for(lock, stop, time, [] { return false; });
    return !stop.stop_requested();
}

bool Outlet::is_idle() {
    const std::lock_guard guard(mutex_);
    return waiting_.empty() && !busy_;
}

void Outlet::finish(std::chrono::steady_clock::time_point limit) {
    std::unique_lock lock(mutex_);
    const bool done =
        changed_.wait_until(lock, limit, [this] { return waiting_.empty() && !busy_; });
    const std::size_t left = waiting_.size() + (busy_ ? 1U : 0U);
    waiting_.clear();
    lock.unlock();
    if (done) return;
    thread_.request_stop();
    if (thread_.joinable()) thread_.join();
    thread_ = std::jthread();
    warn(std::to_string(left) + (left == 1 ? " was" : " were") + " given up at the end of the run");
}

void Outlet::warn(const std::string& text) {
    logger_.warning("notify: " + options_.name + ": " + text);
}

}  // namespace periodic
