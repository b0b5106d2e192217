#pragma once

/// @file
/// One line on the terminal that says how far something is.

#include <string>
#include <string_view>

#include "cli/session.hpp"

namespace periodic::cli {

/// The last line of standard error, where that is a terminal and nobody asked for quiet; else
/// nothing. Whoever prints something else clears it first. Used by one thread.
class ProgressLine {
public:
    explicit ProgressLine(Session& session) : session_(session) {}
    ProgressLine(const ProgressLine&) = delete;
    ProgressLine& operator=(const ProgressLine&) = delete;
    ~ProgressLine() { clear(); }

    [[nodiscard]] bool is_shown() const { return session_.err().interactive && !session_.quiet(); }

    /// Shows a text instead of the one before, cut to the terminal's width.
    void show(std::string_view text);
    void clear();

private:
    Session& session_;
    std::string shown_{};
};

}  // namespace periodic::cli
