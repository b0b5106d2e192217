#pragma once

/// @file
/// Opens the SQLite store with what only its own tests choose.

#include <memory>

#include "periodic/job_store.hpp"

namespace periodic::sqlite {

/// How many blocked jobs a claim looks at in the queue's order before it looks at lanes instead.
inline constexpr int kPatience = 5'000;

/// As open_sqlite_store, with another patience: 0 looks at lanes at once.
[[nodiscard]] std::unique_ptr<JobStore> open_store(const SqliteStoreOptions& options, int patience);

}  // namespace periodic::sqlite
