#include <cerrno>
#include <system_error>
#include <vector>

#include <grp.h>
#include <pwd.h>
#include <unistd.h>

#include "periodic/process_launcher.hpp"

namespace periodic {
namespace {

// All groups of a user; their number is asked for until it fits.
std::vector<std::uint32_t> groups_of(const char* name, gid_t gid) {
    std::vector<std::uint32_t> groups(32);
    for (;;) {
        auto count = static_cast<int>(groups.size());
        if (::getgrouplist(name, gid, groups.data(), &count) >= 0) {
            groups.resize(static_cast<std::size_t>(count));
            return groups;
        }
        groups.resize(std::max(groups.size() * 2, static_cast<std::size_t>(count)));
    }
}

}  // namespace

Result<ProcessUser> find_user(std::string_view name) {
    const std::string wanted(name);
    std::vector<char> buffer(4096);
    passwd entry{};
    passwd* found = nullptr;
    int error = 0;
    while ((error = ::getpwnam_r(wanted.c_str(), &entry, buffer.data(), buffer.size(), &found)) ==
           ERANGE)
        buffer.resize(buffer.size() * 2);
    if (found == nullptr)
        return failure(ErrorCode::Usage, "there is no user " + wanted,
                       error == 0 ? "" : std::generic_category().message(error));
    ProcessUser user;
    user.uid = entry.pw_uid;
    user.gid = entry.pw_gid;
    user.groups = groups_of(entry.pw_name, entry.pw_gid);
    user.name = entry.pw_name;
    user.home = entry.pw_dir;
    user.shell = entry.pw_shell[0] == '\0' ? "/bin/sh" : entry.pw_shell;
    return user;
}

}  // namespace periodic
