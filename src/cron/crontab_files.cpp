/// Crontab::read: files and directories.

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <system_error>

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
        return add_unreadable(path, "there is no such crontab",
                              "make it, or name another one with <crontab> in periodic.xml");
    }
    if (!error && status.type() != fs::file_type::regular) {
        return add_unreadable(path, "this is not a regular file", "a crontab is a text file");
    }
    std::ifstream file(path, std::ios::binary);
    if (error || !file) {
        const std::error_code why = error ? error : std::error_code(errno, std::generic_category());
        return add_unreadable(path, "the crontab cannot be read: " + why.message(),
                              "check its owner and its mode");
    }
    const std::uintmax_t size = fs::file_size(path, error);
    if (!error && size > kLargestFile) {
        return add_unreadable(path, "the crontab is larger than 64 MiB",
                              "split it into several files");
    }
    std::string text(error ? 0 : static_cast<std::size_t>(size), '\0');
    file.read(text.data(), static_cast<std::streamsize>(text.size()));
    if (file.bad() || error) {
        return add_unreadable(path, "the crontab cannot be read to its end", "check its disk");
    }
    text.resize(static_cast<std::size_t>(file.gcount()));
    add_owned(std::move(text), path, zone);
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
