#include "cli/log_follower.hpp"

#include <chrono>

namespace periodic::cli {
namespace {

constexpr std::chrono::milliseconds kLookAgain{100};
constexpr int kBatch = 1000;

std::string line_text(const LogLine& line, const Terminal& terminal) {
    const std::string text = terminal.interactive ? printable(line.text) : line.text;
    if (line.level == LogLevel::Warning) return yellow(terminal, text) + '\n';
    if (line.level == LogLevel::Error) return red(terminal, text) + '\n';
    return text + '\n';
}

}  // namespace

LogFollower::LogFollower(Session& session, Jobs& jobs, JobId id)
    : session_(session), jobs_(jobs), id_(id), thread_([this] { follow(); }) {}

LogFollower::~LogFollower() {
    {
        const std::lock_guard lock(mutex_);
        ending_ = true;
    }
    changed_.notify_all();
    if (thread_.joinable()) thread_.join();
}

void LogFollower::finish() {
    {
        const std::lock_guard lock(mutex_);
        ending_ = true;
    }
    changed_.notify_all();
    thread_.join();
    print_new_lines();
}

void LogFollower::follow() {
    std::unique_lock lock(mutex_);
    while (!changed_.wait_for(lock, kLookAgain, [this] { return ending_; })) {
        lock.unlock();
        try {
            print_new_lines();
        } catch (const StorageError&) {
            return;  // the run meets the same and says it; `finish` tries once more
        }
        lock.lock();
    }
}

void LogFollower::print_new_lines() {
    while (true) {
        const auto lines = jobs_.log(id_, last_, kBatch);
        for (const auto& line : lines) session_.print(line_text(line, session_.out()));
        if (lines.empty()) break;
        last_ = lines.back().seq;
    }
    (void)session_.flush();
}

}  // namespace periodic::cli
