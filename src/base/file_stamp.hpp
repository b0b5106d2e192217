#pragma once

/// @file
/// Tells whether a file is still the one that was read, without reading it again.

#include <cstdint>
#include <optional>
#include <string>

namespace periodic {

/// A file as it is at one moment, and the directory that its name stands in. What changes the text,
/// the owner or the mode of the file changes its stamp, and so does what puts another one in its
/// place.
struct FileStamp {
    std::uint64_t device = 0;
    std::uint64_t inode = 0;
    std::int64_t size = 0;
    std::int64_t written = 0;  ///< nanoseconds since the epoch, as the two below
    std::int64_t changed = 0;
    std::int64_t directory_changed = 0;
    bool operator==(const FileStamp&) const = default;
};

/// The stamp of what a path leads to; nullopt if it can't be looked at, or was changed so lately
/// that a further change might give it the same one.
[[nodiscard]] std::optional<FileStamp> stamp_of(const std::string& path);

}  // namespace periodic
