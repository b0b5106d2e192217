#pragma once

/// @file
/// What the fs commands share: entries of directories, held by descriptor.
///
/// A path that a task names is resolved once, as any program would. What is below it is reached by
/// descriptor and base name alone, and links are never followed there, so that nobody who may write
/// in the tree can lead a command out of it, however fast they swap a directory for a link.

#include <functional>
#include <string>
#include <string_view>
#include <utility>

#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

#include "periodic/error.hpp"

namespace periodic::commands {

/// Owns a file descriptor, or none (-1).
class Handle {
public:
    Handle() = default;
    explicit Handle(int fd) noexcept : fd_(fd) {}
    Handle(Handle&& other) noexcept : fd_(std::exchange(other.fd_, -1)) {}
    Handle& operator=(Handle&& other) noexcept {
        std::swap(fd_, other.fd_);
        return *this;
    }
    Handle(const Handle&) = delete;
    Handle& operator=(const Handle&) = delete;
    ~Handle() {
        if (fd_ >= 0) ::close(fd_);
    }

    [[nodiscard]] int get() const noexcept { return fd_; }
    [[nodiscard]] int release() noexcept { return std::exchange(fd_, -1); }
    [[nodiscard]] explicit operator bool() const noexcept { return fd_ >= 0; }

private:
    int fd_ = -1;
};

/// A name in an open directory. Views a descriptor that the caller keeps open.
struct Entry {
    int directory = -1;
    std::string name{};
    std::string path{};  ///< for messages, as the task wrote it

    /// The entry `base_name` of the directory that this entry is, open as `opened`.
    [[nodiscard]] Entry child(int opened, const std::string& base_name) const {
        return {opened, base_name, path + '/' + base_name};
    }
};

/// An entry that keeps its directory open.
struct NamedEntry {
    Handle parent{};
    Entry entry{};
};

/// What a file is, whatever its name.
struct Identity {
    dev_t device = 0;
    ino_t number = 0;

    explicit Identity(const struct stat& status) : device(status.st_dev), number(status.st_ino) {}
    friend bool operator==(const Identity&, const Identity&) = default;
};

/// How deep a tree may be nested: up to three descriptors are open for each level, and other jobs
/// of the process need some too.
inline constexpr int kDeepestTree = 200;

/// "no such file or directory" and the like, for an `errno`.
[[nodiscard]] std::string reason(int error);

/// Opens the directory that holds `path`, which is relative to `base`. Trailing slashes don't
/// count; the root is `.` in itself. Error: NotFound or Io, naming the directory.
[[nodiscard]] Result<NamedEntry> find_entry(const std::string& base, const std::string& path);

/// What is wrong with a path that can be neither removed nor moved (empty, the root, ending in `.`
/// or `..`); empty if it is fine.
[[nodiscard]] std::string refused_path(std::string_view path);

/// Calls `visit` with each base name, but for `.` and `..`, until it answers false. `visit` may
/// remove the entry that it was given. Answers an `errno`, 0 if all is well.
[[nodiscard]] int for_each_name(int directory,
                                const std::function<bool(const std::string&)>& visit);

/// Opens a directory without following a link; no handle, with `errno` set, if it is none.
[[nodiscard]] Handle open_directory(const Entry& entry);

}  // namespace periodic::commands
