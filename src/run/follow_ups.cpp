#include "run/follow_ups.hpp"

#include <utility>

#include "run/new_job.hpp"

namespace periodic {
namespace {

void report(ExecutorCore& core, const Settlement& settlement, const std::string& text) {
    const Job& job = settlement.job;
    core.logger().log({.level = LogLevel::Error, .text = text, .task = job.task, .job = job.id});
    try {
        core.store().add_event(job.id, {.time = settlement.event.time,
                                        .event = "follow-up refused",
                                        .by = settlement.event.by,
                                        .detail = text});
    } catch (const StorageError& error) {
        core.logger().error(std::string("that is no event of the job: ") + error.what());
    }
}

}  // namespace

std::vector<std::string> add_follow_ups(ExecutorCore& core, const Task& task,
                                        Settlement& settlement) {
    std::vector<std::string> refused;
    const JobState state = settlement.job.state;
    if (state != JobState::Succeeded && state != JobState::Failed) return refused;
    for (const FollowUp& wanted :
         state == JobState::Succeeded ? task.on_success : task.on_failure) {
        JobOptions options;
        options.parent = settlement.job.id;
        auto job = new_job(core, wanted.task, wanted.parameters, options);
        if (job) {
            settlement.follow_ups.push_back(std::move(*job));
            continue;
        }
        refused.push_back("the follow-up " + wanted.task +
                          " was not queued: " + job.error().message);
        report(core, settlement, refused.back());
    }
    return refused;
}

}  // namespace periodic
