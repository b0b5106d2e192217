#include "cli/problem_document.hpp"

namespace periodic::cli {

void write_problems(JsonWriter& json, const std::vector<Problem>& problems) {
    json.array();
    const auto number = [&](std::string_view name, std::uint32_t value) {
        json.key(name);
        value == 0 ? json.null() : json.integer(value);
    };
    for (const auto& [severity, error] : problems) {
        json.object().key("severity").text(severity == Severity::Error ? "error" : "warning");
        json.key("file").text_or_null(error.file);
        number("line", error.line);
        number("column", error.column);
        json.key("message").text(error.message).key("hint").text_or_null(error.hint).end();
    }
    json.end();
}

}  // namespace periodic::cli
