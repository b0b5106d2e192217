#include "store/sqlite/disk.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <fstream>
#include <sstream>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "base/files.hpp"
#include "periodic/error.hpp"

namespace periodic::sqlite {
namespace {

constexpr std::int64_t kFuse = 0x65735546;

// f_type of statfs(2), as linux/magic.h and the file systems' own sources have it.
constexpr std::array<std::pair<std::int64_t, std::string_view>, 14> kNetworkTypes{{
    {0x6969, "NFS"},
    {0xFF534D42, "CIFS"},
    {0xFE534D42, "SMB2"},
    {0x517B, "SMB"},
    {0x564C, "NCP"},
    {0x01021997, "9p"},
    {0x00C36400, "Ceph"},
    {0x0BD00BD0, "Lustre"},
    {0x01161970, "GFS2"},
    {0x7461636F, "OCFS2"},
    {0x5346414F, "AFS"},
    {0x6B414653, "kAFS"},
    {0x73757245, "Coda"},
    {0x47504653, "GPFS"},
}};

// The type of the mount that a directory is on, from /proc; empty if it can't be told.
std::string mount_type(const std::string& directory) {
    struct stat status {};
    if (stat(directory.c_str(), &status) != 0) return {};
    const std::string device =
        std::to_string(major(status.st_dev)) + ':' + std::to_string(minor(status.st_dev));
    std::ifstream mounts("/proc/self/mountinfo");
    for (std::string line; std::getline(mounts, line);) {
        std::istringstream fields(line);
        std::string id;
        std::string parent;
        std::string mounted;
        fields >> id >> parent >> mounted;
        const auto dash = line.find(" - ");
        if (mounted != device || dash == std::string::npos) continue;
        return line.substr(dash + 3, line.find(' ', dash + 3) - dash - 3);
    }
    return {};
}

[[noreturn]] void fail(const std::string& doing, const std::string& path, int error) {
    const bool full = error == ENOSPC || error == EDQUOT || error == EIO;
    throw StorageError(
        full ? StorageError::Kind::Full : StorageError::Kind::Other,
        "can't " + doing + ' ' + path + ": " + std::generic_category().message(error));
}

// Gives a file its name unless that is taken.
void publish(const std::string& from, const std::string& to) {
    if (renameat2(AT_FDCWD, from.c_str(), AT_FDCWD, to.c_str(), RENAME_NOREPLACE) == 0) return;
    int error = errno;
    if (error == EINVAL || error == ENOSYS) {  // a file system without this kind of rename
        error = link(from.c_str(), to.c_str()) == 0 ? 0 : errno;
    }
    unlink(from.c_str());
    if (error != 0 && error != EEXIST) fail("make the store", to, error);
}

// A database has a page at least. SQLite takes an empty file for a new one.
void refuse_if_cut(const std::string& path, const struct stat& status) {
    constexpr off_t kSmallestPage = 512;
    if (!S_ISREG(status.st_mode) || status.st_size >= kSmallestPage) return;
    throw StorageError(StorageError::Kind::Corrupt,
                       "the store " + path + " has been cut to " + std::to_string(status.st_size) +
                           " bytes, its jobs are lost: put a backup in its place, or remove it to "
                           "begin with an empty one");
}

}  // namespace

std::string_view network_file_system(std::int64_t type) noexcept {
    const auto* const found =
        std::find_if(kNetworkTypes.begin(), kNetworkTypes.end(),
                     [type](const auto& known) { return known.first == (type & 0xFFFFFFFF); });
    return found == kNetworkTypes.end() ? std::string_view() : found->second;
}

bool is_remote_fuse(std::string_view type) noexcept {
    return type.starts_with("fuse") && type != "fuseblk" && type != "fuse.fuse-overlayfs" &&
           type != "fuse.lxcfs";
}

void refuse_network_disk(const std::string& database_path) {
    const std::string directory = directory_of(database_path);
    struct statfs disk {};
    if (statfs(directory.c_str(), &disk) != 0) fail("use the directory", directory, errno);
    std::string name(network_file_system(disk.f_type));
    if (name.empty() && disk.f_type == kFuse) {
        const std::string type = mount_type(directory);
        if (is_remote_fuse(type)) name = type;
    }
    if (name.empty()) return;
    throw StorageError(StorageError::Kind::NetworkDisk,
                       "the store can't be kept in " + directory +
                           ", which is on a network disk (" + name +
                           "): let <state> name a directory on a local disk, or set " +
                           "<store journal=\"delete\"/> if only one machine ever uses it");
}

void make_private_file(const std::string& path,
                       const std::function<void(const std::string&)>& fill) {
    // Asked first: whoever makes the store at this moment makes its log later.
    const bool has_log = RememberedFile(path + "-wal").size() > 0;
    struct stat status {};
    if (stat(path.c_str(), &status) == 0) return refuse_if_cut(path, status);
    if (errno != ENOENT) fail("use the store", path, errno);
    if (has_log) {
        throw StorageError(StorageError::Kind::Corrupt,
                           "the store " + path + " is gone, but its log " + path +
                               "-wal is there: put the store back, from a backup if need be, or "
                               "remove the log to begin with an empty store");
    }
    std::string temporary = path + ".XXXXXX";
    const int file = mkostemp(temporary.data(), O_CLOEXEC);
    if (file < 0) fail("make the store", path, errno);
    const int error = fchmod(file, S_IRUSR | S_IWUSR) == 0 ? 0 : errno;
    close(file);
    if (error != 0) {
        unlink(temporary.c_str());
        fail("make the store", path, error);
    }
    try {
        fill(temporary);
    } catch (...) {  // on a full disk, mostly
        unlink(temporary.c_str());
        unlink((temporary + "-journal").c_str());
        throw;
    }
    publish(temporary, path);
}

RememberedFile::RememberedFile(std::string path) : path_(std::move(path)) {
    struct stat status {};
    if (stat(path_.c_str(), &status) != 0) return;
    device_ = status.st_dev;
    inode_ = status.st_ino;
}

bool RememberedFile::replaced() const noexcept {
    if (inode_ == 0) return false;
    struct stat status {};
    if (stat(path_.c_str(), &status) != 0) return errno == ENOENT;
    return status.st_dev != device_ || status.st_ino != inode_;
}

std::int64_t RememberedFile::size() const noexcept {
    struct stat status {};
    return stat(path_.c_str(), &status) == 0 ? status.st_size : 0;
}

}  // namespace periodic::sqlite
