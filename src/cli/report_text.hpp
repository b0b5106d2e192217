#pragma once

/// @file
/// What a run did, as JSON and as a line for people.

#include <string>

#include "periodic/executor.hpp"

namespace periodic::cli {

/// The document of `run`.
[[nodiscard]] std::string report_document(const RunReport& report);

/// "Ran 3 jobs in 0.4 s: 2 succeeded, 1 failed."
[[nodiscard]] std::string report_summary(const RunReport& report);

}  // namespace periodic::cli
