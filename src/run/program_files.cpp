#include "run/program_files.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <system_error>

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

}  // namespace

ProgramFiles::ProgramFiles(const std::string& directory, std::string_view parameters_json,
                           const std::optional<ProcessUser>& user)
    : directory_(directory + '/' + kPrefix + "XXXXXX"), user_(user) {
    if (::mkdtemp(directory_.data()) == nullptr) fail(directory_);
    try {
        make(parameters(), parameters_json);
        make(response(), {});
        make(output(), {});
        // Last: from here on the user may do in there what he likes.
        if (user_ && ::chown(directory_.c_str(), user_->uid, user_->gid) != 0) fail(directory_);
    } catch (...) {  // the destructor will not run
        remove();
        throw;
    }
}

ProgramFiles::~ProgramFiles() {
    remove();
}

void ProgramFiles::remove() noexcept {
    std::error_code ignored;  // the next start clears what is left
    std::filesystem::remove_all(directory_, ignored);
}

void ProgramFiles::make(const std::string& path, std::string_view content) const {
    const Descriptor file(::open(path.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600));
    if (!file) fail(path);
    while (!content.empty()) {
        const ssize_t size = ::write(file.get(), content.data(), content.size());
        if (size < 0 && errno == EINTR) continue;
        if (size < 0) fail(path);
        content.remove_prefix(static_cast<std::size_t>(size));
    }
    if (user_ && ::fchown(file.get(), user_->uid, user_->gid) != 0) fail(path);
}

ProgramText ProgramFiles::read_response() const {
    return read(response(), kLongestResponse);
}
ProgramText ProgramFiles::read_output() const {
    return read(output(), kLongestOutput);
}

ProgramText ProgramFiles::read(const std::string& path, std::size_t limit) const {
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
    result.text.resize(std::min<std::size_t>(static_cast<std::size_t>(status.st_size), limit));
    std::size_t size = 0;
    while (size < result.text.size()) {
        const ssize_t got =
            ::read(file.get(), result.text.data() + size, result.text.size() - size);
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
    for (; entry != std::filesystem::directory_iterator{}; entry.increment(ignored))
        if (entry->path().filename().string().starts_with(kPrefix))
            std::filesystem::remove_all(entry->path(), ignored);
}

}  // namespace periodic
