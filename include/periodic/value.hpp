#pragma once

/// @file
/// The value of a parameter or an attribute: a text that knows its JSON type.

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <utility>

#include "periodic/error.hpp"

namespace periodic {

/// A parameter's value. Programs see `text`; JSON shows it by `kind`.
struct Value {
    enum class Kind : std::uint8_t { String, Integer, Number, Boolean, Json };

    std::string text{};  ///< for Json, the JSON itself
    Kind kind = Kind::String;

    Value() = default;
    // Implicit, so that {{"name", "value"}} makes parameters.
    Value(std::string string) : text(std::move(string)) {}  // NOLINT(google-explicit-constructor)
    Value(std::string_view string) : text(string) {}        // NOLINT(google-explicit-constructor)
    Value(const char* string) : text(string) {}             // NOLINT(google-explicit-constructor)
    Value(std::string string, Kind kind_of_it) : text(std::move(string)), kind(kind_of_it) {}

    friend bool operator==(const Value&, const Value&) = default;
};

/// Names and values, ordered by name. A name is `[A-Za-z][A-Za-z0-9_-]*`.
using Values = std::map<std::string, Value, std::less<>>;

/// A JSON object of them.
[[nodiscard]] std::string to_json(const Values& values);

/// Reads what `to_json` wrote; any JSON object is accepted: numbers without fraction or exponent
/// become Integer, other numbers Number, arrays, objects and null Json. Error: Usage, with the
/// byte in `column`.
[[nodiscard]] Result<Values> values_from_json(std::string_view json);

/// Whether a text may name a parameter.
[[nodiscard]] bool is_parameter_name(std::string_view name) noexcept;

/// Whether a text may name a task, a group or a topic: `[A-Za-z0-9][A-Za-z0-9._-]*`, at most
/// 128 bytes.
[[nodiscard]] bool is_task_name(std::string_view name) noexcept;

/// The environment variable of a parameter: `PERIODIC_PARAM_` and the name in upper case, with
/// `_` for `-`.
[[nodiscard]] std::string parameter_variable(std::string_view name);

}  // namespace periodic
