#pragma once

/// @file
/// Writes what happened in attempts, under the fence of their claims.

#include "periodic/job_store.hpp"
#include "store/sqlite/row.hpp"

namespace periodic::sqlite {

/// Writes an update if its claim still holds; else nothing.
void write_update(Database& database, const LiveUpdate& update);

/// Writes the end of an attempt and answers true; if its claim was lost, writes an event instead
/// and answers false. Throws std::invalid_argument for an end that no running job can come to.
[[nodiscard]] bool settle(Database& database, const Settlement& settlement);

}  // namespace periodic::sqlite
