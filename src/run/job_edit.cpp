#include "run/job_edit.hpp"

#include <algorithm>
#include <memory>
#include <string>
#include <utility>

#include "periodic/task.hpp"
#include "run/new_job.hpp"
#include "store/job_changes.hpp"

namespace periodic {
namespace {

bool serves(const Task& task, std::string_view wanted) {
    return std::any_of(task.phases.begin(), task.phases.end(), [&](const TaskPhase& phase) {
        return phase.name == wanted || phase.name == "*";
    });
}

Result<void> check_phase(const Job& job, const Task& task, const std::string& phase) {
    if (!job.phase) {
        return failure(ErrorCode::Usage, "job " + std::to_string(job.id) + " has no phases",
                       "only a task with <phase> elements has");
    }
    if (serves(task, phase)) return {};
    std::string names;
    for (const TaskPhase& one : task.phases) names += (names.empty() ? "" : ", ") + one.name;
    return failure(ErrorCode::Usage, "the task " + task.name + " has no phase \"" + phase + '"',
                   names.empty() ? "it has none any more" : "it has " + names);
}

// A place among those of its value was given to the job when it was created.
Result<void> check_concurrency(const Job& job, const Task& task, const Values& edited) {
    const auto value = edited.find(task.concurrency_key);
    if (task.concurrency_key.empty() || value == edited.end()) return {};
    const auto present = job.parameters.find(task.concurrency_key);
    if (present != job.parameters.end() && present->second.text == value->second.text) return {};
    return failure(ErrorCode::Usage,
                   "the parameter " + task.concurrency_key +
                       " can't be changed: the task's concurrency counts for each of its values",
                   "delete the job and add another one");
}

// All parameters together, as some declarations are about what is missing.
Result<void> check_parameters(const Job& job, const Task& task, Values& edited) {
    Values merged = job.parameters;
    for (const auto& [name, value] : edited) merged.insert_or_assign(name, value);
    auto checked = task.check_parameters(std::move(merged));
    if (!checked) return Failure(checked.error());
    for (auto& [name, value] : edited) value = checked->at(name);
    return check_concurrency(job, task, edited);
}

}  // namespace

Result<JobEdit> check_edit(ExecutorCore& core, const Job& job, JobEdit edit) {
    if (edit.priority) {
        if (auto fine = check_priority(*edit.priority); !fine) return Failure(fine.error());
    }
    if (edit.interval && edit.interval->count() < 0) {
        return failure(ErrorCode::Usage, "the interval is negative", "0 or more seconds");
    }
    if (auto fine = check_attributes(edit.attributes); !fine) return Failure(fine.error());
    if (edit.parameters.empty() && !edit.phase) return edit;
    const auto task = core.tasks().find(job.task);
    if (!task) return Failure(task.error());
    if (edit.phase) {
        if (auto fine = check_phase(job, **task, *edit.phase); !fine) return Failure(fine.error());
    }
    if (!edit.parameters.empty()) {
        auto fine = check_parameters(job, **task, edit.parameters);
        if (!fine) return Failure(fine.error());
    }
    return edit;
}

bool has_last_phase(ExecutorCore& core, const Job& job) {
    if (job.phase != kLastPhase) return false;
    const auto task = core.tasks().find(job.task);
    if (!task) return false;
    const auto& phases = (*task)->phases;
    return std::any_of(phases.begin(), phases.end(),
                       [](const TaskPhase& phase) { return phase.name == kLastPhase; });
}

}  // namespace periodic
