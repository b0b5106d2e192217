#pragma once

/// @file
/// Who calls the program.

#include <string>

namespace periodic::cli {

/// The user's name, for the events of what they change; `uid 1000` for one that has none. Inside a
/// task's program, also the job: `www-data in job 12`.
[[nodiscard]] std::string caller();

}  // namespace periodic::cli
