#pragma once

/// @file
/// Where things are in a home, and whether it may be used.

#include <string>
#include <string_view>
#include <vector>

#include "periodic/configuration.hpp"
#include "periodic/error.hpp"
#include "periodic/job_store.hpp"

namespace periodic {

/// The absolute paths of a home. A plain value.
struct Home {
    std::string directory{};
    std::string state{};
    std::string tasks{};
    std::vector<std::string> crontabs{};
    std::string store{};  ///< the database's file
    bool delete_journal = false;
    std::string log{};  ///< empty: none

    [[nodiscard]] std::string in_state(std::string_view name) const;
};

/// Resolves the paths of a configuration against a home's directory. Error: NotFound if the
/// directory does not exist, Unsupported for a store that is not SQLite, Unsafe if Periodic runs as
/// root and others may change what it would execute.
[[nodiscard]] Result<Home> resolve_home(const std::string& directory,
                                        const Configuration& configuration);

/// How its store is opened.
[[nodiscard]] SqliteStoreOptions store_options(const Home& home);

/// Makes the state directory, 0700, if it is missing. Throws StorageError, naming it, if that fails
/// or if it can't be written.
void prepare_state_directory(const Home& home);

}  // namespace periodic
