#pragma once

/// @file
/// What was found in one file: all of its mistakes, each with its place and its line.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "periodic/error.hpp"

namespace periodic {

/// A place in a text: line and byte, both from 1.
struct Place {
    std::uint32_t line = 0;
    std::uint32_t column = 0;
};

/// Collects the problems of one file. `text` must outlive it.
class Findings {
public:
    Findings(std::string_view text, std::string file);

    void error(Place place, std::string message, std::string hint = {});
    void warning(Place place, std::string message, std::string hint = {});
    /// Adds an error that knows its line and column, and fills in the file and the excerpt.
    void add(Error error, Severity severity = Severity::Error);

    /// How many errors, not counting warnings, were noted so far.
    [[nodiscard]] std::size_t errors() const noexcept { return errors_; }
    /// Whether what is found from now on is only counted.
    [[nodiscard]] bool is_full() const noexcept;
    /// The line and column of a byte of the text. Lines end with `\n`, `\r\n` or `\r`.
    [[nodiscard]] Place place(std::size_t offset) const;

    /// The problems in order of place. A file that is wrong all over gives the first hundred, and
    /// one more that says so.
    [[nodiscard]] std::vector<Problem> take();

private:
    [[nodiscard]] std::string excerpt(std::uint32_t line) const;

    std::string_view text_;
    std::string file_;
    std::vector<std::size_t> line_starts_;
    std::vector<Problem> problems_;
    std::size_t errors_ = 0;
};

/// "did you mean X?" for a word near one of `known`, else "known: A, B, C" if they are few, else
/// nothing. Each word is shown between `before` and `after`. Of very many only the first are
/// looked at.
[[nodiscard]] std::string suggestion(std::string_view word,
                                     const std::vector<std::string_view>& known,
                                     std::string_view before = "", std::string_view after = "");

}  // namespace periodic
