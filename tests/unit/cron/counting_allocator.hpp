#pragma once

/// @file
/// A program that links this counts what it allocates.

#include <cstddef>

namespace periodic {

/// How often `new` was called until now.
[[nodiscard]] std::size_t allocations() noexcept;

}  // namespace periodic
