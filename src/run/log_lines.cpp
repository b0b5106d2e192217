#include "run/log_lines.hpp"

#include <string>

#include "base/utf8.hpp"

namespace periodic {

void for_each_log_line(std::string_view text,
                       const std::function<void(std::string_view line)>& take) {
    const std::string valid = valid_utf8(text);
    std::string_view rest = valid;
    while (true) {
        std::string_view line = rest.substr(0, rest.find('\n'));
        const bool last = line.size() == rest.size();
        rest.remove_prefix(last ? rest.size() : line.size() + 1);
        while (line.size() > kLongestLogLine) {
            const std::size_t cut = utf8_cut(line, kLongestLogLine);
            take(line.substr(0, cut));
            line.remove_prefix(cut);
        }
        take(line);
        if (last || rest.empty()) return;
    }
}

}  // namespace periodic
