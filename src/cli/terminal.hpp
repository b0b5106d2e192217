#pragma once

/// @file
/// What a stream can show, and how wide a text is on it.

#include <cstddef>
#include <string>
#include <string_view>

namespace periodic::cli {

/// What is known of an output stream. Off a terminal nothing is coloured or cut.
struct Terminal {
    bool interactive = false;
    bool colour = false;    ///< a terminal, without NO_COLOR, that is not "dumb"
    std::size_t width = 0;  ///< in columns; 0: unlimited
};

/// Looks at a file descriptor and at NO_COLOR, TERM and COLUMNS.
[[nodiscard]] Terminal look_at_terminal(int fd);

/// Columns that a UTF-8 text takes: wide characters two, combining ones none. Bytes that are not
/// UTF-8 and control characters count as one, as `printable` shows them.
[[nodiscard]] std::size_t display_width(std::string_view text);

/// The text with what would disturb a terminal (control characters, bytes that are not UTF-8)
/// replaced by U+FFFD; line ends and tabs become blanks.
[[nodiscard]] std::string printable(std::string_view text);

/// The text cut to at most `columns`, its last one being an ellipsis if something was cut off.
[[nodiscard]] std::string fitted(std::string_view text, std::size_t columns);

/// The text broken at blanks into lines of at most `columns`, all but the first begun by `indent`
/// blanks. Words that are longer stay whole; line ends in the text are kept.
[[nodiscard]] std::string wrapped(std::string_view text, std::size_t columns, std::size_t indent);

/// Colours; each answers the text itself where `terminal` shows none.
[[nodiscard]] std::string bold(const Terminal& terminal, std::string_view text);
[[nodiscard]] std::string red(const Terminal& terminal, std::string_view text);
[[nodiscard]] std::string yellow(const Terminal& terminal, std::string_view text);
[[nodiscard]] std::string green(const Terminal& terminal, std::string_view text);
[[nodiscard]] std::string faint(const Terminal& terminal, std::string_view text);

}  // namespace periodic::cli
