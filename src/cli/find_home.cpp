#include "cli/find_home.hpp"

#include <cstdlib>
#include <filesystem>
#include <system_error>
#include <vector>

#include <pwd.h>
#include <unistd.h>

#include "base/files.hpp"

namespace periodic::cli {
namespace {

namespace fs = std::filesystem;

std::string variable(const char* name) {
    const char* value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): nobody sets it
    return value == nullptr ? std::string() : std::string(value);
}

std::string absolute(const fs::path& path) {
    std::error_code problem;
    fs::path result = fs::absolute(path, problem).lexically_normal();
    if (problem) result = path;
    if (!result.has_filename() && result.has_relative_path()) result = result.parent_path();
    return result.string();
}

Result<std::string> directory(const std::string& path, const std::string& said_by) {
    std::error_code problem;
    if (fs::is_directory(path, problem)) return absolute(path);
    const std::string reason = problem ? problem.message() : "Not a directory";
    return failure(ErrorCode::Usage, said_by + " '" + path + "' is no directory: " + reason,
                   "'periodic init DIR' makes a home");
}

// HOME, else what the system's list of users says; cron's environment always has the first.
std::string user_directory() {
    if (std::string home = variable("HOME"); !home.empty()) return home;
    const passwd* user = getpwuid(getuid());  // NOLINT(concurrency-mt-unsafe): one thread
    return user == nullptr ? std::string() : std::string(user->pw_dir);
}

}  // namespace

Result<std::string> find_home(const std::optional<std::string>& given) {
    if (given) return directory(*given, "the home (-C)");
    if (const std::string named = variable("PERIODIC_HOME"); !named.empty()) {
        return directory(named, "the home ($PERIODIC_HOME)");
    }
    std::error_code ignored;
    if (fs::exists("periodic.xml", ignored) || fs::exists("crontab", ignored)) return absolute(".");
    const std::string standard = user_directory() + "/.config/periodic";
    if (fs::is_directory(standard, ignored)) return absolute(standard);
    return failure(
        ErrorCode::Usage,
        "no home: neither -C nor $PERIODIC_HOME is given, the current directory holds no "
        "periodic.xml or crontab, and " +
            standard + " does not exist",
        "'periodic init DIR' makes a home; 'periodic -C DIR ...' uses it");
}

Result<void> check_is_home(const std::string& directory, const Configuration& configuration) {
    if (!configuration.file.empty()) return {};
    std::vector<std::string> parts{configuration.state, configuration.tasks};
    parts.insert(parts.end(), configuration.crontabs.begin(), configuration.crontabs.end());
    for (const std::string& part : parts) {
        std::error_code ignored;  // what can't be looked at may be there
        const auto status = fs::symlink_status(path_below(directory, part), ignored);
        if (status.type() != fs::file_type::not_found) return {};
    }
    return failure(ErrorCode::Usage,
                   directory + " is no home: no periodic.xml, crontab, tasks or var is in it",
                   "'periodic init " + directory + "' makes it one");
}

}  // namespace periodic::cli
