#pragma once

/// @file
/// Files and directories for people to edit.

#include <filesystem>
#include <string>
#include <string_view>

#include "periodic/error.hpp"

namespace periodic::cli {

/// Writes a file that is not there yet, 0644. Error: Conflict if it is, Io naming the file and the
/// reason.
[[nodiscard]] Result<void> write_new_file(const std::string& path, std::string_view content);

/// Makes a directory with its parents, if it is missing: 0755, less what the umask takes. Error:
/// Io, naming what is in the way and whose it is.
[[nodiscard]] Result<void> make_directories(const std::filesystem::path& path);

/// The error for a path that can't be written, with errno's reason.
[[nodiscard]] Failure cannot_write(const std::filesystem::path& path);

}  // namespace periodic::cli
