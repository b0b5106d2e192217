#include "run/log_end.hpp"

#include <string>

namespace periodic {
namespace {

void log_line(Logger& logger, const Job& job, std::string text, const std::string& detail) {
    const bool bad = job.state == JobState::Failed || job.state == JobState::Stopped;
    if (!detail.empty()) text += ": " + detail;
    logger.log({.level = bad ? LogLevel::Warning : LogLevel::Info,
                .text = text,
                .task = job.task,
                .job = job.id});
}

}  // namespace

void log_end(Logger& logger, const Settlement& settlement) {
    log_line(logger, settlement.job, settlement.event.event, settlement.event.detail);
}

void log_end(Logger& logger, const Job& job) {
    const std::string reason(to_string(job.reason));
    log_line(logger, job, std::string(to_string(job.state)),
             job.error.empty() ? reason : reason + ": " + job.error);
}

}  // namespace periodic
