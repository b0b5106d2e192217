#pragma once

/// @file
/// The schema of the SQLite store, as the list of steps that lead to it.

#include <span>

#include "store/sqlite/database.hpp"

namespace periodic::sqlite {

/// `PRAGMA application_id` of a store: "PERI".
inline constexpr std::int64_t kApplicationId = 0x50455249;

/// Every step ever released, oldest first: step N leads from version N - 1 to N. A released step
/// is never changed.
[[nodiscard]] std::span<const char* const> migrations() noexcept;

/// Brings an empty or older database to the last of `steps`, all in one transaction. Does not
/// write if it is there already. Throws StorageError: Newer for a later version, Corrupt for a
/// database that is not a store.
void migrate(Database& database, std::span<const char* const> steps);

}  // namespace periodic::sqlite
