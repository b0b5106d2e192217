#include "runner.hpp"

#include <exception>
#include <iostream>

namespace webhook {

Runner::Runner(periodic::Executor& executor)
    : executor_(executor), thread_([this](const std::stop_token& stop) { work(stop); }) {}

void Runner::ask() {
    {
        const std::lock_guard lock(mutex_);
        asked_ = true;
    }
    changed_.notify_one();
}

void Runner::work(const std::stop_token& stop) {
    for (;;) {
        {
            std::unique_lock lock(mutex_);
            if (!changed_.wait(lock, stop, [this] { return asked_; })) return;
            asked_ = false;
        }
        try {
            const auto report = executor_.run({.stop = stop});
            if (!report) std::cerr << to_string(report.error()) << '\n';
        } catch (const std::exception& error) {  // the disk; the next request tries again
            std::cerr << error.what() << '\n';
        }
    }
}

}  // namespace webhook
