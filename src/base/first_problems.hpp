#pragma once

/// @file
/// Lists of mistakes that are too long to be read.

#include <cstddef>
#include <string>
#include <vector>

#include "periodic/error.hpp"

namespace periodic {

/// The last of a list that was cut short: says how many mistakes of a file are not in it.
[[nodiscard]] Problem more_problems(std::size_t count, std::string file);

/// How many mistakes the problems stand for: one each, and the last of a list that
/// was cut short as many as it left out.
[[nodiscard]] std::size_t count_mistakes(const std::vector<Problem>& problems);

/// At most `most` of the problems, in their order, errors rather than warnings; then, if there are
/// more, one without a file that says how many.
[[nodiscard]] std::vector<Problem> first_problems(std::vector<Problem> problems, std::size_t most);

}  // namespace periodic
