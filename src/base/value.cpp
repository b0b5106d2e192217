#include "periodic/value.hpp"

#include <algorithm>
#include <charconv>

#include "base/json.hpp"

namespace periodic {
namespace {

bool is_letter(char c) noexcept {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
bool is_digit(char c) noexcept {
    return c >= '0' && c <= '9';
}

// The grammar of RFC 8259, so that a number is written just as it came.
bool is_json_number(std::string_view text) noexcept {
    std::size_t at = 0;
    const auto digits = [&] {
        const std::size_t from = at;
        while (at < text.size() && is_digit(text[at])) ++at;
        return at - from;
    };
    if (at < text.size() && text[at] == '-') ++at;
    const std::size_t first = at;
    const std::size_t whole = digits();
    if (whole == 0 || (whole > 1 && text[first] == '0')) return false;
    if (at < text.size() && text[at] == '.') {
        ++at;
        if (digits() == 0) return false;
    }
    if (at < text.size() && (text[at] == 'e' || text[at] == 'E')) {
        ++at;
        if (at < text.size() && (text[at] == '+' || text[at] == '-')) ++at;
        if (digits() == 0) return false;
    }
    return at == text.size();
}

// A text that is not what its kind promises is shown as a string: the document stays JSON.
bool is_bare_json(const Value& value) {
    switch (value.kind) {
        case Value::Kind::String:
            return false;
        case Value::Kind::Integer:
        case Value::Kind::Number:
            return is_json_number(value.text);
        case Value::Kind::Boolean:
            return value.text == "true" || value.text == "false";
        case Value::Kind::Json:
            return json::parse(value.text).has_value();
    }
    return false;
}

Value to_value(const json::Value& from) {
    if (from.is_string()) return {std::string(from.get_string())};
    if (from.is_bool()) return {from.get_bool() ? "true" : "false", Value::Kind::Boolean};
    const auto kind = from.is_int64() || from.is_uint64() ? Value::Kind::Integer
                      : from.is_double()                  ? Value::Kind::Number
                                                          : Value::Kind::Json;
    return {json::to_text(from), kind};
}

}  // namespace

std::string to_json(const Values& values) {
    std::string out = "{";
    for (const auto& [name, value] : values) {
        if (out.size() > 1) out += ',';
        json::append_quoted(out, name);
        out += ':';
        if (is_bare_json(value)) {
            out += value.text;
        } else {
            json::append_quoted(out, value.text);
        }
    }
    return out + '}';
}

Result<Values> values_from_json(std::string_view json) {
    const auto document = json::parse(json);
    if (!document) return Failure(document.error());
    if (!document->is_object()) {
        Error error;
        error.code = ErrorCode::Usage;
        error.message = "not a JSON object";
        error.hint = R"(write {"name": "value"})";
        error.column = 1;
        return Failure(std::move(error));
    }
    Values values;
    for (const auto& member : document->get_object()) {
        values.insert_or_assign(std::string(member.key()), to_value(member.value()));
    }
    return values;
}

bool is_parameter_name(std::string_view name) noexcept {
    return !name.empty() && name.size() <= 128 && is_letter(name.front()) &&
           std::all_of(name.begin(), name.end(),
                       [](char c) { return is_letter(c) || is_digit(c) || c == '_' || c == '-'; });
}

bool is_task_name(std::string_view name) noexcept {
    return !name.empty() && name.size() <= 128 &&
           (is_letter(name.front()) || is_digit(name.front())) &&
           std::all_of(name.begin(), name.end(), [](char c) {
               return is_letter(c) || is_digit(c) || c == '.' || c == '_' || c == '-';
           });
}

std::string parameter_variable(std::string_view name) {
    std::string variable = "PERIODIC_PARAM_";
    for (const char c : name) {
        const bool lower = c >= 'a' && c <= 'z';
        variable += c == '-' ? '_' : lower ? static_cast<char>(c - 'a' + 'A') : c;
    }
    return variable;
}

}  // namespace periodic
