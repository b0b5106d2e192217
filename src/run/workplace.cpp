#include "run/workplace.hpp"

#include <string>
#include <utility>

namespace periodic {

LocalWorkplace::LocalWorkplace(ExecutorCore& core, ChildWaits& waits) noexcept
    : Workplace({.home = core.home(),
                 .zone = core.zone(),
                 .clock = core.clock(),
                 .logger = core.logger(),
                 .launcher = core.launcher(),
                 .tasks = core.tasks()}),
      core_(core),
      waits_(waits) {}

Result<JobId> LocalWorkplace::enqueue(std::string_view task, Values parameters,
                                      const JobOptions& options) {
    return core_.jobs().add(task, std::move(parameters), options);
}

Result<std::optional<Job>> LocalWorkplace::wait_for(const Job& parent, JobId id,
                                                    std::stop_token stop) {
    const auto child = core_.jobs().find(id);
    if (!child || is_final(child->state)) return child;
    const auto wait = waits_.begin(parent, *child, core_.clock().now());
    if (!wait) return Failure(wait.error());
    auto ended = core_.jobs().wait(id, std::nullopt, std::move(stop));
    if (ended && !is_final(ended->state)) ended.reset();
    return ended;
}

void LocalWorkplace::add_event(JobId job, const JobEvent& event) {
    note_event(core_, job, event);
}

void note_event(ExecutorCore& core, JobId job, const JobEvent& event) {
    try {
        core.store().add_event(job, event);
    } catch (const StorageError& error) {
        const std::string text =
            event.event + " (" + event.detail + ") is no event of the job: " + error.what();
        core.logger().log({.level = LogLevel::Error, .text = text, .job = job});
    }
}

}  // namespace periodic
