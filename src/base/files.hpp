#pragma once

/// @file
/// Files, read with bounds and good errors, and written so that a crash leaves the old or the new.

#include <cstdint>
#include <string>
#include <string_view>

#include <sys/types.h>

#include "periodic/error.hpp"

namespace periodic {

/// The directory that a path's last part stands in; "." for a path of one part.
[[nodiscard]] std::string directory_of(const std::string& path);

/// The whole of a regular file (or of what a link leads to). Error: NotFound; Invalid if it is
/// larger than `most` bytes, a directory or a pipe; Io with the system's reason. Each names the
/// file in `file`.
[[nodiscard]] Result<std::string> read_file(const std::string& path, std::uint64_t most);

/// Puts `text` in the place of `path` at once: readers see the old file or the new, never a part.
/// The new file has mode 0600 and is on the disk when this returns. Throws std::system_error
/// naming the file; the old one is then untouched.
void write_file_atomically(const std::string& path, std::string_view text);

/// The absolute path without links and dots. Error: NotFound or Io, with the path in `file`.
[[nodiscard]] Result<std::string> real_path(const std::string& path);

/// `path` as it is if it is absolute, else under `base`; lexically, without looking at the disk.
[[nodiscard]] std::string path_below(const std::string& base, const std::string& path);

/// Makes sure that only root and `owner` could change what `path` names: it, every directory above,
/// and the same for each link on the way, belong to one of the two and may be written by no
/// group or other (directories with the sticky bit excepted). Error: Unsafe, naming the
/// offender and what would mend it; NotFound or Io if it can't be looked at.
[[nodiscard]] Result<void> check_only_written_by(const std::string& path, uid_t owner);

/// What root asks before it executes from `path`: as `check_only_written_by` root. For any other
/// user this is always fine.
[[nodiscard]] Result<void> check_safe_to_execute(const std::string& path);

/// Reads what is going to be executed: as `read_file`, and for root what was read is what
/// `check_safe_to_execute` has looked at, whatever is renamed meanwhile. Error: Unsafe too.
[[nodiscard]] Result<std::string> read_safe_file(const std::string& path, std::uint64_t most);

/// Whether the opened `file` is what `path` names now, and only root may write it.
[[nodiscard]] bool is_safe_as_opened(int file, const std::string& path);

}  // namespace periodic
