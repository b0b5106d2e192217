#include "cli/problem_document.hpp"

#include "base/first_problems.hpp"

namespace periodic::cli {
namespace {

constexpr std::size_t kMostListed = 500;

}  // namespace

void write_problems(JsonWriter& json, const std::vector<Problem>& problems) {
    json.array();
    const auto number = [&](std::string_view name, std::uint32_t value) {
        json.key(name);
        value == 0 ? json.null() : json.integer(value);
    };
    for (const Problem& each : first_problems(problems, kMostListed)) {
        const Error& error = each.error;
        json.object().key("severity").text(each.severity == Severity::Error ? "error" : "warning");
        json.key("file").text_or_null(error.file);
        number("line", error.line);
        number("column", error.column);
        json.key("message").text(error.message).key("hint").text_or_null(error.hint).end();
    }
    json.end();
}

}  // namespace periodic::cli
