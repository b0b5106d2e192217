#pragma once

/// @file
/// Reads the crontabs of the system's cron: vixie's, Debian's, cronie.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "periodic/error.hpp"

namespace periodic::cli {

/// One line that runs something, with what the lines above it say.
struct VixieEntry {
    std::uint32_t line = 0;
    std::string text{};                  ///< as it stands
    std::string when{};                  ///< in our own syntax
    std::string user{};                  ///< of the user column; empty: there is none
    std::string command{};               ///< up to the first `%`; `\%` is a `%` by now
    std::optional<std::string> input{};  ///< after the first `%`, each other one a line end
    std::vector<std::pair<std::string, std::string>> environment{};  ///< each name once
    std::string zone{};     ///< of CRON_TZ; empty: the system's
    std::string comment{};  ///< what stands above it, as one paragraph
};

/// A crontab's text, read.
struct VixieCrontab {
    std::vector<VixieEntry> entries{};
    /// What can't be carried over: errors lose a line, warnings something beside it.
    std::vector<Problem> problems{};
};

/// Reads a text as cron does. `user_column`: as /etc/crontab and the files of /etc/cron.d are,
/// with a user's name before the command. `file` is what problems name.
[[nodiscard]] VixieCrontab read_vixie_crontab(std::string_view text, const std::string& file,
                                              bool user_column);

/// Whether cron reads a file of this name in /etc/cron.d: letters, digits, `_` and `-` alone.
[[nodiscard]] bool is_system_crontab_name(std::string_view name) noexcept;

}  // namespace periodic::cli
