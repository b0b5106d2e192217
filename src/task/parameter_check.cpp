// Parameters that were given, against those that a task declares.

#include <algorithm>
#include <charconv>
#include <cmath>

#include "base/code_point.hpp"
#include "base/json.hpp"
#include "periodic/duration.hpp"
#include "task/pattern.hpp"
#include "task/task_sections.hpp"

namespace periodic {
namespace {

using Type = ParameterDeclaration::Type;
using Kind = Value::Kind;

// A value as messages show it: not all of 64 KiB.
std::string shown(std::string_view text) {
    constexpr std::size_t kMost = 60;
    if (text.size() <= kMost) return "'" + std::string(text) + "'";
    return "'" + std::string(text.substr(0, kMost)) + "...'";
}

Result<Value> number_value(std::string text) {
    double number = 0;
    const char* const end = text.data() + text.size();
    const auto [stopped, error] = std::from_chars(text.data(), end, number);
    if (error != std::errc{} || stopped != end || !std::isfinite(number)) {
        return failure(ErrorCode::Usage, shown(text) + " is no number", "as in 42, -1.5 or 1e6");
    }
    // JSON knows neither "1." nor ".5" nor "007".
    const auto same = json::parse(text);
    if (!same) text = json::number_text(number);
    return Value(std::move(text), Kind::Number);
}

Result<Value> integer_value(std::string_view text) {
    std::int64_t number = 0;
    const char* const end = text.data() + text.size();
    const auto [stopped, error] = std::from_chars(text.data(), end, number);
    if (error != std::errc{} || stopped != end) {
        return failure(ErrorCode::Usage, shown(text) + " is no whole number");
    }
    return Value(std::to_string(number), Kind::Integer);
}

Result<Value> enum_value(const ParameterDeclaration& declaration, std::string text) {
    const auto& values = declaration.values;
    if (std::find(values.begin(), values.end(), text) != values.end())
        return Value(std::move(text));
    const std::vector<std::string_view> known(values.begin(), values.end());
    return failure(ErrorCode::Usage, shown(text) + " is not one of its values",
                   suggestion(text, known));
}

Result<void> check_bytes(std::string_view text) {
    if (text.size() > kLongestValue) {
        return failure(ErrorCode::Usage, "the value is longer than 64 KiB");
    }
    if (text.find('\0') != std::string_view::npos) {
        return failure(ErrorCode::Usage, "the value holds a NUL byte");
    }
    if (valid_utf8_prefix(text) != text.size()) {
        return failure(ErrorCode::Usage, "the value is not UTF-8");
    }
    return {};
}

Error about(std::string_view name, Error error) {
    error.message = "parameter " + std::string(name) + ": " + error.message;
    return error;
}

const ParameterDeclaration* find_declaration(const Task& task, std::string_view name) {
    const auto found = std::find_if(task.parameters.begin(), task.parameters.end(),
                                    [&](const auto& each) { return each.name == name; });
    return found == task.parameters.end() ? nullptr : &*found;
}

Result<void> check_names(const Task& task, const Values& given) {
    std::map<std::string, std::string_view> variables;
    for (const auto& [name, value] : given) {
        if (!is_parameter_name(name)) {
            return failure(ErrorCode::Usage, shown(name) + " can't name a parameter",
                           "a letter, then letters, digits, '_' or '-'");
        }
        const auto [other, is_new] = variables.emplace(parameter_variable(name), name);
        if (!is_new) {
            return failure(ErrorCode::Usage,
                           "the parameters " + std::string(other->second) + " and " + name +
                               " would both be " + other->first,
                           "give only one of them");
        }
        const bool allowed = !task.declares_parameters || task.open_parameters ||
                             find_declaration(task, name) != nullptr;
        if (allowed) continue;
        std::vector<std::string_view> known;
        for (const auto& declaration : task.parameters) known.push_back(declaration.name);
        return failure(ErrorCode::Usage, "the task " + task.name + " has no parameter " + name,
                       known.empty() ? "it takes none" : suggestion(name, known));
    }
    return {};
}

}  // namespace

Result<Value> typed_value(const ParameterDeclaration& declaration, std::string text) {
    if (auto bytes = check_bytes(text); !bytes) return Failure(bytes.error());
    if (declaration.pattern) {
        const auto pattern = Pattern::compile(*declaration.pattern);
        if (!pattern) return Failure(pattern.error());
        if (!pattern->matches(text)) {
            return failure(ErrorCode::Usage,
                           shown(text) + " does not match the pattern " + *declaration.pattern);
        }
    }
    switch (declaration.type) {
        case Type::String:
            return Value(std::move(text));
        case Type::Integer:
            return integer_value(text);
        case Type::Number:
            return number_value(std::move(text));
        case Type::Boolean:
            if (text == "true" || text == "false") return Value(std::move(text), Kind::Boolean);
            return failure(ErrorCode::Usage, shown(text) + " is neither true nor false");
        case Type::Duration: {
            const auto duration = parse_duration(text);
            if (!duration) return Failure(duration.error());
            return Value(std::move(text));
        }
        case Type::Enum:
            return enum_value(declaration, std::move(text));
        case Type::Json: {
            const auto document = json::parse(text);
            if (!document) return Failure(document.error());
            return Value(std::move(text), Kind::Json);
        }
    }
    return Value(std::move(text));
}

Result<Values> Task::check_parameters(Values given) const {
    for (const auto& declaration : parameters) {
        if (given.find(declaration.name) != given.end()) continue;
        if (declaration.default_value && !declaration.required) {
            given.emplace(declaration.name, *declaration.default_value);
        } else if (declaration.required) {
            return failure(
                ErrorCode::Usage, "the task " + name + " needs the parameter " + declaration.name,
                "give " + declaration.name + "=" + std::string(to_string(declaration.type)));
        }
    }
    if (auto names = check_names(*this, given); !names) return Failure(names.error());
    for (auto& [parameter, value] : given) {
        const ParameterDeclaration* const declaration = find_declaration(*this, parameter);
        if (declaration == nullptr) {
            // What nobody declared is a string, whatever it looks like.
            if (auto bytes = check_bytes(value.text); !bytes) {
                return Failure(about(parameter, bytes.error()));
            }
            value.kind = Kind::String;
            continue;
        }
        auto typed = typed_value(*declaration, std::move(value.text));
        if (!typed) return Failure(about(parameter, typed.error()));
        value = std::move(*typed);
    }
    return given;
}

}  // namespace periodic
