#pragma once

/// @file
/// Touching files as another user.

#include <functional>

#include "periodic/process_launcher.hpp"

namespace periodic {

/// Does `work` on a thread of its own with the file system identity of `user`: uid, gid and groups
/// for files, and none of root's power over them. Returns when it is done, and throws what it
/// throws; std::system_error if the identity can't be taken. Needs root.
void run_as(const ProcessUser& user, const std::function<void()>& work);

}  // namespace periodic
