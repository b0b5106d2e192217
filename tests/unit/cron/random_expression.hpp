#pragma once

/// @file
/// Random cron expressions, of all that the dialect has but H and ~.

#include <random>
#include <string>

namespace periodic::twin {

/// A random expression of five fields, seldom of six or seven. Times are drawn towards the night,
/// when clocks change.
[[nodiscard]] std::string random_expression(std::mt19937_64& random);

}  // namespace periodic::twin
