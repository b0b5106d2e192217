#include "cli/other_failures.hpp"

#include <algorithm>

#include "cli/failed_jobs.hpp"

namespace periodic::cli {

void OtherFailures::add(const RunReport& report) {
    for (const JobId id : report.failures) {
        if (id != own_ && std::ranges::find(failures_, id) == failures_.end())
            failures_.push_back(id);
    }
    for (const Problem& problem : report.problems) {
        if (std::ranges::find(problems_, problem) == problems_.end()) problems_.push_back(problem);
    }
}

void OtherFailures::report(Session& session, const Jobs& jobs) const {
    session.report_errors(problems_);
    report_failed_jobs(session, jobs, failures_);
}

}  // namespace periodic::cli
