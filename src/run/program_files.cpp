#include "run/program_files.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <system_error>
#include <utility>

#include <dirent.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/descriptor.hpp"

namespace periodic {
namespace {

constexpr const char* kPrefix = "program-";

[[noreturn]] void fail(const std::string& path) {
    throw std::system_error(errno, std::generic_category(), "cannot make " + path);
}

std::string place_for(const std::string& directory, bool is_elsewhere) {
    return (is_elsewhere ? std::filesystem::temp_directory_path().string() : directory) + '/' +
           kPrefix + "XXXXXX";
}

bool write_all(int file, std::string_view content) {
    while (!content.empty()) {
        const ssize_t size = ::write(file, content.data(), content.size());
        if (size < 0 && errno == EINTR) continue;
        if (size < 0) return false;
        content.remove_prefix(static_cast<std::size_t>(size));
    }
    return true;
}

}  // namespace

ProgramFiles::ProgramFiles(const std::string& directory, std::string_view parameters_json,
                           const std::optional<ProcessUser>& user)
    : directory_(place_for(directory, user.has_value())), user_(user) {
    if (::mkdtemp(directory_.data()) == nullptr) fail(directory_);
    try {
        if (user_) {
            link_ = directory + directory_.substr(directory_.rfind('/'));
            if (::symlink(directory_.c_str(), link_.c_str()) != 0) fail(link_);
        }
        parameters_inode_ = make(parameters(), parameters_json);
        response_inode_ = make(response(), {});
        output_inode_ = make(output(), {});
        // Last: from here on the user may do in there what he likes.
        if (user_ && ::chown(directory_.c_str(), user_->uid, user_->gid) != 0) fail(directory_);
    } catch (...) {  // the destructor will not run
        remove();
        throw;
    }
}

ProgramFiles::ProgramFiles(ProgramFiles&& other) noexcept
    : directory_(std::exchange(other.directory_, {})),
      link_(std::exchange(other.link_, {})),
      user_(std::move(other.user_)),
      parameters_inode_(other.parameters_inode_),
      response_inode_(other.response_inode_),
      output_inode_(other.output_inode_) {}

ProgramFiles::~ProgramFiles() {
    remove();
}

void ProgramFiles::remove() noexcept {
    if (directory_.empty()) return;
    std::error_code ignored;  // the next start clears what is left
    std::filesystem::remove_all(directory_, ignored);
    if (!link_.empty()) std::filesystem::remove(link_, ignored);
}

ino_t ProgramFiles::make(const std::string& path, std::string_view content) const {
    const Descriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    struct stat made {};
    if (!file || ::fstat(file.get(), &made) != 0) fail(path);
    if (!write_all(file.get(), content)) fail(path);
    if (user_ && ::fchown(file.get(), user_->uid, user_->gid) != 0) fail(path);
    return made.st_ino;
}

bool ProgramFiles::renew(std::string_view parameters_json) const {
    if (user_ || !is_as_made()) return false;
    const Descriptor file(::open(parameters().c_str(), O_WRONLY | O_NOFOLLOW | O_CLOEXEC));
    if (!file || !write_all(file.get(), parameters_json)) return false;
    // Cut behind what was written, not before: emptying a file makes its file system flush it.
    return ::ftruncate(file.get(), static_cast<off_t>(parameters_json.size())) == 0;
}

// Nothing but the three files, each the one that was made, for its owner alone and empty but for
// the parameters.
bool ProgramFiles::is_as_made() const {
    const std::unique_ptr<DIR, int (*)(DIR*)> entries(::opendir(directory_.c_str()), &::closedir);
    if (!entries) return false;
    int count = 0;
    // NOLINTNEXTLINE(concurrency-mt-unsafe): a stream of this thread alone
    while (const dirent* entry = ::readdir(entries.get())) {
        const std::string_view name = entry->d_name;
        if (name == "." || name == "..") continue;
        const bool is_parameters = name == "parameters.json";
        const ino_t inode = is_parameters        ? parameters_inode_
                            : name == "response" ? response_inode_
                            : name == "output"   ? output_inode_
                                                 : 0;
        struct stat found {};
        if (::fstatat(::dirfd(entries.get()), entry->d_name, &found, AT_SYMLINK_NOFOLLOW) != 0 ||
            found.st_ino != inode || found.st_mode != (S_IFREG | 0600) || found.st_nlink != 1)
            return false;
        const bool is_empty = found.st_size == 0;
        if (!is_parameters && !is_empty &&
            ::truncate((directory_ + '/' + entry->d_name).c_str(), 0) != 0)
            return false;
        ++count;
    }
    return count == 3;
}

ProgramFiles ProgramFilesStock::take(const std::string& directory, std::string_view parameters_json,
                                     const std::optional<ProcessUser>& user) {
    while (!user) {
        std::optional<ProgramFiles> used;
        {
            const std::lock_guard lock(mutex_);
            if (free_.empty()) break;
            used.emplace(std::move(free_.back()));
            free_.pop_back();
        }
        if (used->renew(parameters_json)) return std::move(*used);
    }
    return {directory, parameters_json, user};
}

void ProgramFilesStock::give_back(ProgramFiles files, const std::optional<ProcessUser>& user) {
    if (user) return;
    const std::lock_guard lock(mutex_);
    free_.push_back(std::move(files));
}

ProgramText ProgramFiles::read_response(std::size_t from) const {
    return read(response(), from, kLongestResponse);
}
ProgramText ProgramFiles::read_output() const {
    return read(output(), 0, kLongestOutput);
}

std::size_t ProgramFiles::size_of(const std::string& path) {
    struct stat status {};
    const bool is_file = ::lstat(path.c_str(), &status) == 0 && S_ISREG(status.st_mode);
    return is_file ? static_cast<std::size_t>(status.st_size) : 0;
}

ProgramText ProgramFiles::read(const std::string& path, std::size_t from, std::size_t limit) const {
    struct stat quick {};
    const bool is_file = ::lstat(path.c_str(), &quick) == 0 && S_ISREG(quick.st_mode);
    // Most programs say nothing here.
    if (is_file && std::cmp_less_equal(quick.st_size, from)) return {};
    // The program may have put anything in its place: a link to a secret, a pipe that blocks.
    const Descriptor file(::open(path.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
    if (!file) {
        if (errno == ENOENT) return {};
        return {{}, path + " can't be read: " + std::generic_category().message(errno)};
    }
    struct stat status {};
    const uid_t owner = user_ ? user_->uid : ::geteuid();
    if (::fstat(file.get(), &status) != 0 || !S_ISREG(status.st_mode) || status.st_uid != owner ||
        status.st_nlink > 1)
        return {{}, path + " is no file of the program's user any more"};
    ProgramText result;
    const std::size_t end = std::min<std::size_t>(static_cast<std::size_t>(status.st_size), limit);
    result.text.resize(end - std::min(from, end));
    std::size_t size = 0;
    while (size < result.text.size()) {
        const ssize_t got = ::pread(file.get(), result.text.data() + size,
                                    result.text.size() - size, static_cast<off_t>(from + size));
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) result.problem = path + ": " + std::generic_category().message(errno);
        if (got <= 0) break;
        size += static_cast<std::size_t>(got);
    }
    result.text.resize(size);
    if (static_cast<std::size_t>(status.st_size) > limit)
        result.problem = path + " is longer than " + std::to_string(limit) + " bytes: cut there";
    return result;
}

void clear_program_files(const std::string& directory) noexcept {
    std::error_code ignored;  // what can't be removed is in nobody's way
    std::filesystem::directory_iterator entry(directory, ignored);
    for (; entry != std::filesystem::directory_iterator{}; entry.increment(ignored)) {
        const std::filesystem::path& path = entry->path();
        if (!path.filename().string().starts_with(kPrefix)) continue;
        const auto elsewhere = std::filesystem::read_symlink(path, ignored);
        if (elsewhere.filename() == path.filename())
            std::filesystem::remove_all(elsewhere, ignored);
        std::filesystem::remove_all(path, ignored);
    }
}

}  // namespace periodic
