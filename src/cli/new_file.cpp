#include "cli/new_file.hpp"

#include <cerrno>
#include <system_error>

#include <fcntl.h>
#include <unistd.h>

namespace periodic::cli {

Failure cannot_write(const std::filesystem::path& path) {
    return failure(ErrorCode::Io,
                   path.string() + " can't be written: " + std::generic_category().message(errno));
}

Result<void> write_new_file(const std::string& path, std::string_view content) {
    const int file = ::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    if (file < 0 && errno == EEXIST) {
        return failure(ErrorCode::Conflict, path + " is there already; it was not changed");
    }
    if (file < 0) return cannot_write(path);
    while (!content.empty()) {
        const ssize_t written = ::write(file, content.data(), content.size());
        if (written < 0 && errno == EINTR) continue;
        if (written < 0) {
            const auto problem = cannot_write(path);
            ::close(file);
            ::unlink(path.c_str());  // half a file would be in the way of the next try
            return problem;
        }
        content.remove_prefix(static_cast<std::size_t>(written));
    }
    return ::close(file) == 0 ? Result<void>() : Result<void>(cannot_write(path));
}

Result<void> make_directories(const std::filesystem::path& path) {
    std::error_code problem;
    std::filesystem::create_directories(path, problem);
    if (!problem && std::filesystem::is_directory(path, problem)) return {};
    return failure(ErrorCode::Io, path.string() + " can't be made: " +
                                      (problem ? problem.message() : "it is no directory"));
}

}  // namespace periodic::cli
