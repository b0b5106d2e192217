// Any bytes as a task file: it ends, and it either gives a task or says what is wrong, and where.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "expect.hpp"
#include "periodic/task.hpp"

using namespace periodic;  // NOLINT(google-build-using-namespace)

namespace {

std::size_t lines_of(std::string_view text) {
    const auto ends =
        std::count_if(text.begin(), text.end(), [](char c) { return c == '\n' || c == '\r'; });
    return static_cast<std::size_t>(ends) + 1;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    static const CommandRegistry kCommands = builtin_commands();
    const std::string_view xml(reinterpret_cast<const char*>(data), size);
    const TaskReading reading = read_task(xml, "task", "task.xml", kCommands);
    std::size_t errors = 0;
    for (const Problem& each : reading.problems) {
        const Error& error = each.error;
        if (each.severity == Severity::Error) ++errors;
        expect(!error.message.empty(), "a problem has a message");
        expect(error.line <= lines_of(xml), "a problem is in a line of the file");
        expect(error.column <= size + 1, "a problem is at a byte of the file");
        expect(!to_string(error).empty(), "a problem can be shown");
    }
    expect(reading.task.has_value() == (errors == 0), "there is a task or an error, never both");
    if (!reading.task) return 0;
    for (const auto& command : reading.task->commands) {
        expect(command.create(command.config).has_value(),
               "a command that was made can be made again");
    }
    const auto values = reading.task->check_parameters({{"list", "news"}});
    if (values)
        expect(values_from_json(to_json(*values)).has_value(), "parameters can be shown as JSON");
    return 0;
}
