/// tasks: which tasks there are, when they run, and how they ended last.

#include <algorithm>
#include <filesystem>
#include <functional>
#include <map>
#include <set>

#include "cli/exit_codes.hpp"
#include "cli/history.hpp"
#include "cli/job_document.hpp"
#include "cli/subcommands/all.hpp"
#include "cli/table.hpp"
#include "cli/task_lookup.hpp"
#include "periodic/crontab.hpp"
#include "periodic/task.hpp"

namespace periodic::cli {
namespace {

using std::chrono::sys_seconds;

struct Listed {
    std::string name{};
    TaskReading reading{};
    std::vector<const CrontabEntry*> entries{};
    std::string last_state{};
    bool paused = false;
    std::set<std::string, std::less<>> paused_groups{};

    [[nodiscard]] const Error* problem() const {
        const auto is_error = [](const Problem& problem) {
            return problem.severity == Severity::Error;
        };
        const auto found = std::find_if(reading.problems.begin(), reading.problems.end(), is_error);
        return found == reading.problems.end() ? nullptr : &found->error;
    }
};

void write_parameters(JsonWriter& json, const std::optional<Task>& task) {
    json.key("parameters").array();
    if (task) {
        for (const auto& parameter : task->parameters) {
            json.object()
                .key("name")
                .text(parameter.name)
                .key("type")
                .text(to_string(parameter.type));
            json.key("required").boolean(parameter.required).key("default");
            parameter.default_value ? json.text(*parameter.default_value) : json.null();
            json.key("pattern");
            parameter.pattern ? json.text(*parameter.pattern) : json.null();
            json.end();
        }
    }
    json.end();
}

void write_listed(JsonWriter& json, const Listed& listed, sys_seconds now) {
    const auto& task = listed.reading.task;
    json.object().key("name").text(listed.name);
    json.key("description").text_or_null(task ? task->description : "").key("schedules").array();
    for (const auto* entry : listed.entries) {
        json.object().key("when").text(entry->when()).key("zone").text(entry->zone().name());
        json.key("group")
            .text_or_null(entry->group())
            .key("parameters")
            .values(entry->parameters());
        json.instant("next_", entry->expression().next(now, entry->zone()), entry->zone()).end();
    }
    json.end();
    write_parameters(json, task);
    json.key("last_state").text_or_null(listed.last_state).key("paused").boolean(listed.paused);
    json.key("problem");
    listed.problem() != nullptr ? json.text(to_string(*listed.problem())) : json.null();
    json.end();
}

// Of one task all schedules are shown; in a list, a task has no more lines than this.
constexpr std::size_t kMostSchedules = 4;

// The zones of the entries; where there are several, each time has its own.
bool has_several_zones(const std::vector<Listed>& tasks) {
    const TimeZone* first = nullptr;
    for (const auto& listed : tasks) {
        for (const auto* entry : listed.entries) {
            if (first == nullptr) first = &entry->zone();
            if (entry->zone() != *first) return true;
        }
    }
    return false;
}

std::string next_text(const CrontabEntry& entry, const Listed& listed, sys_seconds now,
                      bool with_zone) {
    std::string text = local_text(entry.expression().next(now, entry.zone()), entry.zone());
    if (with_zone && !text.empty()) text.append(1, ' ').append(entry.zone().name());
    if (listed.paused_groups.contains(entry.group())) text += ", its group is paused";
    return text;
}

std::string table_text(const std::vector<Listed>& tasks, sys_seconds now,
                       const Terminal& terminal) {
    const bool with_zones = has_several_zones(tasks);
    Table table({"TASK", "WHEN", "NEXT", "LAST", "DESCRIPTION"});
    for (const auto& listed : tasks) {
        const auto& task = listed.reading.task;
        std::string name = listed.name;
        std::string last = listed.last_state;
        if (listed.paused) last += last.empty() ? "paused" : ", paused";
        std::string description = listed.problem() != nullptr
                                      ? "broken: " + listed.problem()->message
                                  : task ? task->description
                                         : "";
        const std::size_t all = listed.entries.size();
        // A line that says "and 1 more" is as long as the one that it would stand for.
        const bool cuts = tasks.size() > 1 && all > kMostSchedules;
        const std::size_t rows = cuts ? kMostSchedules - 1 : std::max<std::size_t>(1, all);
        for (std::size_t i = 0; i < rows; ++i) {
            const auto* entry = i < listed.entries.size() ? listed.entries[i] : nullptr;
            table.add({name, entry != nullptr ? std::string(entry->when()) : "",
                       entry != nullptr ? next_text(*entry, listed, now, with_zones) : "", last,
                       description});
            name.clear();
            last.clear();
            description.clear();
        }
        if (cuts) table.add({"", "and " + std::to_string(all - rows) + " more", "", "", ""});
    }
    return table.empty() ? std::string() : table.text(terminal);
}

// Whether a pause holds back every job of a task; a group's may be one of several that it runs in.
bool concerns(const PauseScope& scope, const Listed& listed) {
    switch (scope.kind) {
        case PauseScope::Kind::All:
            return true;
        case PauseScope::Kind::Task:
            return scope.name == listed.name;
        case PauseScope::Kind::Topic:
            return listed.reading.task && listed.reading.task->topic == scope.name;
        case PauseScope::Kind::Group:
            return false;
    }
    return false;
}

class Tasks final : public Subcommand {
public:
    void declare(Arguments& arguments) override { arguments.optional("TASK", name_); }

