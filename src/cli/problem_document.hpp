#pragma once

/// @file
/// Mistakes as JSON.

#include <vector>

#include "cli/json_writer.hpp"
#include "periodic/error.hpp"

namespace periodic::cli {

/// Writes an array of mistakes, as `check` shows them: at most 500, and one that counts the others.
void write_problems(JsonWriter& json, const std::vector<Problem>& problems);

}  // namespace periodic::cli
