#include "cli/table.hpp"

#include <algorithm>
#include <numeric>
#include <utility>

namespace periodic::cli {
namespace {

constexpr std::size_t kGap = 2;
constexpr std::size_t kLeastWidth = 6;

}  // namespace

void Table::add(std::vector<std::string> cells) {
    cells.resize(head_.size());
    for (auto& cell : cells) cell = printable(cell);
    rows_.push_back(std::move(cells));
}

std::vector<std::size_t> Table::widths(std::size_t available) const {
    std::vector<std::size_t> widths(head_.size());
    for (std::size_t i = 0; i < head_.size(); ++i) {
        widths[i] = display_width(head_[i]);
        for (const auto& row : rows_) widths[i] = std::max(widths[i], display_width(row[i]));
    }
    if (available == 0) return widths;
    std::size_t total = std::accumulate(widths.begin(), widths.end(), kGap * (widths.size() - 1));
    while (total > available) {
        auto& widest = *std::max_element(widths.begin(), widths.end());
        if (widest <= kLeastWidth) break;
        --widest;
        --total;
    }
    return widths;
}

std::string Table::line(const std::vector<std::string>& cells,
                        const std::vector<std::size_t>& widths) const {
    std::string line;
    for (std::size_t i = 0; i < cells.size(); ++i) {
        if (i != 0) line.append(kGap, ' ');
        const std::string cell = fitted(cells[i], widths[i]);
        const std::size_t blanks = widths[i] - std::min(widths[i], display_width(cell));
        if (align_[i] == Align::Right) line.append(blanks, ' ');
        line += cell;
        if (align_[i] == Align::Left && i + 1 < cells.size()) line.append(blanks, ' ');
    }
    line.erase(line.find_last_not_of(' ') + 1);
    return line;
}

Table Table::without_empty() const {
    std::vector<std::size_t> kept;
    for (std::size_t i = 0; i < head_.size(); ++i) {
        const auto has_value = [i](const auto& row) { return !row[i].empty(); };
        if (std::any_of(rows_.begin(), rows_.end(), has_value)) kept.push_back(i);
    }
    const auto pick = [&kept](const std::vector<std::string>& cells) {
        std::vector<std::string> picked;
        picked.reserve(kept.size());
        for (const std::size_t i : kept) picked.push_back(cells[i]);
        return picked;
    };
    Table table(pick(head_));
    for (std::size_t i = 0; i < kept.size(); ++i) table.align_[i] = align_[kept[i]];
    for (const auto& row : rows_) table.rows_.push_back(pick(row));
    return table;
}

std::string Table::text(const Terminal& terminal) const {
    if (leaves_out_empty_ && terminal.width != 0) return without_empty().text(terminal);
    const auto columns = widths(terminal.width);
    std::string text = bold(terminal, line(head_, columns)) + '\n';
    for (const auto& row : rows_) text += line(row, columns) + '\n';
    return text;
}

}  // namespace periodic::cli
