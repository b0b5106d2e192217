#pragma once

/// @file
/// A program's output as log lines.

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

#include "periodic/logger.hpp"

namespace periodic {

/// The longest line; longer ones are split. In bytes.
inline constexpr std::size_t kLongestLine = 64U << 10U;

/// Cuts one stream of bytes into lines, as they come in pieces of any size.
///
/// A line ends with `\n` or `\r\n`. `<0>` to `<7>` at its beginning is its priority, as systemd
/// reads it (sd-daemon(3)): 0 to 3 error, 4 warning, 5 and 6 info, 7 debug; the rest of a line that
/// was split has the same. Bytes that are no UTF-8, and NUL bytes, become U+FFFD.
class OutputLines {
public:
    using Sink = std::function<void(LogLevel level, std::string_view line)>;

    /// `level` is that of lines without a prefix.
    OutputLines(LogLevel level, Sink sink) : usual_(level), sink_(std::move(sink)) {}

    void add(std::string_view bytes);

    /// Passes on a last line that has no line end.
    void finish();

private:
    void pass(std::string_view line, bool whole);

    LogLevel usual_;
    Sink sink_;
    std::string partial_;
    bool continued_ = false;  // the line's beginning was passed on already
    LogLevel continued_level_{};
};

}  // namespace periodic
