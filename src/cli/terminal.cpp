#include "cli/terminal.hpp"

#include <algorithm>
#include <charconv>
#include <clocale>
#include <cstdlib>
#include <cstring>

#include <sys/ioctl.h>
#include <unistd.h>
#include <wchar.h>

#include "base/utf8.hpp"

namespace periodic::cli {
namespace {

constexpr std::string_view kReplacement = "\xEF\xBF\xBD";
constexpr std::string_view kEllipsis = "\xE2\x80\xA6";

// One character of a text: its bytes and its columns.
struct Glyph {
    std::string_view bytes;
    int columns = 1;
    bool shown = true;  // false: a control character, or bytes that are not UTF-8
};

// The C.UTF-8 locale is part of libc; the user's own may know no wide characters at all.
int columns_of(char32_t character) {
    static const locale_t utf8 =
        newlocale(LC_CTYPE_MASK, "C.UTF-8", static_cast<locale_t>(nullptr));
    if (utf8 == static_cast<locale_t>(nullptr)) return 1;
    const locale_t before = uselocale(utf8);
    const int columns = wcwidth(static_cast<wchar_t>(character));
    uselocale(before);
    return columns;
}

char32_t decode(std::string_view sequence) {
    auto character = static_cast<char32_t>(static_cast<unsigned char>(sequence[0]));
    if (sequence.size() > 1) character &= (0x7FU >> sequence.size());
    for (const char c : sequence.substr(1)) {
        character = (character << 6U) | (static_cast<unsigned char>(c) & 0x3FU);
    }
    return character;
}

Glyph first_glyph(std::string_view text) {
    const auto lead = static_cast<unsigned char>(text[0]);
    if (lead < 0x80U) return {text.substr(0, 1), 1, lead >= 0x20U && lead != 0x7FU};
    const std::size_t length = utf8_sequence(text);
    if (length == 0) return {text.substr(0, 1), 1, false};
    const int columns = columns_of(decode(text.substr(0, length)));
    if (columns < 0) return {text.substr(0, length), 1, false};
    return {text.substr(0, length), columns, true};
}

std::string coloured(const Terminal& terminal, std::string_view code, std::string_view text) {
    if (!terminal.colour || text.empty()) return std::string(text);
    return "\x1B[" + std::string(code) + 'm' + std::string(text) + "\x1B[0m";
}

std::size_t columns_of_terminal(int fd) {
    if (const char* text = std::getenv("COLUMNS"); text != nullptr) {
        std::size_t columns = 0;
        const char* end = text + std::strlen(text);
        if (std::from_chars(text, end, columns).ptr == end && columns >= 20) return columns;
    }
    winsize size{};
    if (ioctl(fd, TIOCGWINSZ, &size) == 0 && size.ws_col >= 20) return size.ws_col;
    return 80;
}

}  // namespace

Terminal look_at_terminal(int fd) {
    Terminal terminal;
    terminal.interactive = isatty(fd) == 1;
    if (!terminal.interactive) return terminal;
    const char* no_colour = std::getenv("NO_COLOR");
    const char* type = std::getenv("TERM");
    terminal.colour = (no_colour == nullptr || *no_colour == '\0') && type != nullptr &&
                      std::strcmp(type, "dumb") != 0;
    terminal.width = columns_of_terminal(fd);
    return terminal;
}

std::size_t display_width(std::string_view text) {
    std::size_t width = 0;
    while (!text.empty()) {
        const Glyph glyph = first_glyph(text);
        width += static_cast<std::size_t>(glyph.columns);
        text.remove_prefix(glyph.bytes.size());
    }
    return width;
}

std::string printable(std::string_view text) {
    std::string result;
    result.reserve(text.size());
    while (!text.empty()) {
        const Glyph glyph = first_glyph(text);
        const char first = glyph.bytes[0];
        if (first == '\n' || first == '\r' || first == '\t') {
            result += ' ';
        } else {
            result += glyph.shown ? glyph.bytes : kReplacement;
        }
        text.remove_prefix(glyph.bytes.size());
    }
    return result;
}

std::string fitted(std::string_view text, std::size_t columns) {
    if (display_width(text) <= columns) return std::string(text);
    if (columns == 0) return {};
    std::string result;
    std::size_t used = 0;
    while (!text.empty()) {
        const Glyph glyph = first_glyph(text);
        const auto width = static_cast<std::size_t>(glyph.columns);
        if (used + width > columns - 1) break;
        result += glyph.bytes;
        used += width;
        text.remove_prefix(glyph.bytes.size());
    }
    return result += kEllipsis;
}

std::string wrapped(std::string_view text, std::size_t columns, std::size_t indent) {
    std::string result;
    std::size_t used = 0;
    while (!text.empty()) {
        if (text[0] == '\n') {
            result += '\n' + std::string(indent, ' ');
            used = indent;
            text.remove_prefix(1);
            continue;
        }
        const std::size_t blanks = std::min(text.find_first_not_of(' '), text.size());
        const std::size_t end = std::min(text.find_first_of(" \n", blanks), text.size());
        const std::size_t width = display_width(text.substr(blanks, end - blanks));
        if (used > indent && used + blanks + width > columns) {
            result += '\n' + std::string(indent, ' ');
            used = indent;
            result += text.substr(blanks, end - blanks);
        } else {
            result += text.substr(0, end);
            used += blanks;
        }
        used += width;
        text.remove_prefix(end);
    }
    return result;
}

std::string bold(const Terminal& terminal, std::string_view text) {
    return coloured(terminal, "1", text);
}
std::string red(const Terminal& terminal, std::string_view text) {
    return coloured(terminal, "1;31", text);
}
std::string yellow(const Terminal& terminal, std::string_view text) {
    return coloured(terminal, "1;33", text);
}
std::string green(const Terminal& terminal, std::string_view text) {
    return coloured(terminal, "32", text);
}
std::string faint(const Terminal& terminal, std::string_view text) {
    return coloured(terminal, "2", text);
}

}  // namespace periodic::cli
