#pragma once

/// @file
/// The file under the database: what disk it is on, who may read it, whether it is still there.

#include <cstdint>
#include <string>
#include <string_view>

namespace periodic::sqlite {

/// The name of a network file system by `statfs`'s f_type; empty for a local one, and for FUSE,
/// whose number says nothing.
[[nodiscard]] std::string_view network_file_system(std::int64_t type) noexcept;

/// Whether a mount of type `fuse...` (as /proc/self/mountinfo names it) is over a network, or may
/// be: all but `fuseblk` and the overlays that containers use.
[[nodiscard]] bool is_remote_fuse(std::string_view type) noexcept;

/// Throws StorageError (NetworkDisk), naming the directory, if a database file in it can't rely
/// on locks and shared memory.
void refuse_network_disk(const std::string& database_path);

/// Makes an empty file with mode 0600, whatever the umask, unless there is one. It is never open
/// under its name, because closing it would drop the locks of another connection of this process.
/// Throws StorageError.
void make_private_file(const std::string& path);

/// Remembers which file is at a path.
class FileWatch {
public:
    explicit FileWatch(std::string path);

    /// Whether another file is there by now, or none.
    [[nodiscard]] bool changed() const noexcept;
    /// How many bytes it has; 0 if there is none.
    [[nodiscard]] std::int64_t size() const noexcept;
    [[nodiscard]] const std::string& path() const noexcept { return path_; }

private:
    std::string path_;
    std::uint64_t device_ = 0;
    std::uint64_t inode_ = 0;
};

}  // namespace periodic::sqlite
