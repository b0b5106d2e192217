#include "cli/progress_line.hpp"

namespace periodic::cli {

void ProgressLine::show(std::string_view text) {
    if (!is_shown()) return;
    constexpr std::size_t kUsual = 80;
    const std::size_t width = session_.err().width == 0 ? kUsual : session_.err().width;
    const std::string line = fitted(printable(text), width - 1);
    if (line == shown_) return;
    clear();
    session_.complain(line);
    shown_ = line;
}

// Blanks instead of an escape sequence, which a dumb terminal would show.
void ProgressLine::clear() {
    if (shown_.empty()) return;
    session_.complain('\r' + std::string(display_width(shown_), ' ') + '\r');
    shown_.clear();
}

}  // namespace periodic::cli
