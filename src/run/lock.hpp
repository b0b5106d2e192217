#pragma once

/// @file
/// The executor's lock: `var/lock`, held with flock(2), so that the kernel frees it with its owner.

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "base/descriptor.hpp"
#include "periodic/clock.hpp"
#include "periodic/process_launcher.hpp"

namespace periodic {

/// What stands in the lock file, for people and for those who wait.
struct LockOwner {
    ProcessIdentity process{};
    std::string host{};
    std::string kind{};           ///< "run", "daemon", "library"
    std::int64_t generation = 0;  ///< 0 until the store gave one
    Time since{};
    Time heartbeat{};
};

/// "run, pid 4242 on web1, since 2026-03-29T03:00:00+02:00".
[[nodiscard]] std::string describe(const LockOwner& owner);

/// A held lock. Releases it when destroyed; the file stays. Used by one thread.
class Lock {
public:
    /// Tries to take the lock; nullopt if another process has it. Throws StorageError if the file
    /// can't be made or locked.
    [[nodiscard]] static std::optional<Lock> try_acquire(const std::string& path);

    /// What the file at `path` says; nullopt if it is missing or says nothing readable.
    [[nodiscard]] static std::optional<LockOwner> read_owner(const std::string& path);

    /// Writes who holds it. Failing to write is no harm: the kernel's lock is the truth.
    void write_owner(const LockOwner& owner) noexcept;

    /// Makes the file anew if somebody removed or replaced it, and not its directory too: in
    /// another one is nothing of what this process works on. Answers whether it holds a lock on the
    /// file that is there now.
    bool heal();

private:
    Lock(std::string path, Descriptor file);
    [[nodiscard]] bool is_in_its_directory() const;

    std::string path_;
    Descriptor file_{};
    Descriptor directory_{};  // as it was when the lock was taken
    LockOwner owner_{};
};

/// Ends the process that holds a lock, by pidfd, and waits up to `patience` until it is gone.
/// Answers whether it is. Never touches a process whose pid was reused, nor one of another host.
[[nodiscard]] bool end_owner(const LockOwner& owner, std::chrono::seconds patience);

}  // namespace periodic
