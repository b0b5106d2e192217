#pragma once

/// @file
/// Tells that a store changed, by this process or by another.

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <stop_token>

#include "store/sqlite/database.hpp"

namespace periodic::sqlite {

/// Counts changes. SQLite tells a connection only of what others committed, so that its own are
/// counted apart. May be used by several threads; who passes the database has it to itself.
class ChangeWatch {
public:
    /// Counts what the connection itself committed, if it was anything, and wakes who waits.
    void changed(Database& database);

    /// Looks for what others committed, and answers the count.
    [[nodiscard]] std::int64_t look(Database& database);

    /// Waits for a change by this process, at most until it is time to look for others' again.
    void wait(std::int64_t seen, std::chrono::steady_clock::time_point end, std::stop_token stop);

private:
    std::mutex mutex_{};
    std::condition_variable_any changed_{};
    std::int64_t count_ = 1;
    std::int64_t rows_ = 0;     ///< that the connection had changed in all
    std::int64_t others_ = -1;  ///< `data_version` at the last look; -1: never looked
};

}  // namespace periodic::sqlite
