#include "run/plan_due.hpp"

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <utility>

#include "base/this_machine.hpp"

namespace periodic {
namespace {

/// The tasks that one planning asked for, kept alive until it is written.
class DueTasks {
public:
    explicit DueTasks(TaskDirectory& directory) : directory_(directory) {}

    Result<const Task*> find(std::string_view name) {
        auto known = found_.find(name);
        if (known == found_.end()) {
            known = found_.emplace(std::string(name), directory_.find(name)).first;
        }
        if (!known->second) return Failure(known->second.error());
        return known->second->get();
    }

private:
    TaskDirectory& directory_;
    std::map<std::string, Result<std::shared_ptr<const Task>>, std::less<>> found_;
};

// Those that can concern an occurrence that is due: it is later than its entry's mark, or the start
// of the machine.
std::vector<Pause> pauses_since(ExecutorCore& core, const std::vector<EntryMark>& marks, Time now) {
    Time oldest = now - kFreshStart;
    for (const EntryMark& mark : marks) oldest = std::min<Time>(oldest, mark.watermark);
    return core.store().pauses(oldest);
}

}  // namespace

Planning plan_in_memory(ExecutorCore& core, const Crontab& crontab, Time now,
                        std::chrono::seconds ahead) {
    DueTasks tasks(core.tasks());
    const std::vector<EntryMark> marks = core.store().entry_marks();
    PlanningInput input;
    input.crontab = &crontab;
    input.marks = &marks;
    input.now = std::chrono::floor<std::chrono::seconds>(now);
    input.horizon = input.now + ahead;
    const MachineStart start = this_start(input.now);
    input.start = start.identity;
    input.start_time = start.time;
    input.pauses = pauses_since(core, marks, now);
    input.find_task = [&tasks](std::string_view name) { return tasks.find(name); };
    input.find_definition = [&core](std::int64_t id) { return core.store().entry_definition(id); };
    Planning planning = plan_entries(input);
    for (EntryPlan& plan : planning.plans) {
        for (Job& job : plan.jobs) job.created = now;
    }
    return planning;
}

PlanRound plan_due(ExecutorCore& core, Time now, std::chrono::seconds ahead, std::string_view by) {
    const auto crontab = core.crontab().current();
    Planning planning = plan_in_memory(core, *crontab, now, ahead);
    PlanRound round;
    round.next_due = planning.next_due;
    round.problems = crontab->problems();
    for (Error& error : planning.errors) {
        round.problems.push_back({.severity = Severity::Error, .error = std::move(error)});
    }
    if (!planning.plans.empty()) round.result = core.store().plan(planning.plans, now, by);
    return round;
}

}  // namespace periodic
