// read_task(): a task file's text as a Task, with all that is wrong with it.

#include <algorithm>
#include <set>

#include "base/sha256.hpp"
#include "periodic/task.hpp"
#include "task/task_sections.hpp"
#include "task/xml_document.hpp"

namespace periodic {
namespace {

constexpr std::string_view kFirstPhase = "registered";
constexpr std::string_view kLastPhase = "terminated";

// What the sections' readers fill in.
struct Draft {
    Task task{};
    const CommandRegistry* commands = nullptr;
    const ConfigElement* first_command = nullptr;
    const ConfigElement* first_phase = nullptr;
    std::vector<const ConfigElement*> phases{};  ///< where each of task.phases stands
};

constexpr std::array<ChildRule<Draft>, 5> kTaskChildren{{
    {"description",
     [](const ConfigElement& element, Draft& draft, Findings& findings) {
         check_attributes(element, {}, findings);
         check_no_children(element, findings);
         draft.task.description = trimmed(element.text);
     }},
    {"config", [](const ConfigElement& element, Draft& draft,
                  Findings& findings) { read_task_config(element, draft.task, findings); }},
    {"parameters",
     [](const ConfigElement& element, Draft& draft, Findings& findings) {
         read_parameter_declarations(element, draft.task, findings);
     }},
    {"command",
     [](const ConfigElement& element, Draft& draft, Findings& findings) {
         if (draft.first_command == nullptr) draft.first_command = &element;
         if (auto command = read_command(element, *draft.commands, findings)) {
             draft.task.commands.push_back(std::move(*command));
         }
     },
     true},
    {"phase",
     [](const ConfigElement& element, Draft& draft, Findings& findings) {
         if (draft.first_phase == nullptr) draft.first_phase = &element;
         draft.task.phases.push_back(read_phase(element, *draft.commands, findings));
         draft.phases.push_back(&element);
     },
     true},
}};

void check_phases(const ConfigElement& root, const Draft& draft, Findings& findings) {
    const auto& phases = draft.task.phases;
    if (phases.empty()) return;
    const auto as_it_is = [](std::string_view name) { return std::string(name); };
    note_same_keys(root, "phase", "name", as_it_is, "the phase", findings);
    std::set<std::string_view> served{kLastPhase};
    for (const auto& phase : phases) served.insert(phase.name);
    const bool serves_all = served.count("*") != 0;
    for (std::size_t i = 0; i < phases.size(); ++i) {
        const auto& next = phases[i].next;
        if (!next || serves_all || served.count(*next) != 0) continue;
        const std::vector<std::string_view> known(served.begin(), served.end());
        findings.error(place_of(*draft.phases[i]->child("next")), "no phase serves '" + *next + "'",
                       suggestion(*next, known, "'", "'"));
        if (findings.is_full()) return;
    }
    if (!serves_all && served.count(kFirstPhase) == 0) {
        findings.error(place_of(*draft.first_phase),
                       "no phase serves 'registered', in which a job starts",
                       R"(add <phase name="registered">, or <phase name="*"> for all)");
    }
}

void check_whole(const ConfigElement& root, const Draft& draft, Findings& findings) {
    const Task& task = draft.task;
    if (draft.first_command == nullptr && draft.first_phase == nullptr) {
        findings.error(place_of(root), "the task does nothing", "add a <command type=\"...\">");
    }
    if (draft.first_command != nullptr && draft.first_phase != nullptr) {
        findings.error(place_of(*draft.first_command),
                       "a task with phases can't have other commands",
                       "put the command into a <phase>");
    }
    check_phases(root, draft, findings);
    const auto& key = task.concurrency_key;
    const bool declared = std::any_of(task.parameters.begin(), task.parameters.end(),
                                      [&](const auto& each) { return each.name == key; });
    if (!key.empty() && task.declares_parameters && !task.open_parameters && !declared) {
        std::vector<std::string_view> known;
        for (const auto& parameter : task.parameters) known.push_back(parameter.name);
        const ConfigElement* const concurrency = root.child("config")->child("concurrency");
        findings.error(place_of(*concurrency),
                       "concurrency counts by '" + key + "', which is no parameter",
                       suggestion(key, known));
    }
}

// A schema may be named at the top for the sake of editors.
std::vector<std::string_view> root_attributes() {
    return {"xmlns:xsi", "xsi:noNamespaceSchemaLocation"};
}

}  // namespace

TaskReading read_task(std::string_view xml, std::string name, std::string file,
                      const CommandRegistry& commands) {
    Findings findings(xml, file);
    Draft draft;
    draft.commands = &commands;
    draft.task.name = std::move(name);
    draft.task.file = std::move(file);
    draft.task.digest = sha256(xml);
    if (const auto root = parse_xml(xml, findings)) {
        if (root->name == "task") {
            check_attributes(*root, root_attributes(), findings);
            read_children<Draft>(*root, kTaskChildren, draft, findings);
            check_whole(*root, draft, findings);
        } else {
            findings.error(place_of(*root), "this is no task: its element is <" + root->name + ">",
                           "a task file begins with <task>");
        }
    }
    TaskReading reading;
    if (findings.errors() == 0) reading.task = std::move(draft.task);
    reading.problems = findings.take();
    return reading;
}

}  // namespace periodic
