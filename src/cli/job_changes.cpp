#include "cli/job_changes.hpp"

#include <algorithm>
#include <iterator>
#include <optional>
#include <string>
#include <utility>

#include "cli/caller.hpp"
#include "cli/exit_codes.hpp"
#include "cli/open_executor.hpp"
#include "cli/progress_line.hpp"
#include "run/executor_core.hpp"

namespace periodic::cli {
namespace {

constexpr std::size_t kMostTold = 10;
constexpr std::size_t kMostCounted = 10'000;

// `running`: how many of them were only asked to end, and still run.
std::string summary(const JobsChanged& changes, std::string_view done, bool dry_run,
                    std::int64_t running) {
    if (changes.matched == 0) return "No job matches.\n";
    std::string text = std::to_string(changes.changed);
    if (changes.changed != changes.matched) text += " of " + std::to_string(changes.matched);
    text += changes.matched == 1 ? " job " : " jobs ";
    if (dry_run) text += "would be ";
    if (running == 0) return text.append(done).append(".\n");
    const std::string asked = running == 1 ? " was asked to end and still runs.\n"
                                           : " were asked to end and still run.\n";
    if (running == changes.changed) return text.erase(text.size() - 1) + asked;
    return text.append(done).append(", but ").append(std::to_string(running)).append(asked);
}

// Which of the selected jobs were asked to end and have not yet.
std::int64_t still_running(const Jobs& jobs, JobAction action, const JobsChanged& changes) {
    if (action != JobAction::Stop && action != JobAction::Kill) return 0;
    if (changes.ids.empty() || changes.ids.size() > kMostCounted) return 0;
    JobFilter filter;
    filter.ids = changes.ids;
    filter.states = {JobState::Running};
    return jobs.count(filter);
}

// Which of the jobs that somebody selects without ids and states are meant: those that it makes
// sense for, and of what has ended, what did not end well. Empty: all.
std::vector<JobState> meant_states(JobAction action) {
    switch (action) {
        case JobAction::Start:
            return {JobState::Idle};
        case JobAction::Stop:
        case JobAction::Kill:
        case JobAction::Edit:
            return {JobState::Idle, JobState::Queued, JobState::Running};
        case JobAction::Retry:
            return {JobState::Failed, JobState::Stopped};
        default:
            return {};
    }
}

bool holds(const std::vector<JobId>& ids, JobId id) {
    return std::binary_search(ids.begin(), ids.end(), id);
}

// The reason names the job, also where it is the task that refuses something.
std::string reason(const JobRefusal& refusal) {
    const std::string name = "job " + std::to_string(refusal.id);
    const bool names_it = refusal.message.find(name) != std::string::npos;
    return names_it ? refusal.message : name + ": " + refusal.message;
}

void complain_of(Session& session, const std::vector<JobRefusal>& refused) {
    for (std::size_t i = 0; i < std::min(refused.size(), kMostTold); ++i) {
        (void)session.report(Error{.code = ErrorCode::Conflict, .message = reason(refused[i])});
    }
    if (refused.size() > kMostTold) {
        session.complain("periodic: and " + std::to_string(refused.size() - kMostTold) +
                         " more; --output json lists all\n");
    }
}

// The id of the newest or oldest job that matches.
std::optional<JobId> last_id(const Jobs& jobs, JobFilter filter, bool newest) {
    filter.limit = 1;
    filter.newest_first = newest;
    const auto found = jobs.list(filter);
    return found.empty() ? std::nullopt : std::optional(found.front().id);
}

void add(JobsChanged& all, JobsChanged part) {
    all.matched += part.matched;
    all.changed += part.changed;
    all.ids.insert(all.ids.end(), part.ids.begin(), part.ids.end());
    all.refused.insert(all.refused.end(), std::make_move_iterator(part.refused.begin()),
                       std::make_move_iterator(part.refused.end()));
}

}  // namespace

JobsChanged change_jobs(Session& session, Jobs& jobs, JobAction action, const JobFilter& filter,
                        const ChangeOptions& options, const JobEdit& edit) {
    constexpr JobId kLeastStep = 10'000;
    constexpr JobId kMostSteps = 200;
    ProgressLine progress(session);
    const auto first = last_id(jobs, filter, false);
    const auto last = last_id(jobs, filter, true);
    // Ids that a person gave are few, and some of them may not exist, which is told.
    if (!progress.is_shown() || !filter.ids.empty() || !first || !last)
        return jobs.change(action, filter, options, edit);
    JobsChanged all;
    const JobId step = std::max(kLeastStep, (*last - *first) / kMostSteps);
    for (JobId from = *first; from <= *last; from += step) {
        if (from != *first) progress.show(std::to_string(all.matched) + " jobs so far");
        JobFilter part = filter;
        part.above = from - 1;
        part.below = std::min(from + step, *last + 1);
        add(all, jobs.change(action, part, options, edit));
    }
    return all;
}

void write_changes(JsonWriter& json, const JobsChanged& changes) {
    json.object().key("matched").integer(changes.matched);
    json.key("changed").integer(changes.changed).key("ids").array();
    for (const JobId id : changes.ids) json.integer(id);
    json.end().key("refused").array();
    for (const auto& refusal : changes.refused) {
        json.object().key("id").integer(refusal.id).key("state");
        refusal.state ? json.text(to_string(*refusal.state)) : json.null();
        json.key("message").text(refusal.message).end();
    }
    json.end().end();
}

int tell_changes(Session& session, JobsChanged changes, const Selection& selection,
                 std::string_view done, bool dry_run, std::int64_t running) {
    std::erase_if(changes.refused, [&](const JobRefusal& refusal) {
        return !refusal.state && !holds(selection.named, refusal.id);
    });
    if (session.json()) {
        JsonWriter json;
        write_changes(json, changes);
        session.print(json.document());
    } else {
        const bool says_all = changes.changed == 0 && !changes.refused.empty();
        if (!session.quiet() && !says_all) session.print(summary(changes, done, dry_run, running));
        (void)session.flush();  // how many comes before why not, also where both go to one place
        complain_of(session, changes.refused);
    }
    const bool forbidden = std::ranges::any_of(changes.refused, [&](const JobRefusal& refusal) {
        return holds(selection.filter.ids, refusal.id);
    });
    return forbidden ? kFailed : kFine;
}

void ChangeJobs::declare_selection(Arguments& arguments, std::string phase_option) {
    selectors_.declare_for_change(arguments, std::move(phase_option));
    arguments.flag("--dry-run", dry_run_, "only say how many it would be");
}

Result<int> ChangeJobs::execute(Session& session) {
    const auto selection = selectors_.read_some(session.clock().now());
    if (!selection) return Failure(selection.error());
    // What goes wrong can be stopped also while somebody edits the configuration.
    const bool stops = action_ == JobAction::Stop || action_ == JobAction::Kill;
    const auto core = open_jobs(session, {.what_is_sound = stops});
    if (!core) return Failure(core.error());
    Jobs& jobs = (*core)->jobs();
    const auto known =
        check_task(session, *selection, [&](const JobFilter& filter) { return jobs.list(filter); });
    if (!known) return Failure(known.error());
    return act(session, jobs, *selection);
}

Result<int> ChangeJobs::act(Session& session, Jobs& jobs, const Selection& selection) {
    return change(session, jobs, selection);
}

Result<int> ChangeJobs::change(Session& session, Jobs& jobs, const Selection& selection,
                               const JobEdit& edit) const {
    JobFilter filter = selection.filter;
    if (filter.ids.empty() && filter.states.empty()) filter.states = meant_states(action_);
    const auto changes =
        change_jobs(session, jobs, action_, filter, {.by = caller(), .dry_run = dry_run_}, edit);
    const std::int64_t running = dry_run_ ? 0 : still_running(jobs, action_, changes);
    return tell_changes(session, changes, selection, done_, dry_run_, running);
}

}  // namespace periodic::cli
