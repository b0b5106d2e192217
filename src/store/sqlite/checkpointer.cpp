#include "store/sqlite/checkpointer.hpp"

#include <optional>
#include <system_error>
#include <utility>

namespace periodic::sqlite {
namespace {

// So few pages are copied while changes wait.
constexpr int kFew = 50;
// Where others write faster than this copies, it ends all the same.
constexpr int kMostRounds = 20;
constexpr std::chrono::milliseconds kPatience{1000};

}  // namespace

Checkpointer::~Checkpointer() {
    if (!thread_.joinable()) return;
    thread_.request_stop();
    thread_.join();
}

void Checkpointer::note(int pages) {
    {
        const std::lock_guard lock(mutex_);
        if (pages < std::exchange(last_, pages)) next_ = length_;  // it began anew
        if (is_wanted_ || pages < next_) return;
        is_wanted_ = true;
    }
    if (thread_.joinable()) {
        wanted_.notify_one();
        return;
    }
    try {
        thread_ = std::jthread([this](const std::stop_token& stop) { serve(stop); });
    } catch (const std::system_error&) {
        const std::lock_guard lock(mutex_);
        is_wanted_ = false;  // tried again with the next commit
    }
}

void Checkpointer::give_way() {
    std::unique_lock lock(mutex_);
    gone_.wait(lock, [this] { return !is_next_; });
}

void Checkpointer::set_next(bool is_next) {
    {
        const std::lock_guard lock(mutex_);
        is_next_ = is_next;
    }
    if (!is_next) gone_.notify_all();
}

void Checkpointer::serve(const std::stop_token& stop) {
    std::optional<Database> database;
    std::unique_lock lock(mutex_);
    while (wanted_.wait(lock, stop, [this] { return is_wanted_; })) {
        lock.unlock();
        try {
            if (!database) {
                database.emplace(path_, kPatience);
                database->execute("PRAGMA cache_size = -64");
            }
            copy(*database, stop);
        } catch (const StorageError&) {
            database.reset();  // as the class says; another connection is tried next time
        }
        lock.lock();
        is_wanted_ = false;
        next_ = last_ + length_;  // of a log that goes on, as somebody still reads in it
    }
}

void Checkpointer::copy(Database& database, const std::stop_token& stop) {
    for (int round = 0; round < kMostRounds && !stop.stop_requested(); ++round) {
        const auto left = database.checkpoint();
        if (!left) return;  // another process is at it
        if (*left <= kFew) return finish(database);
    }
}

// What was written while the most was copied.
void Checkpointer::finish(Database& database) {
    const Next next(*this);
    const std::lock_guard hold(in_use_);
    static_cast<void>(database.checkpoint());
}

}  // namespace periodic::sqlite
