#include "cli/new_file.hpp"

#include <cerrno>
#include <system_error>

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/file_owner.hpp"

namespace periodic::cli {

Failure cannot_write(const std::filesystem::path& path) {
    return failure(ErrorCode::Io,
                   path.string() + " can't be written: " + refusal_text(path.string(), errno));
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
    std::filesystem::path made;
    for (const auto& part : path) {
        made /= part;
        if (made.empty() || part.empty()) continue;
        // What nobody but its owner may write is fit to be executed from, whatever the umask.
        const int error = ::mkdir(made.c_str(), 0755) == 0 ? 0 : errno;
        std::error_code ignored;
        if (error == 0 || std::filesystem::is_directory(made, ignored)) continue;
        return failure(ErrorCode::Io, path.string() + " can't be made: " +
                                          (error == EEXIST ? made.string() + " is no directory"
                                                           : refusal_text(made.string(), error)));
    }
    return {};
}

}  // namespace periodic::cli
