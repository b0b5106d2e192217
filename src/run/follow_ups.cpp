#include "run/follow_ups.hpp"

#include <utility>

#include "run/new_job.hpp"

namespace periodic {
std::vector<std::string> add_follow_ups(TaskDirectory& tasks, const Task& task,
                                        Settlement& settlement) {
    std::vector<std::string> refused;
    const JobState state = settlement.job.state;
    if (state != JobState::Succeeded && state != JobState::Failed) return refused;
    for (const FollowUp& wanted :
         state == JobState::Succeeded ? task.on_success : task.on_failure) {
        JobOptions options;
        options.parent = settlement.job.id;
        auto job = new_job(tasks, settlement.event.time, wanted.task, wanted.parameters, options);
        if (job) {
            settlement.follow_ups.push_back(std::move(*job));
            continue;
        }
        refused.push_back("the follow-up " + wanted.task +
                          " was not queued: " + job.error().message);
    }
    return refused;
}

JobEvent follow_up_refused(const Settlement& settlement, std::string text) {
    return {.time = settlement.event.time,
            .event = "follow-up refused",
            .by = settlement.event.by,
            .detail = std::move(text)};
}

}  // namespace periodic
