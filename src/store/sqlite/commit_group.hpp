#pragma once

/// @file
/// Changes of several threads in one transaction, so that one wait for the disk serves all.

#include <chrono>
#include <condition_variable>
#include <cstddef>
#include <exception>
#include <functional>
#include <list>
#include <mutex>
#include <utility>

#include "store/sqlite/database.hpp"

namespace periodic::sqlite {

/// A function that somebody else holds: it must outlive this.
class Work {
public:
    template <class Function>
    explicit Work(const Function& function) noexcept
        : function_(&function),
          call_([](const void* object) { (*static_cast<const Function*>(object))(); }) {}

    void operator()() const { call_(function_); }

private:
    const void* function_;
    void (*call_)(const void*);
};

/// Carries out changes in transactions that callers share.
///
/// Who comes first leads: it carries out its own change and those that others have asked for by
/// then, commits, and tells everybody. Who comes meanwhile waits, and one of them leads next. So a
/// lone caller needs no other thread, and ten wait for the disk once.
///
/// A change that throws undoes itself alone: the transaction is undone, and the changes of the
/// others are carried out again without it. A change may therefore be called several times, until
/// its last call was committed; what it has outside the database it must set anew each time.
class CommitGroup {
public:
    /// What surrounds a transaction, with the database held.
    struct Steps {
        std::function<void(bool durable)> before{};  ///< may throw: then all of it fails
        std::function<void()> after{};               ///< it was committed
    };

    /// A transaction takes up no more changes when it is this old: who is in it waits for them all.
    static constexpr std::chrono::milliseconds kLongest{5};

    /// `database_mutex` is held while the database is used.
    CommitGroup(Database& database, std::mutex& database_mutex, Steps steps,
                std::chrono::milliseconds longest = kLongest)
        : database_(database),
          database_mutex_(database_mutex),
          steps_(std::move(steps)),
          longest_(longest) {}

    /// Returns when the change is committed, and if `durable` on disk. Throws what it threw, or
    /// StorageError; then nothing of it has happened.
    void carry_out(Work work, bool durable);

    /// How many callers wait for a transaction at this moment.
    [[nodiscard]] std::size_t waiting() {
        const std::lock_guard lock(mutex_);
        return waiting_.size();
    }

private:
    struct Caller {
        Work work;
        bool durable = true;
        bool leads = false;
        bool done = false;
        std::exception_ptr error{};
        std::condition_variable told{};
    };

    void lead(std::unique_lock<std::mutex>& lock, const Caller& leader);
    /// Takes those who wait and may share a transaction; `mutex_` is held.
    void take_waiting(bool durable);
    void commit(bool durable);
    [[nodiscard]] bool try_commit(bool durable);
    void fail_all(std::exception_ptr error);

    Database& database_;
    std::mutex& database_mutex_;
    Steps steps_;
    std::chrono::milliseconds longest_;

    std::mutex mutex_{};  ///< of what follows; never taken by who waits for the database with it
    bool led_ = false;
    // Lists, so that to take callers from one to the other needs no memory.
    std::list<Caller*> waiting_{};
    std::list<Caller*> batch_{};  ///< of the leader
};

}  // namespace periodic::sqlite