    Result<int> execute(Session& session) override {
        const auto home = session.home();
        if (!home) return Failure(home.error());
        const auto zone = session.zone();
        if (!zone) return Failure(zone.error());
        auto names = list_tasks(*home);
        if (!names) return Failure(names.error());
        if (name_) {
            if (auto narrowed = narrow(*names); !narrowed) return Failure(narrowed.error());
        }
        const Crontab crontab = Crontab::read(home->crontabs, *zone);
        int code = session.report_errors(crontab.problems());
        const auto listed = list(*names, *home, crontab, session);
        if (!listed) return Failure(listed.error());
        std::vector<Problem> broken;
        for (const auto& each : *listed) {
            const auto& found = each.reading.problems;
            broken.insert(broken.end(), found.begin(), found.end());
            if (each.problem() != nullptr) code = kBroken;
        }
        if (!session.json()) session.report_errors(broken);  // JSON says so itself
        const auto now = std::chrono::floor<std::chrono::seconds>(session.clock().now());
        if (session.json()) {
            JsonWriter json;
            json.array();
            for (const auto& each : *listed) write_listed(json, each, now);
            session.print(json.end().document());
        } else {
            session.print(table_text(*listed, now, session.out()));
        }
        return code;
    }

private:
    [[nodiscard]] Result<void> narrow(std::vector<std::string>& names) const {
        const bool is_there = std::find(names.begin(), names.end(), *name_) != names.end();
        if (!is_there) return no_such_task(*name_, names);
        names = {*name_};
        return {};
    }

    [[nodiscard]] static Result<std::vector<Listed>> list(const std::vector<std::string>& names,
                                                          const Home& home, const Crontab& crontab,
                                                          Session& session) {
        const auto store = open_history(session);
        if (!store) return Failure(store.error());
        std::map<std::string, JobState> last;
        for (const auto& [task, state] : (*store)->last_states()) last.emplace(task, state);
        const Time now = session.clock().now();
        const auto pauses = (*store)->pauses(now);
        std::map<std::string_view, std::vector<const CrontabEntry*>> entries;
        for (const auto& entry : crontab.entries()) entries[entry.task()].push_back(&entry);
        std::vector<Listed> tasks;
        for (const auto& name : names) {
            Listed listed{.name = name,
                          .reading = read_task_file(home.tasks, name, session.commands())};
            if (const auto found = entries.find(name); found != entries.end()) {
                listed.entries = std::move(found->second);
            }
            if (const auto found = last.find(name); found != last.end()) {
                listed.last_state = to_string(found->second);
            }
            listed.paused = std::ranges::any_of(pauses, [&](const Pause& pause) {
                return pause.holds(now) && concerns(pause.scope, listed);
            });
            for (const Pause& pause : pauses) {
                if (pause.holds(now) && pause.scope.kind == PauseScope::Kind::Group)
                    listed.paused_groups.insert(pause.scope.name);
            }
            tasks.push_back(std::move(listed));
        }
        return tasks;
    }

    std::optional<std::string> name_{};
};

}  // namespace

const SubcommandType kTasksCommand{
    .name = "tasks",
    .summary = "Which tasks there are, when they run next and how they ended last",
    .details =
        "A task with many schedules is shown with the first of them; 'periodic tasks TASK' and "
        "JSON "
        "show all.",
    .examples = "periodic tasks\nperiodic tasks backup --output json",
    .make = &make_subcommand<Tasks>};

}  // namespace periodic::cli
