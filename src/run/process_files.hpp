#pragma once

/// @file
/// Where the processes of a home's generations are on record: `var/processes.GENERATION`.

#include <cstdint>
#include <string>
#include <vector>

#include "run/home.hpp"

namespace periodic {

/// The record of one generation.
[[nodiscard]] std::string process_file(const Home& home, std::int64_t generation);

/// The record of one of its workers: `var/processes.GENERATION.PID`.
[[nodiscard]] std::string worker_process_file(const Home& home, std::int64_t generation,
                                              std::int64_t pid);

/// All records that are there. Throws std::filesystem::filesystem_error.
[[nodiscard]] std::vector<std::string> process_files(const Home& home);

/// Removes all records but those of `generation` and its workers.
void remove_process_files(const Home& home, std::int64_t generation) noexcept;

}  // namespace periodic
