#include "run/new_job.hpp"

#include <algorithm>
#include <string>
#include <utility>

#include "run/planner.hpp"

namespace periodic {
namespace {

constexpr int kHighestPriority = 1'000'000;

Result<void> check_options(const JobOptions& options) {
    if (!options.group.empty()) {
        if (auto fine = check_name(options.group, "group"); !fine) return fine;
    }
    if (options.priority) {
        if (auto fine = check_priority(*options.priority); !fine) return fine;
    }
    return check_attributes(options.attributes);
}

}  // namespace

Result<void> check_priority(int priority) {
    if (priority >= -kHighestPriority && priority <= kHighestPriority) return {};
    return failure(ErrorCode::Usage,
                   "the priority " + std::to_string(priority) + " is out of range",
                   "-1000000 to 1000000");
}

Result<void> check_attributes(const Values& attributes) {
    for (const auto& [name, value] : attributes) {
        if (is_parameter_name(name)) continue;
        return failure(ErrorCode::Usage, "\"" + name + "\" can't name an attribute",
                       "letters, digits, '_' and '-', the first a letter");
    }
    return {};
}

Result<void> check_name(std::string_view name, std::string_view what) {
    if (is_task_name(name)) return {};
    return failure(ErrorCode::Usage,
                   "\"" + std::string(name) + "\" can't name a " + std::string(what),
                   "letters, digits, '.', '_' and '-', the first a letter or digit");
}

Result<Job> new_job(TaskDirectory& tasks, Time now, std::string_view task_name, Values parameters,
                    const JobOptions& options) {
    auto task = tasks.find(task_name);
    if (!task) return Failure(task.error());
    return new_job(**task, now, std::move(parameters), options);
}

Result<Job> new_job(const Task& task, Time now, Values parameters, const JobOptions& options) {
    if (auto fine = check_options(options); !fine) return Failure(fine.error());
    auto checked = task.check_parameters(std::move(parameters));
    if (!checked) return Failure(checked.error());
    Job job;
    job.task = task.name;
    job.group = options.group;
    job.state = options.idle ? JobState::Idle : JobState::Queued;
    job.parameters = std::move(*checked);
    apply_task(job, task);
    job.priority = options.priority.value_or(job.priority);
    job.comment = options.comment;
    job.key = options.key;
    job.attributes = options.attributes;
    if (options.interval) {
        job.interval_seconds = std::max<std::int64_t>(options.interval->count(), 0);
    }
    job.created = now;
    job.available = options.available.value_or(now);
    job.parent = options.parent;
    return job;
}

}  // namespace periodic
