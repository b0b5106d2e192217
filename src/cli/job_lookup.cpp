#include "cli/job_lookup.hpp"

#include <algorithm>
#include <cstdlib>

#include "cli/history.hpp"
#include "cli/task_lookup.hpp"

namespace periodic::cli {
namespace {

std::string variable(const char* name) {
    const char* value = std::getenv(name);  // NOLINT(concurrency-mt-unsafe): nobody sets it
    return value == nullptr ? std::string() : std::string(value);
}

// The job that this program is a part of, if it is one of this home.
std::string own_job(Session& session) {
    const auto directory = session.directory();
    return directory && variable("PERIODIC_HOME") == *directory ? variable("PERIODIC_JOB_ID") : "";
}

std::optional<Job> latest(JobStore& store, const std::string& task, Time now) {
    JobFilter filter;
    filter.task = task;
    filter.limit = 1;
    auto jobs = store.page(filter, now);
    return jobs.empty() ? std::nullopt : std::optional(std::move(jobs.front()));
}

Failure no_job_of(Session& session, const std::string& task) {
    const auto home = session.home_of_jobs();
    if (!home) return Failure(home.error());
    const auto names = list_tasks(*home);
    if (!names) return Failure(names.error());
    if (std::find(names->begin(), names->end(), task) == names->end())
        return no_such_task(task, *names);
    return failure(ErrorCode::NotFound, "the task '" + task + "' has had no job",
                   "'periodic job list' shows the jobs that there are");
}

}  // namespace

Result<Job> find_job(Session& session, JobStore& store, const std::optional<std::string>& word) {
    const Time now = session.clock().now();
    const std::string what = word ? *word : own_job(session);
    if (!word && what.empty()) {
        if (auto job = latest(store, "", now)) return *std::move(job);
        return failure(ErrorCode::NotFound, "there is no job yet");
    }
    const bool is_task =
        is_task_name(what) && what.find_first_not_of("0123456789") != std::string::npos;
    if (is_task) {
        if (auto job = latest(store, what, now)) return *std::move(job);
        return no_job_of(session, what);
    }
    const auto id = parse_job_id(what);
    if (!id) return Failure(id.error());
    if (auto job = store.find(*id, now)) return *std::move(job);
    return no_such_job(*id);
}

}  // namespace periodic::cli
