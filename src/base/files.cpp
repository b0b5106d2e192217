#include "base/files.hpp"

#include <array>
#include <cerrno>
#include <cstdlib>
#include <memory>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/descriptor.hpp"
#include "base/file_owner.hpp"

namespace periodic {
namespace {

Failure file_failure(ErrorCode code, const std::string& path, std::string message,
                     std::string hint = {}) {
    Error error;
    error.code = code;
    error.message = std::move(message);
    error.hint = std::move(hint);
    error.file = path;
    return Failure(std::move(error));
}

Failure system_failure(const std::string& path, const std::string& what, int error) {
    return file_failure(error == ENOENT || error == ENOTDIR ? ErrorCode::NotFound : ErrorCode::Io,
                        path, what + ": " + refusal_text(path, error));
}

[[noreturn]] void throw_system_error(const std::string& what) {
    throw std::system_error(errno, std::generic_category(), what);
}

void write_all(int fd, std::string_view text, const std::string& path) {
    while (!text.empty()) {
        const ssize_t written = ::write(fd, text.data(), text.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) throw_system_error("can't write " + path);
        text.remove_prefix(static_cast<std::size_t>(written));
    }
}

// Makes the new name survive a power cut. A file system that can't sync directories is no error.
void sync_directory(const std::string& path) {
    const Descriptor directory(
        ::open(directory_of(path).c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (directory) ::fsync(directory.get());
}

// Removes the temporary file unless it was put in its place.
class TemporaryFile {
public:
    explicit TemporaryFile(const std::string& beside) : path_(beside + ".XXXXXX") {
        fd_.reset(::mkostemp(path_.data(), O_CLOEXEC));
        if (!fd_) throw_system_error("can't make a file beside " + beside);
    }
    TemporaryFile(const TemporaryFile&) = delete;
    TemporaryFile& operator=(const TemporaryFile&) = delete;
    ~TemporaryFile() {
        if (!path_.empty()) ::unlink(path_.c_str());
    }

    [[nodiscard]] int fd() const noexcept { return fd_.get(); }
    void move_to(const std::string& path) {
        if (::rename(path_.c_str(), path.c_str()) != 0) throw_system_error("can't replace " + path);
        path_.clear();
    }

private:
    std::string path_;
    Descriptor fd_;
};

Result<Descriptor> open_regular(const std::string& path) {
    // Without O_NONBLOCK a named pipe would block until somebody writes.
    Descriptor file(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
    if (!file) return system_failure(path, "can't read it", errno);
    struct stat status {};
    if (::fstat(file.get(), &status) != 0) return system_failure(path, "can't read it", errno);
    if (S_ISDIR(status.st_mode)) {
        return file_failure(ErrorCode::Invalid, path, "it is a directory, not a file");
    }
    if (!S_ISREG(status.st_mode))
        return file_failure(ErrorCode::Invalid, path, "it is no regular file");
    return file;
}

Result<std::string> read_opened(const Descriptor& file, const std::string& path,
                                std::uint64_t most) {
    std::string text;
    struct stat status {};
    if (::fstat(file.get(), &status) == 0 && std::cmp_less_equal(status.st_size, most))
        text.reserve(static_cast<std::size_t>(status.st_size));
    std::array<char, 16384> buffer{};
    while (text.size() <= most) {
        const ssize_t got = ::read(file.get(), buffer.data(), buffer.size());
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) return system_failure(path, "can't read it", errno);
        if (got == 0) return text;
        text.append(buffer.data(), static_cast<std::size_t>(got));
    }
    return file_failure(ErrorCode::Invalid, path,
                        "it is larger than " + std::to_string(most) + " bytes");
}

}  // namespace

std::string directory_of(const std::string& path) {
    const std::size_t slash = path.rfind('/');
    if (slash == std::string::npos) return ".";
    return slash == 0 ? "/" : path.substr(0, slash);
}

Result<std::string> read_file(const std::string& path, std::uint64_t most) {
    const auto file = open_regular(path);
    if (!file) return Failure(file.error());
    return read_opened(*file, path, most);
}

bool is_safe_as_opened(int file, const std::string& path) {
    struct stat opened {};
    struct stat named {};
    if (::fstat(file, &opened) != 0 || ::stat(path.c_str(), &named) != 0) return false;
    return opened.st_dev == named.st_dev && opened.st_ino == named.st_ino && opened.st_uid == 0 &&
           (opened.st_mode & (S_IWGRP | S_IWOTH)) == 0;
}

Result<std::string> read_safe_file(const std::string& path, std::uint64_t most) {
    if (::geteuid() != 0) return read_file(path, most);
    // An editor of root's may replace it between the looks; nobody does so all the time.
    constexpr int kTries = 10;
    for (int attempt = 0; attempt < kTries; ++attempt) {
        const auto file = open_regular(path);
        if (!file) return Failure(file.error());
        if (auto safe = check_safe_to_execute(path); !safe) return Failure(safe.error());
        if (is_safe_as_opened(file->get(), path)) return read_opened(*file, path, most);
    }
    return file_failure(ErrorCode::Unsafe, path,
                        "refused, as somebody replaces it again and again");
}

void write_file_atomically(const std::string& path, std::string_view text) {
    TemporaryFile file(path);
    write_all(file.fd(), text, path);
    if (::fsync(file.fd()) != 0) throw_system_error("can't write " + path);
    file.move_to(path);
    sync_directory(path);
}

Result<std::string> real_path(const std::string& path) {
    struct Free {
        void operator()(char* text) const noexcept { std::free(text); }
    };
    const std::unique_ptr<char, Free> resolved(::realpath(path.c_str(), nullptr));
    if (!resolved) return system_failure(path, "can't find it", errno);
    return std::string(resolved.get());
}

std::string path_below(const std::string& base, const std::string& path) {
    if (path.empty()) return base;
    if (path.front() == '/') return path;
    return base.empty() || base.back() == '/' ? base + path : base + '/' + path;
}

}  // namespace periodic
