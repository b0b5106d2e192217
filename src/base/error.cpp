#include "periodic/error.hpp"

#include <algorithm>
#include <cctype>
#include <numeric>

namespace periodic {
namespace {

std::string lower(std::string_view text) {
    std::string result(text);
    std::transform(result.begin(), result.end(), result.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return result;
}

// Damerau's distance without overlaps, row by row: two letters swapped, the commonest slip of a
// hand, are one edit.
std::size_t edit_distance(std::string_view a, std::string_view b) {
    std::vector<std::size_t> before(b.size() + 1);  // the row before the last one
    std::vector<std::size_t> last(b.size() + 1);
    std::vector<std::size_t> row(b.size() + 1);
    std::iota(row.begin(), row.end(), 0U);
    for (std::size_t i = 1; i <= a.size(); ++i) {
        before.swap(last);
        last.swap(row);
        row[0] = i;
        for (std::size_t j = 1; j <= b.size(); ++j) {
            const std::size_t substituted = last[j - 1] + (a[i - 1] == b[j - 1] ? 0U : 1U);
            row[j] = std::min({last[j] + 1, row[j - 1] + 1, substituted});
            const bool swapped = i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1];
            if (swapped) row[j] = std::min(row[j], before[j - 2] + 1);
        }
    }
    return row.back();
}

// The line's text, with the caret line under it: tabs are kept so that both are indented alike.
std::string with_caret(const Error& error) {
    std::string text = "\n    " + error.excerpt + "\n    ";
    for (std::size_t i = 0; i + 1 < error.column && i < error.excerpt.size(); ++i) {
        const auto byte = static_cast<unsigned char>(error.excerpt[i]);
        if ((byte & 0xC0U) == 0x80U) continue;  // a UTF-8 continuation takes no column
        text += byte == '\t' ? '\t' : ' ';
    }
    return text + '^';
}

}  // namespace

std::string to_string(const Error& error) {
    std::string text;
    if (!error.file.empty()) {
        text += error.file + ':';
        if (error.line != 0) {
            text += std::to_string(error.line) + ':';
            if (error.column != 0) text += std::to_string(error.column) + ':';
        }
        text += ' ';
    }
    text += error.message;
    if (!error.excerpt.empty() && error.column != 0) text += with_caret(error);
    if (!error.hint.empty()) text += "\n    " + error.hint;
    return text;
}

std::string_view nearest_word(std::string_view word,
                              const std::vector<std::string_view>& candidates) {
    if (word.size() > 64) return {};
    const std::string wanted = lower(word);
    std::string_view best;
    std::size_t least = word.size() <= 4 ? 1 : 2;
    for (const auto candidate : candidates) {
        if (candidate.size() > word.size() + 2 || word.size() > candidate.size() + 2) continue;
        const std::size_t distance = edit_distance(wanted, lower(candidate));
        if (distance < least || (distance == least && best.empty())) {
            best = candidate;
            least = distance;
        }
    }
    return best;
}

}  // namespace periodic
