#pragma once

/// @file
/// Aligned columns for people.

#include <string>
#include <vector>

#include "cli/terminal.hpp"

namespace periodic::cli {

/// A table without lines: a head, then rows, two blanks between columns.
///
///     Table table({"ID", "STATE", "TASK"});
///     table.add({"12", "succeeded", "backup"});
///     session.print(table.text(session.out()));
class Table {
public:
    enum class Align : unsigned char { Left, Right };

    explicit Table(std::vector<std::string> head) : head_(std::move(head)), align_(head_.size()) {}

    /// Numbers stand to the right.
    void align(std::size_t column, Align how) { align_[column] = how; }

    /// On a terminal, columns without a value are left out.
    void leave_out_empty() noexcept { leaves_out_empty_ = true; }

    /// Adds a row of as many cells as the head has; what is not printable is replaced.
    void add(std::vector<std::string> cells);

    [[nodiscard]] bool empty() const noexcept { return rows_.empty(); }

    /// The table, each line with its end. If it is wider than the terminal the widest columns are
    /// cut, with an ellipsis, down to what fits but at least to six columns each.
    [[nodiscard]] std::string text(const Terminal& terminal) const;

private:
    [[nodiscard]] Table without_empty() const;
    [[nodiscard]] std::vector<std::size_t> widths(std::size_t available) const;
    [[nodiscard]] std::string line(const std::vector<std::string>& cells,
                                   const std::vector<std::size_t>& widths) const;

    std::vector<std::string> head_;
    std::vector<Align> align_;
    std::vector<std::vector<std::string>> rows_{};
    bool leaves_out_empty_ = false;
};

}  // namespace periodic::cli
