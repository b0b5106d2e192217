#pragma once

/// @file
/// Why a task can't be read from its file.

#include <string>
#include <string_view>

#include "periodic/error.hpp"

namespace periodic {

/// The name can't be that of a task.
[[nodiscard]] Error bad_task_name(std::string_view name);

/// The task's file could not be read: `why`, or that there is no such task and which one may have
/// been meant.
[[nodiscard]] Error unread_task(const std::string& directory, std::string_view name, Error why);

}  // namespace periodic
