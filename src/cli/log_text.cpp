#include "cli/log_text.hpp"

namespace periodic::cli {

std::string log_text(const LogLine& line, const TimeZone& zone, const Terminal& terminal) {
    const std::string text = terminal.interactive ? printable(line.text) : line.text;
    std::string shown = faint(terminal, format_rfc3339(line.time, zone)) + ' ';
    switch (line.level) {
        case LogLevel::Debug:
            return shown + "debug: " + faint(terminal, text) + '\n';
        case LogLevel::Info:
            return shown + text + '\n';
        case LogLevel::Warning:
            return shown + yellow(terminal, "warning: ") + text + '\n';
        case LogLevel::Error:
            return shown + red(terminal, "error: ") + text + '\n';
    }
    return shown + text + '\n';
}

std::string plain_text(const LogLine& line, const Terminal& terminal) {
    return (terminal.interactive ? printable(line.text) : line.text) + '\n';
}

}  // namespace periodic::cli
