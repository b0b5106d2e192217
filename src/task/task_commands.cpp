// <command> and <phase> of a task file.

#include <algorithm>
#include <map>

#include "task/task_sections.hpp"

namespace periodic {
namespace {

constexpr std::array<std::pair<std::string_view, TaskCommand::When>, 3> kWhens{{
    {"success", TaskCommand::When::Success},
    {"failure", TaskCommand::When::Failure},
    {"always", TaskCommand::When::Always},
}};
// What the loader reads of every command.
constexpr std::array<std::string_view, 4> kCommonAttributes{"type", "when", "onFailure",
                                                            "failOnError"};

std::vector<std::string_view> names_of(const CommandType& type, bool attributes) {
    std::vector<std::string_view> names;
    for (const auto& child : type.children) {
        if (child.attribute == attributes) names.push_back(child.name);
    }
    return names;
}

void read_on_failure(const ConfigElement& element, TaskCommand& command, Findings& findings) {
    constexpr std::array<std::pair<std::string_view, bool>, 2> kWords{
        {{"continue", true}, {"stop", false}}};
    const auto on_failure = attribute_field(element, "onFailure");
    read_word(on_failure, kWords, command.continue_on_failure, findings);
    // The original Periodic's way to say it.
    const auto fail_on_error = attribute_field(element, "failOnError");
    if (!fail_on_error) return;
    bool fails = true;
    read(fail_on_error, fails, findings);
    if (on_failure && command.continue_on_failure == fails) {
        findings.error(fail_on_error->place, "failOnError= and onFailure= contradict each other",
                       "keep one of them");
    }
    command.continue_on_failure = !fails;
}

void check_child(const ConfigElement& element, const CommandChild& rule, Findings& findings) {
    const std::vector<std::string_view> known(rule.attributes.begin(), rule.attributes.end());
    check_attributes(element, known, findings);
    check_no_children(element, findings);
}

// Notes what the command's type does not know, and what it misses.
void check_children(const ConfigElement& element, const CommandType& type, Findings& findings) {
    if (!type.takes_text) check_no_text(element, findings);
    std::map<std::string_view, const ConfigElement*> first;
    for (const auto& child : element.children) {
        const auto rule = std::find_if(
            type.children.begin(), type.children.end(),
            [&](const auto& each) { return !each.attribute && each.name == child.name; });
        if (rule == type.children.end()) {
            if (!type.takes_any_child) note_unknown_element(child, names_of(type, false), findings);
            continue;
        }
        const auto [seen, is_new] = first.emplace(child.name, &child);
        if (!is_new && !rule->repeatable) note_repeated_element(child, *seen->second, findings);
        if (!type.takes_any_child) check_child(child, *rule, findings);
    }
    for (const auto& rule : type.children) {
        const bool given = rule.attribute ? element.attribute(rule.name) != nullptr
                                          : first.find(rule.name) != first.end();
        if (!rule.required || given) continue;
        const std::string wanted =
            rule.attribute ? "the attribute " + rule.name : "<" + rule.name + ">";
        findings.error(place_of(element), "the command " + type.name + " needs " + wanted,
                       rule.doc);
    }
}

void read_next(const ConfigElement& element, TaskPhase& phase, Findings& findings) {
    check_attributes(element, {"phase"}, findings);
    check_no_text(element, findings);
    check_no_children(element, findings);
    if (const auto next = required_attribute(element, "phase", findings)) phase.next = next->text;
}

bool is_phase_name(std::string_view name) {
    return !name.empty() && name.size() <= 64 && std::all_of(name.begin(), name.end(), [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
    });
}

}  // namespace

std::optional<TaskCommand> read_command(const ConfigElement& element,
                                        const CommandRegistry& commands, Findings& findings) {
    TaskCommand command;
    read_word(attribute_field(element, "when"), kWhens, command.when, findings);
    read_on_failure(element, command, findings);
    const auto type_name = required_attribute(element, "type", findings);
    if (!type_name) return std::nullopt;
    const CommandType* const type = commands.find(type_name->text);
    if (type == nullptr) {
        findings.error(type_name->place, "there is no command '" + type_name->text + "'",
                       suggestion(type_name->text, commands.names(), "'", "'"));
        return std::nullopt;
    }
    std::vector<std::string_view> attributes(kCommonAttributes.begin(), kCommonAttributes.end());
    for (const auto name : names_of(*type, true)) attributes.push_back(name);
    const std::size_t before = findings.errors();
    check_attributes(element, attributes, findings);
    check_children(element, *type, findings);
    if (findings.errors() != before) return std::nullopt;

    command.type = type->name;
    command.config = CommandConfig(element);
    command.create = type->create;
    if (const auto made = type->create(command.config); !made) {
        Error error = made.error();
        if (error.line == 0) {
            error.line = element.line;
            error.column = element.column;
        }
        findings.add(std::move(error));
        return std::nullopt;
    }
    return command;
}

TaskPhase read_phase(const ConfigElement& element, const CommandRegistry& commands,
                     Findings& findings) {
    TaskPhase phase;
    check_attributes(element, {"name"}, findings);
    check_no_text(element, findings);
    if (const auto name = required_attribute(element, "name", findings)) {
        phase.name = name->text;
        if (phase.name != "*" && !is_phase_name(phase.name)) {
            findings.error(
                name->place, "name=: '" + phase.name + "' can't name a phase",
                "small letters, digits and '-', or * for all that have none of their own");
        }
    }
    const ConfigElement* next = nullptr;
    for (const auto& child : element.children) {
        if (child.name == "command") {
            if (auto command = read_command(child, commands, findings)) {
                phase.commands.push_back(std::move(*command));
            }
        } else if (child.name == "next") {
            if (next != nullptr) note_repeated_element(child, *next, findings);
            next = &child;
            read_next(child, phase, findings);
        } else {
            note_unknown_element(child, {"command", "next"}, findings);
        }
    }
    return phase;
}

}  // namespace periodic
