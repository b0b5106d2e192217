/// Crontab::read: files and directories.

#include <algorithm>
#include <filesystem>
#include <system_error>

#include "base/files.hpp"
#include "periodic/crontab.hpp"

namespace periodic {
namespace {

namespace fs = std::filesystem;

constexpr std::uintmax_t kLargestFile = 64U << 20U;

// What editors and package managers leave in a directory.
bool is_leftover(const std::string& name) {
    return name.starts_with('.') || name.ends_with('~') || name.ends_with(".bak") ||
           name.find(".dpkg-") != std::string::npos;
}

}  // namespace

Crontab Crontab::read(const std::vector<std::string>& paths, const TimeZone& zone) {
    Crontab crontab;
    for (const std::string& path : paths) crontab.add_path(path, zone);
    return crontab;
}

void Crontab::add_path(const std::string& path, const TimeZone& zone) {
    std::error_code error;
    if (!fs::is_directory(path, error)) return add_file(path, zone);
    std::vector<std::string> names;
    fs::directory_iterator it(path, error);
    for (const fs::directory_iterator end; !error && it != end; it.increment(error)) {
        const std::string name = it->path().filename().string();
        std::error_code ignored;
        if (!is_leftover(name) && !it->is_directory(ignored)) names.push_back(it->path().string());
    }
    if (error) {
        return add_unreadable(path, "the directory cannot be read: " + error.message(), "");
    }
    std::sort(names.begin(), names.end());
    for (const std::string& name : names) add_file(name, zone);
}

void Crontab::add_file(const std::string& path, const TimeZone& zone) {
    std::error_code error;
    const fs::file_status status = fs::status(path, error);
    if (status.type() == fs::file_type::not_found) {
        return add_unreadable(
            path, "there is no such crontab",
            "make it, or name another one with <crontab> in periodic.xml; 'periodic init "
            "DIR' makes a whole home");
    }
    if (!error && status.type() != fs::file_type::regular) {
        return add_unreadable(path, "this is not a regular file", "a crontab is a text file");
    }
    if (error) {
        return add_unreadable(path, "the crontab cannot be read: " + error.message(),
                              "check its owner and its mode");
    }
    auto text = read_safe_file(path, kLargestFile);
    if (!text) return add_unread(std::move(text.error()));
    add_owned(std::move(*text), path, zone);
}

void Crontab::add_unread(Error why) {
    if (why.code == ErrorCode::Unsafe) {
        problems_.push_back({Severity::Error, std::move(why)});
        complete_ = false;
    } else if (why.code == ErrorCode::Invalid) {
        add_unreadable(why.file, "the crontab is larger than 64 MiB",
                       "split it into several files");
    } else {
        add_unreadable(why.file, "the crontab cannot be read: " + why.message,
                       "check its owner and its mode");
    }
}

void Crontab::add_unreadable(const std::string& path, std::string message, std::string hint) {
    Error error;
    error.code = ErrorCode::Io;
    error.message = std::move(message);
    error.hint = std::move(hint);
    error.file = path;
    problems_.push_back({Severity::Error, std::move(error)});
    complete_ = false;
}

}  // namespace periodic
