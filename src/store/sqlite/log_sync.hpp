#pragma once

/// @file
/// The wait for the disk, once for all who wait.

#include <condition_variable>
#include <cstdint>
#include <exception>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

#include <unistd.h>

#include "base/descriptor.hpp"
#include "periodic/error.hpp"

namespace periodic::sqlite {

/// Puts commits on the disk: a commit is in the write-ahead log first, where all see it and the end
/// of a process does not undo it, and is safe from a power cut when the log was synced after it.
///
/// Who comes first syncs. Who comes meanwhile waits for the next sync, which serves all of them, as
/// the one that is under way may have missed them. The log is written in order: with a commit all
/// earlier ones are on the disk.
///
/// When a sync fails nobody knows what of the log is on the disk, and no later sync tries that part
/// again. From then on nothing counts as kept until the log was copied whole (`mended`).
///
/// May be used by several threads.
class LogSync {
public:
    /// What a caller hears: nullptr once its commit is on the disk, or a StorageError.
    using Told = std::function<void(std::exception_ptr)>;
    /// As fdatasync(2).
    using Sync = std::function<int(int)>;

    /// Throws StorageError if the log can't be opened.
    explicit LogSync(std::string path, Sync sync = &::fdatasync);
    LogSync(const LogSync&) = delete;
    LogSync& operator=(const LogSync&) = delete;
    /// Everybody has heard then.
    ~LogSync();

    /// Returns when the commit of this number is on the disk; later commits have higher numbers.
    /// Throws StorageError (Full) if that can't be told.
    void keep(std::int64_t commit);

    /// The same on a thread that is made for it, which calls `told` once; on this one if there are
    /// no threads to be had.
    void keep_later(std::int64_t commit, const Told& told);

    /// Whether a sync failed.
    [[nodiscard]] bool is_broken();

    /// The log was copied, and the copy is on the disk, up to this commit and with it.
    void mended(std::int64_t commit);

private:
    struct Later {
        std::int64_t commit;
        Told told;
    };

    void sync(std::unique_lock<std::mutex>& lock);
    [[nodiscard]] StorageError problem() const;
    [[nodiscard]] std::exception_ptr try_to_keep(std::int64_t commit);
    [[nodiscard]] bool has_thread();
    void serve(const std::stop_token& stop);

    const std::string path_;
    const Sync sync_;
    Descriptor log_;

    std::mutex mutex_{};  ///< of what follows
    std::condition_variable synced_{};
    std::int64_t wanted_ = 0;  ///< the highest that somebody waits for
    std::int64_t kept_ = 0;    ///< up to this one all are on the disk
    bool syncing_ = false;
    int error_ = 0;  ///< of the sync that failed

    std::condition_variable_any asked_{};
    std::vector<Later> later_{};
    std::jthread thread_{};
};

}  // namespace periodic::sqlite
