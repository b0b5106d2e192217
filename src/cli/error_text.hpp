#pragma once

/// @file
/// Mistakes as a compiler shows them.

#include <string>

#include "cli/terminal.hpp"
#include "periodic/error.hpp"

namespace periodic::cli {

/// `file:line:column: message`, the line with a caret under the column, the hint; each line with
/// its end. Without a file, `periodic: message`. Warnings say so. Of a long line the part around
/// the column is shown. Nothing in it can disturb a terminal.
[[nodiscard]] std::string error_text(const Error& error, Severity severity,
                                     const Terminal& terminal);

}  // namespace periodic::cli
