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

/// Makes a directory with its parents, if it is missing. Error: Io.
[[nodiscard]] Result<void> make_directories(const std::filesystem::path& path);

/// The error for a path that can't be written, with errno's reason.
[[nodiscard]] Failure cannot_write(const std::filesystem::path& path);

}  // namespace periodic::cli
