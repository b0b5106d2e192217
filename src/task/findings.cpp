#include "task/findings.hpp"

#include <algorithm>
#include <tuple>

#include "base/utf8.hpp"

namespace periodic {
namespace {

constexpr std::size_t kMostProblems = 100;
// A longer line (a file without line ends) would only hide the message.
constexpr std::size_t kLongestExcerpt = 200;
// A hint is for people, and a file of very many names must not take very long.
constexpr std::size_t kMostListed = 40;
constexpr std::size_t kMostCompared = 500;

}  // namespace

Findings::Findings(std::string_view text, std::string file) : text_(text), file_(std::move(file)) {
    line_starts_.push_back(0);
    for (std::size_t i = 0; i < text.size(); ++i) {
        const bool ends = text[i] == '\n' || (text[i] == '\r' && text.substr(i + 1, 1) != "\n");
        if (ends) line_starts_.push_back(i + 1);
    }
}

bool Findings::is_full() const noexcept {
    return problems_.size() > kMostProblems;
}

Place Findings::place(std::size_t offset) const {
    const auto after = std::upper_bound(line_starts_.begin(), line_starts_.end(), offset);
    return {static_cast<std::uint32_t>(after - line_starts_.begin()),
            static_cast<std::uint32_t>(offset - *std::prev(after) + 1)};
}

std::string Findings::excerpt(std::uint32_t line) const {
    if (line == 0 || line > line_starts_.size()) return {};
    const std::string_view rest = text_.substr(line_starts_[line - 1]);
    const std::string_view shown = rest.substr(0, rest.find_first_of("\r\n"));
    if (shown.size() > kLongestExcerpt) return {};
    // What a terminal would obey is not shown; each byte stays one, so that the caret is right.
    const bool valid = valid_utf8(shown) == shown;
    std::string clean(shown);
    for (char& c : clean) {
        const auto byte = static_cast<unsigned char>(c);
        if ((byte < 0x20 && c != '\t') || byte == 0x7F || (byte >= 0x80 && !valid)) c = '?';
    }
    return clean;
}

void Findings::add(Error error, Severity severity) {
    if (severity == Severity::Error) ++errors_;
    if (problems_.size() >= kMostProblems) {
        if (problems_.size() == kMostProblems) {
            Error rest;
            rest.message = "there are more mistakes, which are not shown";
            rest.file = file_;
            problems_.push_back({Severity::Error, std::move(rest)});
        }
        return;
    }
    error.file = file_;
    error.excerpt = excerpt(error.line);
    problems_.push_back({severity, std::move(error)});
}

void Findings::error(Place place, std::string message, std::string hint) {
    Error error;
    error.message = std::move(message);
    error.hint = std::move(hint);
    error.line = place.line;
    error.column = place.column;
    add(std::move(error));
}

void Findings::warning(Place place, std::string message, std::string hint) {
    Error error;
    error.message = std::move(message);
    error.hint = std::move(hint);
    error.line = place.line;
    error.column = place.column;
    add(std::move(error), Severity::Warning);
}

std::vector<Problem> Findings::take() {
    const auto order = [](const Problem& problem) {
        // What has no place (the note that there are more) comes last.
        const bool placed = problem.error.line != 0;
        return std::make_tuple(!placed, problem.error.line, problem.error.column);
    };
    std::stable_sort(problems_.begin(), problems_.end(),
                     [&](const Problem& a, const Problem& b) { return order(a) < order(b); });
    return std::move(problems_);
}

std::string suggestion(std::string_view word, const std::vector<std::string_view>& known,
                       std::string_view before, std::string_view after) {
    const auto shown = [&](std::string_view name) {
        return std::string(before).append(name).append(after);
    };
    const auto end =
        known.begin() + static_cast<std::ptrdiff_t>(std::min(known.size(), kMostCompared));
    const std::string_view near = nearest_word(word, {known.begin(), end});
    if (!near.empty()) return "did you mean " + shown(near) + "?";
    if (known.empty() || known.size() > kMostListed) return {};
    std::string list = "known: ";
    for (std::size_t i = 0; i < known.size(); ++i) {
        if (i != 0) list += ", ";
        list += shown(known[i]);
    }
    return list;
}

}  // namespace periodic
