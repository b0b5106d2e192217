#include "run/lock.hpp"

#include <array>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <poll.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/files.hpp"
#include "base/this_machine.hpp"
#include "periodic/error.hpp"
#include "periodic/time_zone.hpp"

namespace periodic {
namespace {

constexpr std::size_t kOwnerSize = 1024;

std::string error_text(int error) {
    return std::generic_category().message(error);
}

[[noreturn]] void throw_for(const std::string& path, const char* what, int error) {
    const auto kind = error == ENOSPC || error == EDQUOT || error == EIO
                          ? StorageError::Kind::Full
                          : StorageError::Kind::Other;
    throw StorageError(kind, path + ": " + what + ": " + error_text(error));
}

bool is_same_file(int descriptor, const std::string& path) {
    struct stat held {};
    struct stat there {};
    return ::fstat(descriptor, &held) == 0 && ::lstat(path.c_str(), &there) == 0 &&
           held.st_dev == there.st_dev && held.st_ino == there.st_ino;
}

// One `name=value` line for each member; blanks fill the rest, so that a shorter text leaves no
// end of a longer one behind, without a moment at which the file is empty.
std::string format_owner(const LockOwner& owner) {
    std::string text = "pid=" + std::to_string(owner.process.pid) +
                       "\nstart_ticks=" + std::to_string(owner.process.start_ticks) +
                       "\nboot_id=" + owner.process.boot_id + "\nhost=" + owner.host +
                       "\nkind=" + owner.kind + "\ngeneration=" + std::to_string(owner.generation) +
                       "\nsince=" + std::to_string(owner.since.time_since_epoch().count()) +
                       "\nheartbeat=" + std::to_string(owner.heartbeat.time_since_epoch().count()) +
                       "\n# held since " + format_rfc3339(owner.since) + ", heartbeat " +
                       format_rfc3339(owner.heartbeat) + "\n";
    text.resize(kOwnerSize - 1, ' ');
    return text + '\n';
}

std::string_view member(std::string_view text, std::string_view name) {
    for (std::size_t at = 0; at < text.size();) {
        const std::size_t end = std::min(text.find('\n', at), text.size());
        const std::string_view line = text.substr(at, end - at);
        if (line.size() > name.size() && line.substr(0, name.size()) == name &&
            line[name.size()] == '=') {
            return line.substr(name.size() + 1);
        }
        at = end + 1;
    }
    return {};
}

template <class Number>
Number number(std::string_view text) {
    Number value{};
    std::from_chars(text.data(), text.data() + text.size(), value);
    return value;
}

Descriptor open_lock_file(const std::string& path) {
    return Descriptor(::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600));
}

}  // namespace

std::string describe(const LockOwner& owner) {
    return owner.kind + ", pid " + std::to_string(owner.process.pid) + " on " + owner.host +
           ", since " + format_rfc3339(std::chrono::floor<std::chrono::seconds>(owner.since));
}

std::optional<Lock> Lock::try_acquire(const std::string& path) {
    // Somebody may replace the file between opening and locking it: then look again.
    for (int round = 0; round < 100; ++round) {
        Descriptor file = open_lock_file(path);
        if (!file) throw_for(path, "can't open the lock file", errno);
        if (::flock(file.get(), LOCK_EX | LOCK_NB) != 0) {
            if (errno == EWOULDBLOCK) return std::nullopt;
            throw_for(path, "can't lock the file", errno);
        }
        if (is_same_file(file.get(), path)) return Lock(path, std::move(file));
    }
    throw StorageError(StorageError::Kind::Other,
                       path + ": the lock file is replaced all the time");
}

std::optional<LockOwner> Lock::read_owner(const std::string& path) {
    const int descriptor = ::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK);
    if (descriptor < 0) return std::nullopt;
    std::array<char, kOwnerSize> buffer{};
    const ssize_t size = ::pread(descriptor, buffer.data(), buffer.size(), 0);
    ::close(descriptor);
    if (size <= 0) return std::nullopt;
    const std::string_view text(buffer.data(), static_cast<std::size_t>(size));
    LockOwner owner;
    owner.process.pid = number<std::int64_t>(member(text, "pid"));
    owner.process.start_ticks = number<std::uint64_t>(member(text, "start_ticks"));
    owner.process.boot_id = member(text, "boot_id");
    owner.host = member(text, "host");
    owner.kind = member(text, "kind");
    owner.generation = number<std::int64_t>(member(text, "generation"));
    owner.since = Time(std::chrono::milliseconds(number<std::int64_t>(member(text, "since"))));
    owner.heartbeat =
        Time(std::chrono::milliseconds(number<std::int64_t>(member(text, "heartbeat"))));
    if (owner.process.pid <= 0) return std::nullopt;
    return owner;
}

Lock::Lock(std::string path, Descriptor file)
    : path_(std::move(path)),
      file_(std::move(file)),
      directory_(::open(directory_of(path_).c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC)) {}

void Lock::write_owner(const LockOwner& owner) noexcept {
    owner_ = owner;
    const std::string text = format_owner(owner);
    // A full disk may refuse this; what people read in the file is then older than it could be.
    (void)!::pwrite(file_.get(), text.data(), text.size(), 0);
}

bool Lock::is_in_its_directory() const {
    struct stat held {};
    struct stat there {};
    if (!directory_ || ::fstat(directory_.get(), &held) != 0) return true;  // it is not known
    return ::stat(directory_of(path_).c_str(), &there) == 0 && held.st_dev == there.st_dev &&
           held.st_ino == there.st_ino;
}

bool Lock::heal() {
    if (!is_in_its_directory()) return false;
    if (is_same_file(file_.get(), path_)) return true;
    Descriptor fresh = open_lock_file(path_);
    // Where another process made the file first it will find this one alive in the store, and give
    // the lock up.
    if (!fresh || ::flock(fresh.get(), LOCK_EX | LOCK_NB) != 0 ||
        !is_same_file(fresh.get(), path_)) {
        return false;
    }
    file_ = std::move(fresh);
    write_owner(owner_);
    return true;
}

bool end_owner(const LockOwner& owner, std::chrono::seconds patience) {
    if (owner.host != this_host() || owner.process.boot_id != this_boot_id()) return false;
    const int handle =
        static_cast<int>(::syscall(SYS_pidfd_open, static_cast<pid_t>(owner.process.pid), 0U));
    if (handle < 0) return errno == ESRCH;
    // The handle is taken first, so that what is compared is what will be killed.
    bool gone = !is_alive(owner.process);
    if (!gone && ::syscall(SYS_pidfd_send_signal, handle, SIGKILL, nullptr, 0U) == 0) {
        pollfd wait{.fd = handle, .events = POLLIN, .revents = 0};
        const auto limit = std::chrono::duration_cast<std::chrono::milliseconds>(patience).count();
        gone = ::poll(&wait, 1, static_cast<int>(limit)) == 1;
    }
    ::close(handle);
    return gone;
}

}  // namespace periodic
