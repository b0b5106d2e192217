#pragma once

/// @file
/// Turns crontabs of the system's cron into entries and tasks that do the same.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "periodic/crontab.hpp"
#include "periodic/error.hpp"

namespace periodic::cli {

/// One crontab to be imported.
struct ImportSource {
    std::string file{};  ///< what it is called
    std::string text{};
    bool user_column = false;
};

/// What the result has to fit.
struct ImportOptions {
    std::string user{};  ///< who imports, and will run what names nobody else
    /// Whether what belongs to others can be run: only root can.
    bool runs_as_others = true;
    std::string zone{"UTC"};  ///< the one that the system's cron goes by
    /// The zone that holds at the end of the crontab that the entries are added to; empty: unknown.
    std::string last_zone{};
    /// A user's home directory; nullopt: there is no such user.
    std::function<std::optional<std::string>(const std::string& user)> home_of{};
    /// The text of a task file that is there already; nullopt: there is none of that name.
    std::function<std::optional<std::string>(const std::string& name)> task_file{};
    /// The entries that are there already.
    const Crontab* crontab = nullptr;
};

struct ImportedTask {
    std::string name{};
    std::string content{};  ///< of the task file
    bool is_new = true;     ///< false: a file with this content is there
};

struct ImportedEntry {
    std::string file{};
    std::uint32_t line = 0;
    std::string when{};
    std::string zone{};
    std::string task{};
    bool is_new = true;  ///< false: the crontab has it
};

struct ImportResult {
    std::string crontab{};  ///< the lines to add; empty: none
    std::vector<ImportedTask> tasks{};
    std::vector<ImportedEntry> entries{};
    std::vector<Problem> problems{};  ///< what could not be carried over: errors lose a line
};

/// Reads crontabs and says what to write. Lines with equal commands share a task. Reads and writes
/// nothing itself.
[[nodiscard]] ImportResult import_crontabs(const std::vector<ImportSource>& sources,
                                           const ImportOptions& options);

}  // namespace periodic::cli
