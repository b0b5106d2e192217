#pragma once

/// @file
/// Copies the write-ahead log into the database, beside those who write it.

#include <chrono>
#include <condition_variable>
#include <mutex>
#include <stop_token>
#include <string>
#include <thread>

#include "store/sqlite/database.hpp"

namespace periodic::sqlite {

/// A thread with a connection of its own, so that no change waits for a thousand pages to be
/// copied. It begins with the first log that is long, and sleeps between them. A copy leaves behind
/// what was written meanwhile; when that is little it is copied too, with the store held, so that
/// the next change finds all of the log done and begins it anew.
///
/// A disk that refuses stops a copy and nothing else: the log stays whole, commits tell of the
/// disk, and the next copy begins where this one ended.
class Checkpointer {
public:
    /// Pages, from which on a log is long.
    static constexpr int kLong = 1000;

    /// `in_use` is held by whoever uses the store's own connection.
    Checkpointer(std::string path, std::mutex& in_use, int length = kLong)
        : path_(std::move(path)), in_use_(in_use), length_(length), next_(length) {}
    Checkpointer(const Checkpointer&) = delete;
    Checkpointer& operator=(const Checkpointer&) = delete;
    /// Waits for a copy that is under way.
    ~Checkpointer();

    /// Before a change, which holds nothing: waits while a copy is to have the store next. A mutex
    /// is given to those who ask most, and a log that is not done grows until its copy is long.
    void give_way();

    /// After each commit of the store's own connection, which is held: so many pages the log has.
    void note(int pages);

private:
    void serve(const std::stop_token& stop);
    void copy(Database& database, const std::stop_token& stop);
    void finish(Database& database);
    void set_next(bool is_next);

    /// While it lives, a copy is to have the store before any change.
    class Next {
    public:
        explicit Next(Checkpointer& checkpointer) : checkpointer_(checkpointer) {
            checkpointer_.set_next(true);
        }
        Next(const Next&) = delete;
        Next& operator=(const Next&) = delete;
        ~Next() { checkpointer_.set_next(false); }

    private:
        Checkpointer& checkpointer_;
    };

    const std::string path_;
    std::mutex& in_use_;
    const int length_;

    std::mutex mutex_{};  ///< of what follows; may be taken with in_use_ held, never before it
    std::condition_variable_any wanted_{};
    std::condition_variable gone_{};
    bool is_wanted_ = false;
    bool is_next_ = false;  ///< a copy is to have the store before any change
    int next_;              ///< the length from which on it is wanted
    int last_ = 0;          ///< the length after the last commit
    std::jthread thread_{};
};

}  // namespace periodic::sqlite
