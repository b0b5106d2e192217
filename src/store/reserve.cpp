#include "store/reserve.hpp"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

namespace periodic {
namespace {

constexpr off_t kReserved = off_t{1} << 20U;

}  // namespace

void Reserve::restore() noexcept {
    struct stat there {};
    if (::lstat(path_.c_str(), &there) == 0 && S_ISREG(there.st_mode) &&
        there.st_size >= kReserved) {
        return;
    }
    // What else may stand there, a pipe for one, must hold nobody up.
    const int file =
        ::open(path_.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0600);
    if (file < 0) return;
    const bool allocated = ::posix_fallocate(file, 0, kReserved) == 0;
    ::close(file);
    // A part of it would only take away what others need now.
    if (!allocated) give_up();
}

void Reserve::give_up() noexcept {
    ::unlink(path_.c_str());
}

}  // namespace periodic
