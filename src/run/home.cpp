#include "run/home.hpp"

#include <cerrno>
#include <system_error>
#include <utility>

#include <sys/stat.h>
#include <unistd.h>

#include "base/file_owner.hpp"
#include "base/files.hpp"

namespace periodic {
namespace {

constexpr std::string_view kSqliteScheme = "sqlite:";

}  // namespace

std::string Home::in_state(std::string_view name) const {
    return state + '/' + std::string(name);
}

Result<Home> resolve_home(const std::string& directory, const Configuration& configuration) {
    auto absolute = real_path(directory);
    if (!absolute) return Failure(absolute.error());
    struct stat status {};
    if (::stat(absolute->c_str(), &status) != 0 || !S_ISDIR(status.st_mode)) {
        return failure(ErrorCode::NotFound, directory + " is no directory");
    }
    if (configuration.store_url.compare(0, kSqliteScheme.size(), kSqliteScheme) != 0) {
        return failure(ErrorCode::Unsupported, "unknown store " + configuration.store_url,
                       "sqlite:FILE is the only kind");
    }
    Home home;
    home.directory = *absolute;
    home.state = path_below(home.directory, configuration.state);
    home.tasks = path_below(home.directory, configuration.tasks);
    for (const std::string& crontab : configuration.crontabs) {
        home.crontabs.push_back(path_below(home.directory, crontab));
    }
    home.store = path_below(home.state, configuration.store_url.substr(kSqliteScheme.size()));
    home.delete_journal = configuration.delete_journal;
    if (!configuration.log.file.empty()) home.log = path_below(home.state, configuration.log.file);
    return home;
}

SqliteStoreOptions store_options(const Home& home) {
    return {.path = home.store, .allow_network_disk = home.delete_journal};
}

void prepare_state_directory(const Home& home) {
    const auto refuse = [&home](const char* what, int error) {
        throw StorageError(error == ENOSPC || error == EDQUOT || error == EIO
                               ? StorageError::Kind::Full
                               : StorageError::Kind::Other,
                           home.state + ": " + what + ": " + refusal_text(home.state, error));
    };
    if (::mkdir(home.state.c_str(), 0700) != 0 && errno != EEXIST) {
        refuse("can't make the state directory", errno);
    }
    if (::access(home.state.c_str(), R_OK | W_OK | X_OK) != 0) {
        refuse("can't write to the state directory", errno);
    }
}

}  // namespace periodic
