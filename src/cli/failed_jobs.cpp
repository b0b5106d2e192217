#include "cli/failed_jobs.hpp"

#include "cli/exit_codes.hpp"
#include "cli/history.hpp"
#include "cli/job_document.hpp"

namespace periodic::cli {
namespace {

constexpr int kLastLines = 20;

}  // namespace

std::string failed_job_line(const Job& job) {
    std::string text = "periodic: job " + std::to_string(job.id) + " (";
    if (!job.group.empty()) text += job.group + ':';
    text += job.task + ") ";
    // A job that is retried waits again; what is told here is the attempt that failed.
    text += job.state == JobState::Queued ? "failed and will be retried"
                                          : std::string(to_string(job.state));
    const std::string why = remark(job);
    return printable(why.empty() ? text : text + ": " + why) + '\n';
}

int report_failed_jobs(Session& session, const Jobs& jobs, const std::vector<JobId>& failed) {
    if (failed.empty()) return kFine;
    int code = kFailed;
    const auto store = open_history(session);
    for (const JobId id : failed) {
        const auto job = jobs.find(id);
        if (!job) continue;
        if (job->reason == Reason::Invalid) code = kBroken;
        session.complain(failed_job_line(*job));
        if (!store) continue;
        for (const auto& line : (*store)->log_tail(id, kLastLines)) {
            session.complain("    " + printable(line.text) + '\n');
        }
    }
    return code;
}

}  // namespace periodic::cli
