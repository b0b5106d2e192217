#pragma once

/// @file
/// The file under the database: what disk it is on, who may read it, whether it is still there.

#include <cstdint>
#include <functional>
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

/// Makes the database's file with mode 0600, whatever the umask, unless there is one; `fill` makes
/// an empty file under another name into a database. It is never open under its own name here,
/// because closing it would drop the locks of another connection of this process. Throws
/// StorageError, also for a file that is too short for a database, or whose log is there alone:
/// what was in it is lost, and a new one in its place would hide that.
void make_private_file(const std::string& path,
                       const std::function<void(const std::string&)>& fill);

/// Which file was at a path when this was made.
class RememberedFile {
public:
    explicit RememberedFile(std::string path);

    /// Whether another file is there by now, or none.
    [[nodiscard]] bool replaced() const noexcept;
    /// How many bytes it has; 0 if there is none.
    [[nodiscard]] std::int64_t size() const noexcept;
    [[nodiscard]] const std::string& path() const noexcept { return path_; }

private:
    std::string path_;
    std::uint64_t device_ = 0;
    std::uint64_t inode_ = 0;
};

}  // namespace periodic::sqlite
