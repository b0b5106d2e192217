// <parameters> of a task file: what a job of the task may be given.

#include <algorithm>

#include "task/pattern.hpp"
#include "task/task_sections.hpp"

namespace periodic {
namespace {

using Type = ParameterDeclaration::Type;

constexpr std::array<std::pair<std::string_view, Type>, 7> kTypes{{
    {"string", Type::String},
    {"integer", Type::Integer},
    {"number", Type::Number},
    {"boolean", Type::Boolean},
    {"duration", Type::Duration},
    {"enum", Type::Enum},
    {"json", Type::Json},
}};

constexpr std::string_view kNameRule = "a letter, then letters, digits, '_' or '-'";

// The words of values="fast slow".
std::vector<std::string> split_words(std::string_view text) {
    std::vector<std::string> words;
    for (text = trimmed(text); !text.empty(); text = trimmed(text)) {
        const std::size_t end = std::min(text.find_first_of(" \t\r\n"), text.size());
        words.emplace_back(text.substr(0, end));
        text.remove_prefix(end);
    }
    return words;
}

void read_type(const ConfigElement& element, ParameterDeclaration& declaration,
               Findings& findings) {
    const auto type = attribute_field(element, "type");
    read_word(type, kTypes, declaration.type, findings);
    const auto values = attribute_field(element, "values");
    if (values) declaration.values = split_words(values->text);
    if (values && !type) declaration.type = Type::Enum;
    if (values && declaration.type != Type::Enum) {
        findings.error(values->place, "values= has a meaning for type=\"enum\" only");
    } else if (declaration.type == Type::Enum && declaration.values.empty()) {
        findings.error(values ? values->place : place_of(element), "an enum parameter needs values",
                       "write values=\"one two\", with blanks between them");
    }
}

void read_pattern(const ConfigElement& element, ParameterDeclaration& declaration,
                  Findings& findings) {
    const auto pattern = verbatim_attribute(element, "pattern");
    if (!pattern) return;
    const auto compiled = Pattern::compile(pattern->text);
    if (compiled) {
        declaration.pattern = pattern->text;
        return;
    }
    const Error& error = compiled.error();
    const std::string at = error.column == 0 ? "" : " (byte " + std::to_string(error.column) + ")";
    findings.error(pattern->place, "pattern=: " + error.message + at, error.hint);
}

void read_default(const ConfigElement& element, ParameterDeclaration& declaration,
                  Findings& findings) {
    const auto given = verbatim_attribute(element, "default");
    if (!given) return;
    if (declaration.required) {
        findings.warning(given->place, "a required parameter never has its default",
                         "leave out required= or default=");
    }
    declaration.default_value = given->text;
    const auto value = typed_value(declaration, given->text);
    if (!value)
        findings.error(given->place, "default=: " + value.error().message, value.error().hint);
}

void read_declaration(const ConfigElement& element, Task& task, Findings& findings) {
    check_attributes(element, {"name", "type", "required", "default", "pattern", "values"},
                     findings);
    check_no_children(element, findings);
    check_no_text(element, findings);
    ParameterDeclaration declaration;
    declaration.line = element.line;
    read_type(element, declaration, findings);
    read(attribute_field(element, "required"), declaration.required, findings);
    read_pattern(element, declaration, findings);
    read_default(element, declaration, findings);
    const auto name = required_attribute(element, "name", findings);
    if (!name) return;
    declaration.name = name->text;
    if (!is_parameter_name(name->text)) {
        findings.error(name->place, "name=: '" + name->text + "' can't name a parameter",
                       std::string(kNameRule));
        return;
    }
    task.parameters.push_back(std::move(declaration));
}

}  // namespace

std::string_view to_string(ParameterDeclaration::Type type) noexcept {
    return kTypes[static_cast<std::size_t>(type)].first;
}

void read_parameter_declarations(const ConfigElement& parameters, Task& task, Findings& findings) {
    static constexpr std::array<ChildRule<Task>, 1> kChildren{
        {{"parameter", &read_declaration, true}}};
    task.declares_parameters = true;
    check_attributes(parameters, {"open"}, findings);
    read(attribute_field(parameters, "open"), task.open_parameters, findings);
    read_children<Task>(parameters, kChildren, task, findings);
    note_same_keys(parameters, "parameter", "name", &parameter_variable, "the parameter", findings);
}

void read_parameter_value(const ConfigElement& parameter, Values& values, Findings& findings) {
    check_attributes(parameter, {"name"}, findings);
    check_no_children(parameter, findings);
    const auto name = required_attribute(parameter, "name", findings);
    if (!name) return;
    if (!is_parameter_name(name->text)) {
        findings.error(name->place, "name=: '" + name->text + "' can't name a parameter",
                       std::string(kNameRule));
        return;
    }
    values.emplace(name->text, Value(std::string(trimmed(parameter.text))));
}

}  // namespace periodic
