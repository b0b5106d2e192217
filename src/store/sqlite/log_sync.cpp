#include "store/sqlite/log_sync.hpp"

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>

#include <fcntl.h>

namespace periodic::sqlite {

LogSync::LogSync(std::string path, Sync sync)
    : path_(std::move(path)),
      sync_(std::move(sync)),
      log_(::open(path_.c_str(), O_RDONLY | O_CLOEXEC)) {
    if (log_) return;
    const std::string reason = std::generic_category().message(errno);
    throw StorageError(StorageError::Kind::Other, "the store's file " + path_ +
                                                      " can't be opened (" + reason +
                                                      "); see who owns it and its directory");
}

LogSync::~LogSync() {
    if (!thread_.joinable()) return;
    thread_.request_stop();
    thread_.join();
}

void LogSync::keep(std::int64_t commit) {
    std::unique_lock lock(mutex_);
    wanted_ = std::max(wanted_, commit);
    while (kept_ < commit) {
        if (error_ != 0) throw problem();
        if (syncing_) {
            synced_.wait(lock);
        } else {
            sync(lock);
        }
    }
}

void LogSync::sync(std::unique_lock<std::mutex>& lock) {
    syncing_ = true;
    const std::int64_t wanted = wanted_;
    lock.unlock();
    int error = 0;
    do {
        error = sync_(log_.get()) == 0 ? 0 : errno;
    } while (error == EINTR);
    lock.lock();
    syncing_ = false;
    if (error == 0) {
        kept_ = std::max(kept_, wanted);
    } else {
        error_ = error;
    }
    synced_.notify_all();
}

StorageError LogSync::problem() const {
    return {StorageError::Kind::Full,
            "the store's file " + path_ + " can't be put on the disk (" +
                std::generic_category().message(error_) +
                "); free space on its disk, or look into the system's log for disk errors"};
}

void LogSync::keep_later(std::int64_t commit, const Told& told) {
    if (!has_thread()) return told(try_to_keep(commit));
    {
        const std::lock_guard lock(mutex_);
        wanted_ = std::max(wanted_, commit);
        later_.push_back({commit, told});
    }
    asked_.notify_one();
}

// False if no thread is to be had.
bool LogSync::has_thread() {
    const std::lock_guard lock(mutex_);
    if (thread_.joinable()) return true;
    try {
        thread_ = std::jthread([this](const std::stop_token& stop) { serve(stop); });
        return true;
    } catch (const std::system_error&) {
        return false;
    }
}

bool LogSync::is_broken() {
    const std::lock_guard lock(mutex_);
    return error_ != 0;
}

void LogSync::mended(std::int64_t commit) {
    const std::lock_guard lock(mutex_);
    kept_ = std::max(kept_, commit);
    error_ = 0;
}

std::exception_ptr LogSync::try_to_keep(std::int64_t commit) {
    try {
        keep(commit);
        return nullptr;
    } catch (const StorageError&) {
        return std::current_exception();
    }
}

// Also at its end, whoever still waits is told.
void LogSync::serve(const std::stop_token& stop) {
    std::unique_lock lock(mutex_);
    while (asked_.wait(lock, stop, [this] { return !later_.empty(); })) {
        const std::vector<Later> served = std::exchange(later_, {});
        lock.unlock();
        for (const Later& one : served) one.told(try_to_keep(one.commit));
        lock.lock();
    }
}

}  // namespace periodic::sqlite
