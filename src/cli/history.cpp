#include "cli/history.hpp"

#include <cerrno>
#include <charconv>
#include <filesystem>
#include <string>
#include <system_error>

#include <unistd.h>

#include "base/file_owner.hpp"

namespace periodic::cli {
namespace {

// What the database would say of it is about itself, and not about who may.
Result<void> may_use(const std::string& path, int rights) {
    if (::access(path.c_str(), rights) == 0) return {};
    const int error = errno;
    return Failure({.code = ErrorCode::Io,
                    .message = "can't read and write it: " + refusal_text(path, error),
                    .hint = error == EACCES ? "run it as its owner, or as root" : "",
                    .file = path});
}

}  // namespace

Result<std::unique_ptr<JobStore>> open_history(Session& session) {
    const auto home = session.home_of_jobs();
    if (!home) return Failure(home.error());
    return open_history(*home);
}

Result<std::unique_ptr<JobStore>> open_history(const Home& home) {
    std::error_code problem;
    const auto status = std::filesystem::status(home.store, problem);
    if (status.type() == std::filesystem::file_type::not_found) return make_memory_store();
    if (auto may = may_use(home.state, R_OK | W_OK | X_OK); !may) return Failure(may.error());
    if (auto may = may_use(home.store, R_OK | W_OK); !may) return Failure(may.error());
    return open_sqlite_store(store_options(home));
}

Result<JobId> parse_job_id(std::string_view text) {
    JobId id = 0;
    const char* end = text.data() + text.size();
    const auto [rest, problem] = std::from_chars(text.data(), end, id);
    if (problem != std::errc{} || rest != end || id < 1) {
        return failure(ErrorCode::Usage, "'" + std::string(text) + "' is no job's id",
                       "an id is a number from 1, as 'periodic job list' shows it");
    }
    return id;
}

Failure no_such_job(JobId id) {
    return failure(ErrorCode::NotFound, "there is no job " + std::to_string(id),
                   "'periodic job list' shows the jobs that there are");
}

}  // namespace periodic::cli
