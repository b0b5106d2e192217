// Task files on the disk.

#include "task/task_file.hpp"

#include <algorithm>
#include <cerrno>
#include <memory>
#include <system_error>
#include <utility>

#include <dirent.h>

#include "base/file_owner.hpp"
#include "base/files.hpp"
#include "periodic/task.hpp"
#include "periodic/value.hpp"

namespace periodic {
namespace {

constexpr std::string_view kSuffix = ".xml";

struct CloseDirectory {
    void operator()(DIR* directory) const noexcept { ::closedir(directory); }
};

TaskReading failed(Error error) {
    TaskReading reading;
    reading.problems.push_back({Severity::Error, std::move(error)});
    return reading;
}

Error no_such_task(const std::string& directory, std::string_view name) {
    Error error;
    error.code = ErrorCode::NotFound;
    error.message = "there is no task '" + std::string(name) + "'";
    error.file = directory + '/' + std::string(name) + std::string(kSuffix);
    error.hint = "'periodic tasks' lists them";
    if (const auto names = task_names(directory)) {
        const std::vector<std::string_view> known(names->begin(), names->end());
        const std::string_view near = nearest_word(name, known);
        if (!near.empty()) error.hint = "did you mean '" + std::string(near) + "'?";
    }
    return error;
}

}  // namespace

Error bad_task_name(std::string_view name) {
    Error error;
    error.message = "'" + std::string(name) + "' can't name a task";
    error.hint = "a letter or digit, then letters, digits, '.', '_' or '-', at most 128 in all";
    return error;
}

Error unread_task(const std::string& directory, std::string_view name, Error why) {
    return why.code == ErrorCode::NotFound ? no_such_task(directory, name) : std::move(why);
}

TaskReading read_task_file(const std::string& directory, std::string_view name,
                           const CommandRegistry& commands) {
    if (!is_task_name(name)) return failed(bad_task_name(name));
    std::string file = directory + '/' + std::string(name) + std::string(kSuffix);
    auto text = read_file(file, kLongestTaskFile);
    if (!text) return failed(unread_task(directory, name, std::move(text.error())));
    return read_task(*text, std::string(name), std::move(file), commands);
}

Result<std::vector<std::string>> task_names(const std::string& directory) {
    const std::unique_ptr<DIR, CloseDirectory> listing(::opendir(directory.c_str()));
    if (!listing) {
        Error error;
        error.code = ErrorCode::Io;
        error.message = "can't list it: " + refusal_text(directory, errno);
        error.file = directory;
        return Failure(std::move(error));
    }
    std::vector<std::string> names;
    while (const dirent* const entry = ::readdir(listing.get())) {  // NOLINT(concurrency-mt-unsafe)
        std::string_view name = entry->d_name;
        if (name.size() <= kSuffix.size() || name.substr(name.size() - kSuffix.size()) != kSuffix)
            continue;
        name.remove_suffix(kSuffix.size());
        if (is_task_name(name)) names.emplace_back(name);
    }
    std::sort(names.begin(), names.end());
    return names;
}

}  // namespace periodic
