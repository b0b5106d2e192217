#include "base/file_owner.hpp"

#include <cerrno>
#include <system_error>
#include <vector>

#include <pwd.h>
#include <sys/stat.h>

namespace periodic {

std::string user_name(uid_t uid) {
    std::vector<char> buffer(4096);
    passwd entry{};
    passwd* found = nullptr;
    while (::getpwuid_r(uid, &entry, buffer.data(), buffer.size(), &found) == ERANGE)
        buffer.resize(buffer.size() * 2);
    return found == nullptr ? "user " + std::to_string(uid) : std::string(entry.pw_name);
}

std::string owner_note(const std::string& path) {
    std::string at = path;
    struct stat status {};
    while (::stat(at.c_str(), &status) != 0) {
        const std::size_t slash = at.find_last_of('/');
        if (slash == std::string::npos) return {};
        at.resize(slash == 0 && at.size() > 1 ? 1 : slash);
    }
    return at + " belongs to " + user_name(status.st_uid);
}

std::string refusal_text(const std::string& path, int error) {
    std::string text = std::generic_category().message(error);
    if (error != EACCES && error != EPERM) return text;
    const std::string owner = owner_note(path);
    return owner.empty() ? text : text + " (" + owner + ')';
}

}  // namespace periodic
