#include "run/append_request.hpp"

#include <algorithm>
#include <charconv>

namespace periodic {
namespace {

std::string escaped(std::string_view text) {
    std::string line;
    line.reserve(text.size());
    for (const char byte : text) {
        if (byte == '\n') {
            line += "\\n";
        } else if (byte == '\\') {
            line += "\\\\";
        } else {
            line += byte;
        }
    }
    return line;
}

std::string unescaped(std::string_view line) {
    std::string text;
    text.reserve(line.size());
    for (std::size_t i = 0; i < line.size(); ++i) {
        const bool escape = line[i] == '\\' && i + 1 < line.size();
        if (!escape) {
            text += line[i];
            continue;
        }
        ++i;
        text += line[i] == 'n' ? '\n' : line[i];
    }
    return text;
}

// The next word and the blank behind it.
std::string_view take_word(std::string_view& line) {
    const std::string_view word = line.substr(0, line.find(' '));
    line.remove_prefix(std::min(line.size(), word.size() + 1));
    return word;
}

}  // namespace

std::string to_line(const AppendRequest& request) {
    std::string line = request.level ? "log " : "response ";
    line += std::to_string(request.id) + ' ';
    if (request.level) line.append(to_string(*request.level)) += ' ';
    return line + escaped(request.text);
}

std::optional<AppendRequest> append_request_from(std::string_view line) {
    const std::string_view kind = take_word(line);
    if (kind != "log" && kind != "response") return std::nullopt;
    AppendRequest request;
    const std::string_view id = take_word(line);
    const auto [end, error] = std::from_chars(id.data(), id.data() + id.size(), request.id);
    if (error != std::errc{} || end != id.data() + id.size()) return std::nullopt;
    if (kind == "log") {
        request.level = log_level_from(take_word(line));
        if (!request.level) return std::nullopt;
    }
    request.text = unescaped(line);
    return request;
}

}  // namespace periodic
