#include "base/file_stamp.hpp"

#include <algorithm>
#include <chrono>

#include <sys/stat.h>

namespace periodic {
namespace {

// Longer than the kernel's tick, which times of files are rounded to.
constexpr std::chrono::milliseconds kSettled{100};

std::int64_t nanoseconds(const timespec& time) {
    return std::int64_t{time.tv_sec} * 1'000'000'000 + time.tv_nsec;
}

}  // namespace

std::optional<FileStamp> stamp_of(const std::string& path) {
    const auto now = std::chrono::duration_cast<std::chrono::nanoseconds>(
        std::chrono::system_clock::now().time_since_epoch());
    const auto slash = path.rfind('/');
    const std::string directory = slash == std::string::npos ? "." : path.substr(0, slash + 1);
    struct stat file {};
    struct stat above {};
    if (::stat(path.c_str(), &file) != 0 || ::stat(directory.c_str(), &above) != 0)
        return std::nullopt;
    const FileStamp stamp{.device = file.st_dev,
                          .inode = file.st_ino,
                          .size = file.st_size,
                          .written = nanoseconds(file.st_mtim),
                          .changed = nanoseconds(file.st_ctim),
                          .directory_changed = nanoseconds(above.st_ctim)};
    const std::int64_t latest = std::max(stamp.changed, stamp.directory_changed);
    if (latest > (now - kSettled).count()) return std::nullopt;
    return stamp;
}

}  // namespace periodic
