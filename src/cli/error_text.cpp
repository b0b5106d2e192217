#include "cli/error_text.hpp"

#include <algorithm>
#include <string_view>

namespace periodic::cli {
namespace {

constexpr std::string_view kIndent = "    ";

bool is_continuation(char c) {
    return (static_cast<unsigned char>(c) & 0xC0U) == 0x80U;
}

// The part of a line that is shown, and how far it is to the column in it.
struct Window {
    std::string_view before;
    std::string_view after;  // begins at the column
    bool cut_before = false;
    bool cut_after = false;
};

Window window_of(std::string_view line, std::size_t column) {
    constexpr std::size_t kBefore = 90;
    constexpr std::size_t kAfter = 50;
    Window window;
    std::size_t at = std::min(column - 1, line.size());
    while (at > 0 && at < line.size() && is_continuation(line[at])) --at;
    std::size_t from = at > kBefore ? at - kBefore : 0;
    while (from < at && is_continuation(line[from])) ++from;
    std::size_t to = std::min(line.size(), at + kAfter);
    while (to < line.size() && is_continuation(line[to])) ++to;
    window.before = line.substr(from, at - from);
    window.after = line.substr(at, to - at);
    window.cut_before = from > 0;
    window.cut_after = to < line.size();
    return window;
}

std::string caret_lines(const Error& error, const Terminal& terminal) {
    const Window window = window_of(error.excerpt, error.column);
    const std::string before = (window.cut_before ? "..." : "") + printable(window.before);
    std::string text(kIndent);
    text += before + printable(window.after) + (window.cut_after ? "...\n" : "\n");
    text += kIndent;
    text.append(display_width(before), ' ');
    return text + red(terminal, "^") + '\n';
}

std::string place(const Error& error) {
    if (error.file.empty()) return "periodic: ";
    std::string text = error.file + ':';
    if (error.line != 0) text += std::to_string(error.line) + ':';
    if (error.line != 0 && error.column != 0) text += std::to_string(error.column) + ':';
    return text + ' ';
}

// Each line of a text, made harmless, after the indent.
std::string indented(std::string_view text, std::string_view indent) {
    std::string result;
    while (true) {
        const auto end = text.find('\n');
        result.append(indent).append(printable(text.substr(0, end))).append("\n");
        if (end == std::string_view::npos) return result;
        text.remove_prefix(end + 1);
    }
}

}  // namespace

std::string error_text(const Error& error, Severity severity, const Terminal& terminal) {
    std::string text = bold(terminal, printable(place(error)));
    if (severity == Severity::Warning) text += yellow(terminal, "warning: ");
    text += indented(error.message, "");
    if (!error.excerpt.empty() && error.column != 0) text += caret_lines(error, terminal);
    if (!error.hint.empty()) text += indented(error.hint, kIndent);
    return text;
}

}  // namespace periodic::cli
