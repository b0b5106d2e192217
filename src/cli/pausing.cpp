#include "cli/pausing.hpp"

#include "cli/job_document.hpp"
#include "cli/table.hpp"

namespace periodic::cli {

void PauseSelector::declare(Arguments& arguments) {
    arguments.text("--task", "TASK", task_, "the jobs of this task");
    arguments.text("--group", "GROUP", group_, "the jobs of this group");
    arguments.text("--topic", "TOPIC", topic_, "the jobs of this topic");
    arguments.flag("--all", all_, "all jobs");
}

Result<std::optional<PauseScope>> PauseSelector::read() const {
    using Kind = PauseScope::Kind;
    std::optional<PauseScope> scope;
    if (all_) scope = PauseScope{};
    for (const auto& [kind, name] : {std::pair(Kind::Task, &task_), std::pair(Kind::Group, &group_),
                                     std::pair(Kind::Topic, &topic_)}) {
        if (!*name) continue;
        if (scope) {
            return failure(ErrorCode::Usage,
                           "--task, --group, --topic and --all exclude each other",
                           "call it once for each");
        }
        if ((*name)->empty()) {
            return failure(ErrorCode::Usage,
                           "--" + std::string(to_string(kind)) + " has an empty value");
        }
        scope = PauseScope{kind, **name};
    }
    return scope;
}

std::string scope_text(const PauseScope& scope) {
    if (scope.kind == PauseScope::Kind::All) return "everything";
    return "the " + std::string(to_string(scope.kind)) + ' ' + scope.name;
}

void write_pause(JsonWriter& json, const Pause& pause, const TimeZone& zone) {
    json.object().key("scope").text(to_string(pause.scope.kind));
    json.key("name").text_or_null(pause.scope.name);
    json.instant("since_", std::optional(pause.since), zone).instant("until_", pause.until, zone);
    json.key("reason").text_or_null(pause.reason).key("by").text_or_null(pause.by).end();
}

std::string pauses_text(const std::vector<Pause>& pauses, const TimeZone& zone,
                        const Terminal& terminal) {
    Table table({"PAUSED", "NAME", "SINCE", "UNTIL", "BY", "REASON"});
    for (const auto& pause : pauses) {
        table.add({std::string(to_string(pause.scope.kind)), pause.scope.name,
                   local_text(std::optional(pause.since), zone), local_text(pause.until, zone),
                   pause.by, pause.reason});
    }
    return table.empty() ? std::string() : table.text(terminal);
}

}  // namespace periodic::cli
