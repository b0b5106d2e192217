#include "periodic/jobs.hpp"

#include <utility>

#include "run/control.hpp"
#include "run/executor_core.hpp"
#include "run/planner.hpp"

namespace periodic {

Result<JobId> Jobs::add(std::string_view task_name, Values parameters, const JobOptions& options) {
    auto task = core_->tasks().find(task_name);
    if (!task) return Failure(task.error());
    if (!options.group.empty() && !is_task_name(options.group)) {
        return failure(ErrorCode::Usage, "\"" + options.group + "\" can't name a group",
                       "letters, digits, '.', '_' and '-', the first a letter or digit");
    }
    auto checked = (*task)->check_parameters(std::move(parameters));
    if (!checked) return Failure(checked.error());
    const Time now = core_->clock().now();
    Job job;
    job.task = (*task)->name;
    job.group = options.group;
    job.parameters = std::move(*checked);
    apply_task(job, **task);
    if (options.priority) job.priority = *options.priority;
    job.comment = options.comment;
    job.key = options.key;
    job.created = now;
    job.available = options.available.value_or(now);
    job.parent = options.parent;
    const JobId id = core_->store().add(job, options.by.empty() ? "library" : options.by).id;
    // Nobody may be there to wake; then the next run finds the job.
    (void)ask_holder(core_->home().state, "wake", std::chrono::milliseconds(1000));
    return id;
}

std::optional<Job> Jobs::find(JobId id) const {
    return core_->store().find(id, core_->clock().now());
}

std::vector<Job> Jobs::list(const JobFilter& filter) const {
    return core_->store().page(filter, core_->clock().now());
}

std::vector<JobEvent> Jobs::events(JobId id) const {
    return core_->store().events(id);
}

std::vector<LogLine> Jobs::log(JobId id, std::int64_t after, int limit) const {
    return core_->store().log(id, after, limit);
}

std::string Jobs::response(JobId id) const {
    return core_->store().response(id);
}

}  // namespace periodic
