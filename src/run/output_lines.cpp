#include "run/output_lines.hpp"

#include <algorithm>

#include "base/utf8.hpp"

namespace periodic {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";

// Takes `<N>` off the front of a line, if it is there.
bool take_priority(std::string_view& line, LogLevel& level) {
    if (line.size() < 3 || line[0] != '<' || line[2] != '>' || line[1] < '0' || line[1] > '7')
        return false;
    const int priority = line[1] - '0';
    if (priority <= 3) level = LogLevel::Error;
    if (priority == 4) level = LogLevel::Warning;
    if (priority == 5 || priority == 6) level = LogLevel::Info;
    if (priority == 7) level = LogLevel::Debug;
    line.remove_prefix(3);
    return true;
}

// What a terminal, a database and a JSON document can all take as it is.
bool is_plain(std::string_view line) {
    return std::all_of(line.begin(), line.end(), [](char c) { return c > 0; });
}

std::string cleaned(std::string_view line) {
    const std::string valid = valid_utf8(line);
    std::string text;
    text.reserve(valid.size());
    for (std::string_view rest = valid;;) {
        const std::size_t nul = rest.find('\0');
        text += rest.substr(0, nul);
        if (nul == std::string_view::npos) return text;
        text += kReplacement;
        rest.remove_prefix(nul + 1);
    }
}

}  // namespace

void OutputLines::add(std::string_view bytes) {
    while (!bytes.empty()) {
        const std::size_t end = bytes.find('\n');
        const bool whole = end != std::string_view::npos;
        std::string_view piece = bytes.substr(0, end);
        bytes.remove_prefix(whole ? end + 1 : bytes.size());
        if (whole && partial_.empty() && piece.size() <= kLongestLine) {
            pass(piece, true);
            continue;
        }
        partial_.append(piece);
        std::string_view rest = partial_;
        while (rest.size() > kLongestLine) {
            const std::size_t cut = utf8_cut(rest, kLongestLine);
            pass(rest.substr(0, cut), false);
            rest.remove_prefix(cut);
        }
        partial_.erase(0, partial_.size() - rest.size());
        if (!whole) continue;
        pass(partial_, true);
        partial_.clear();
    }
}

void OutputLines::finish() {
    if (!partial_.empty()) pass(partial_, true);
    partial_.clear();
}

void OutputLines::pass(std::string_view line, bool whole) {
    if (whole && line.ends_with('\r')) line.remove_suffix(1);
    LogLevel level = continued_ ? continued_level_ : usual_;
    if (!continued_) take_priority(line, level);
    continued_ = !whole;
    continued_level_ = level;
    if (is_plain(line))
        sink_(level, line);
    else
        sink_(level, cleaned(line));
}

}  // namespace periodic
