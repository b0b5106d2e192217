#pragma once

/// @file
/// Names for tasks that are made of command lines.

#include <string>
#include <string_view>

namespace periodic::cli {

/// A task's name that a person recognizes the command by: `/usr/local/bin/backup.sh --all` is
/// `backup`, `cd /srv/app && php artisan schedule:run` is `php-artisan-schedule`. Always a sound
/// name; two commands may have the same.
[[nodiscard]] std::string task_name_for(std::string_view command);

}  // namespace periodic::cli
