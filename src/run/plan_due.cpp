#include "run/plan_due.hpp"

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include <sys/stat.h>

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

/// Since when new entries stand in the crontab's files: when a file was last changed (what was
/// written can't be older), but not before the executor before this one began. Without one nothing
/// was expected yet.
class Standing {
public:
    Standing(ExecutorCore& core, const Crontab& crontab) : core_(core), crontab_(crontab) {}

    std::optional<std::chrono::sys_seconds> of(const CrontabEntry& entry) {
        if (!looked_) look();
        if (!before_ || entry.file() >= changed_.size() || !changed_[entry.file()])
            return std::nullopt;
        return std::max(*before_, *changed_[entry.file()]);
    }

private:
    // Only where an entry is new.
    void look() {
        looked_ = true;
        const std::int64_t own = core_.own_generation();
        const auto before =
            own == 0 ? core_.store().last_generation() : core_.store().find_generation(own - 1);
        if (!before) return;
        before_ = std::chrono::floor<std::chrono::seconds>(before->started);
        for (const std::string& file : crontab_.files()) {
            struct stat status {};
            const bool is_there = ::stat(file.c_str(), &status) == 0;
            changed_.push_back(is_there ? std::optional(std::chrono::sys_seconds(
                                              std::chrono::seconds(status.st_ctim.tv_sec)))
                                        : std::nullopt);
        }
    }

    ExecutorCore& core_;
    const Crontab& crontab_;
    bool looked_ = false;
    std::optional<std::chrono::sys_seconds> before_;
    std::vector<std::optional<std::chrono::sys_seconds>> changed_;
};

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
    Standing standing(core, crontab);
    input.stands_since = [&standing](const CrontabEntry& entry) { return standing.of(entry); };
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
    round.clock_was_ahead = std::any_of(planning.plans.begin(), planning.plans.end(),
                                        [](const EntryPlan& plan) { return !plan.note.empty(); });
    if (!planning.plans.empty()) round.result = core.store().plan(planning.plans, now, by);
    return round;
}

}  // namespace periodic
