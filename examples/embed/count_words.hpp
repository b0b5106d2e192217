#pragma once

/// @file
/// app.count-words: a command of this program's own.

#include "periodic/command.hpp"

namespace app {

/// Its name, what it takes, and how it is made.
periodic::CommandType count_words();

}  // namespace app
