#include "store/sqlite/change_watch.hpp"

#include <algorithm>
#include <utility>

namespace periodic::sqlite {
namespace {

constexpr std::chrono::milliseconds kLook{20};

}  // namespace

void ChangeWatch::changed(Database& database) {
    const std::int64_t rows = database.total_changes();
    {
        const std::lock_guard lock(mutex_);
        if (rows == rows_) return;
        rows_ = rows;
        ++count_;
    }
    changed_.notify_all();
}

std::int64_t ChangeWatch::look(Database& database) {
    std::int64_t others = 0;
    {
        auto row = database.query("PRAGMA data_version");
        if (row.step()) others = row.integer(0);
    }
    const std::lock_guard lock(mutex_);
    if (others_ >= 0 && others_ != others) {
        ++count_;
        changed_.notify_all();
    }
    others_ = others;
    return count_;
}

void ChangeWatch::wait(std::int64_t seen, std::chrono::steady_clock::time_point end,
                       std::stop_token stop) {
    const auto look = std::min(end, std::chrono::steady_clock::now() + kLook);
    std::unique_lock lock(mutex_);
    changed_.wait_until(lock, std::move(stop), look, [this, seen] { return count_ != seen; });
}

}  // namespace periodic::sqlite
