#include "cli/caller.hpp"

#include <cstdlib>

#include <pwd.h>
#include <unistd.h>

namespace periodic::cli {

std::string caller() {
    const uid_t uid = getuid();
    const passwd* user = getpwuid(uid);  // NOLINT(concurrency-mt-unsafe): one thread
    std::string name = user == nullptr ? "uid " + std::to_string(uid) : std::string(user->pw_name);
    const char* job = std::getenv("PERIODIC_JOB_ID");  // NOLINT(concurrency-mt-unsafe)
    if (job != nullptr && *job != '\0') name.append(" in job ").append(job);
    return name;
}

}  // namespace periodic::cli
