#include "base/file_identity.hpp"

#include <cerrno>
#include <exception>
#include <system_error>
#include <thread>

#include <sys/syscall.h>
#include <unistd.h>

namespace periodic {
namespace {

// The raw calls change one thread; libc's own would change all of them. setfsuid and setfsgid
// answer what was before, also when they failed: asking again tells.
void take_identity(const ProcessUser& user) {
    const auto fail = [&user] {
        throw std::system_error(errno != 0 ? errno : EPERM, std::generic_category(),
                                "can't act as " + user.name);
    };
    if (::syscall(SYS_setgroups, user.groups.size(), user.groups.data()) != 0) fail();
    ::syscall(SYS_setfsgid, user.gid);
    ::syscall(SYS_setfsuid, user.uid);
    errno = 0;
    if (::syscall(SYS_setfsgid, -1) != static_cast<long>(user.gid) ||
        ::syscall(SYS_setfsuid, -1) != static_cast<long>(user.uid)) {
        fail();
    }
}

}  // namespace

void run_as(const ProcessUser& user, const std::function<void()>& work) {
    std::exception_ptr thrown;
    std::thread([&] {
        try {
            take_identity(user);
            work();
        } catch (...) {  // a thread's root: carried over to the caller
            thrown = std::current_exception();
        }
    }).join();
    if (thrown) std::rethrow_exception(thrown);
}

}  // namespace periodic
