#include "cron/crontab_line.hpp"

#include <algorithm>

#include "periodic/value.hpp"

namespace periodic::cron {
namespace {

constexpr std::size_t kLongestValue = 65'536;

constexpr bool is_blank(char c) noexcept {
    return c == ' ' || c == '\t';
}
constexpr bool is_comment(char c) noexcept {
    return c == '#' || c == ';';
}

constexpr bool is_name_byte(char c) noexcept {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-';
}

std::size_t skip_blanks(std::string_view text, std::size_t at) noexcept {
    while (at < text.size() && is_blank(text[at])) ++at;
    return at;
}

std::size_t token_end(std::string_view text, std::size_t at) noexcept {
    while (at < text.size() && !is_blank(text[at])) ++at;
    return at;
}

// At the end of the line or at a comment.
bool is_over(std::string_view line, std::size_t at) noexcept {
    return at >= line.size() || is_comment(line[at]);
}

std::string shown(std::string_view token) {
    constexpr std::size_t kLongest = 60;
    if (token.size() <= kLongest) return "'" + std::string(token) + "'";
    std::size_t end = kLongest;
    while (end != 0 && (static_cast<unsigned char>(token[end]) & 0xC0U) == 0x80U) --end;
    return "'" + std::string(token.substr(0, end)) + "...'";
}

/// Cuts one line from left to right.
class EntrySplitter {
public:
    EntrySplitter(std::string_view line, EntryParts& parts, std::vector<LineFault>& faults)
        : line_(line), parts_(parts), faults_(faults) {}

    bool split() {
        at_ = skip_blanks(line_, 0);
        if (!read_when() || !read_target()) return false;
        return read_arguments();
    }

private:
    bool fail(std::size_t at, std::string message, std::string hint) {
        faults_.push_back({at, std::move(message), std::move(hint)});
        return false;
    }

    bool read_when() {
        const char first = line_[at_];
        if (first == '"' || first == '\'') {
            const std::size_t close = line_.find(first, at_ + 1);
            if (close == std::string_view::npos) {
                return fail(at_, "the schedule's quote is not closed",
                            "write the same quote after its last field");
            }
            parts_.when = line_.substr(at_ + 1, close - at_ - 1);
            at_ = close + 1;
            if (at_ < line_.size() && !is_blank(line_[at_])) {
                return fail(at_, "a blank is missing after the quoted schedule", "");
            }
            return true;
        }
        const std::size_t start = at_;
        std::size_t end = token_end(line_, at_);
        std::size_t fields = 1;
        std::size_t wanted = 5;
        if (first == '@') wanted = end - start == 6 && is_every(line_.substr(start, 6)) ? 2 : 1;
        while (fields < wanted) {
            const std::size_t next = skip_blanks(line_, end);
            if (is_over(line_, next)) return fail_short(start, end, fields);
            end = token_end(line_, next);
            ++fields;
        }
        parts_.when = line_.substr(start, end - start);
        at_ = end;
        return true;
    }

    static bool is_every(std::string_view macro) {
        constexpr std::string_view kEvery = "@every";
        return std::equal(macro.begin(), macro.end(), kEvery.begin(),
                          [](char a, char b) { return (a | 0x20) == (b | 0x20); });
    }

    bool fail_short(std::size_t start, std::size_t end, std::size_t fields) {
        if (line_[start] == '@') {
            return fail(end, "@every needs a duration and a task", "say @every 15m TASK");
        }
        return fail(
            end,
            "the line ends after " + std::to_string(fields) + (fields == 1 ? " field" : " fields"),
            "an entry is: minute hour day-of-month month day-of-week [GROUP:]TASK "
            "[key=value ...]");
    }

    bool read_target() {
        at_ = skip_blanks(line_, at_);
        if (is_over(line_, at_)) {
            return fail(std::min(at_, line_.size()), "the task's name is missing",
                        "an entry is: WHEN [GROUP:]TASK [key=value ...]");
        }
        const std::size_t start = at_;
        at_ = token_end(line_, at_);
        const std::string_view token = line_.substr(start, at_ - start);
        const std::size_t colon = token.find(':');
        const bool has_group = colon != std::string_view::npos;
        parts_.group = has_group ? token.substr(0, colon) : std::string_view{};
        parts_.task = has_group ? token.substr(colon + 1) : token;
        if (has_group && !is_task_name(parts_.group)) {
            return fail(start, shown(parts_.group) + " is not a group's name", kNameHint);
        }
        if (!is_task_name(parts_.task)) {
            const std::size_t task = start + (has_group ? colon + 1 : 0);
            return fail(task, shown(parts_.task) + " is not a task's name", hint_for_task());
        }
        return true;
    }

    // What looks like a field in the task's place is a sixth field without quotes.
    std::string hint_for_task() const {
        const bool looks_like_field =
            !parts_.task.empty() &&
            parts_.task.find_first_not_of("0123456789*/,-?LW#") == std::string_view::npos;
        if (looks_like_field) return "a schedule with six or seven fields stands in quotes";
        if (parts_.task.find('/') != std::string_view::npos) {
            return "a task is named, not a program: write its commands into tasks/NAME.xml";
        }
        return kNameHint;
    }

    bool read_arguments() {
        at_ = skip_blanks(line_, at_);
        const std::size_t start = at_;
        if (is_over(line_, at_)) return true;
        const std::string_view text = line_.substr(start);
        ArgumentReader reader(text);
        Argument argument;
        std::string_view names_seen[8];
        std::size_t count = 0;
        bool repeated = false;
        while (reader.next(argument)) {
            const std::size_t known = std::min<std::size_t>(count, std::size(names_seen));
            for (std::size_t i = 0; i < known; ++i) repeated |= names_seen[i] == argument.name;
            if (count < std::size(names_seen)) names_seen[count] = argument.name;
            ++count;
        }
        if (reader.failed()) {
            LineFault fault = reader.fault();
            fault.at += start;
            faults_.push_back(std::move(fault));
            return false;
        }
        parts_.arguments = text.substr(0, reader.end());
        if (repeated || count > std::size(names_seen)) return check_repeated(start);
        return true;
    }

    bool check_repeated(std::size_t start) {
        const std::vector<Argument> sorted = sorted_arguments(parts_.arguments);
        for (std::size_t i = 1; i < sorted.size(); ++i) {
            if (sorted[i].name != sorted[i - 1].name) continue;
            const auto at = static_cast<std::size_t>(sorted[i].name.data() - line_.data());
            return fail(std::max(at, start),
                        "the parameter " + shown(sorted[i].name) + " is given twice",
                        "remove one of them");
        }
        return true;
    }

    static constexpr const char* kNameHint =
        "a name begins with a letter or digit and goes on with letters, digits, '.', '_' and '-', "
        "128 at most";

    std::string_view line_;
    EntryParts& parts_;
    std::vector<LineFault>& faults_;
    std::size_t at_ = 0;
};

}  // namespace

bool ArgumentReader::fail(std::size_t at, std::string message, std::string hint) {
    failed_ = true;
    fault_ = {at, std::move(message), std::move(hint)};
    return false;
}

bool ArgumentReader::next(Argument& argument) {
    at_ = skip_blanks(text_, at_);
    if (is_over(text_, at_)) return false;
    const std::size_t start = at_;
    while (at_ < text_.size() && is_name_byte(text_[at_])) ++at_;
    argument.name = text_.substr(start, at_ - start);
    argument.quote = 0;
    if (at_ >= text_.size() || text_[at_] != '=' || !is_parameter_name(argument.name)) {
        const std::string_view token = text_.substr(start, token_end(text_, start) - start);
        if (token.find('=') == std::string_view::npos) {
            return fail(start, shown(token) + " is not a parameter",
                        "parameters are key=value; what a task does stands in its task file");
        }
        return fail(start, shown(token.substr(0, token.find('='))) + " is not a parameter's name",
                    "a name begins with a letter and goes on with letters, digits, '_' and '-'");
    }
    ++at_;
    if (at_ < text_.size() && (text_[at_] == '"' || text_[at_] == '\'')) {
        if (!read_quoted(argument)) return false;
    } else {
        const std::size_t value = at_;
        at_ = token_end(text_, at_);
        argument.raw = text_.substr(value, at_ - value);
    }
    end_ = at_;
    if (argument.raw.size() > kLongestValue) {
        return fail(start, "the value of " + shown(argument.name) + " is longer than 64 KiB",
                    "put it into a file and pass the file's name");
    }
    return true;
}

bool ArgumentReader::read_quoted(Argument& argument) {
    const std::size_t open = at_;
    argument.quote = text_[open];
    const std::size_t value = ++at_;
    while (at_ < text_.size() && text_[at_] != argument.quote) {
        if (argument.quote == '"' && text_[at_] == '\\') {
            const char escaped = at_ + 1 < text_.size() ? text_[at_ + 1] : '\0';
            if (escaped != '"' && escaped != '\\' && escaped != 'n' && escaped != 't') {
                return fail(at_, "unknown escape in a quoted value",
                            "the escapes are \\\" \\\\ \\n \\t; in single quotes nothing is "
                            "special");
            }
            ++at_;
        }
        ++at_;
    }
    if (at_ >= text_.size()) {
        return fail(open, "the quote is not closed", "a value ends on the line it begins on");
    }
    argument.raw = text_.substr(value, at_ - value);
    ++at_;
    if (at_ < text_.size() && !is_blank(text_[at_])) {
        return fail(at_, "a blank is missing after the quoted value",
                    "put the whole value into the quotes");
    }
    return true;
}

std::string value_of(const Argument& argument) {
    if (argument.quote != '"') return std::string(argument.raw);
    std::string value;
    value.reserve(argument.raw.size());
    for (std::size_t i = 0; i < argument.raw.size(); ++i) {
        char c = argument.raw[i];
        if (c == '\\' && i + 1 < argument.raw.size()) {
            c = argument.raw[++i];
            if (c == 'n') c = '\n';
            if (c == 't') c = '\t';
        }
        value += c;
    }
    return value;
}

std::vector<Argument> sorted_arguments(std::string_view arguments) {
    std::vector<Argument> result;
    ArgumentReader reader(arguments);
    Argument argument;
    while (reader.next(argument)) result.push_back(argument);
    // Of two with one name the second is the one to complain about.
    std::sort(result.begin(), result.end(), [](const Argument& a, const Argument& b) {
        return a.name != b.name ? a.name < b.name : a.name.data() < b.name.data();
    });
    return result;
}

bool split_entry(std::string_view line, EntryParts& parts, std::vector<LineFault>& faults) {
    return EntrySplitter(line, parts, faults).split();
}

bool split_setting(std::string_view line, Setting& setting) noexcept {
    const std::size_t start = skip_blanks(line, 0);
    std::size_t at = start;
    while (at < line.size() && is_name_byte(line[at])) ++at;
    if (at == start || (line[start] >= '0' && line[start] <= '9') || line[start] == '-') {
        return false;
    }
    const std::size_t equals = skip_blanks(line, at);
    if (equals >= line.size() || line[equals] != '=') return false;
    setting.name = line.substr(start, at - start);
    std::size_t value = skip_blanks(line, equals + 1);
    if (value < line.size() && (line[value] == '"' || line[value] == '\'')) {
        const std::size_t close = line.find(line[value], value + 1);
        if (close != std::string_view::npos) {
            setting.value = line.substr(value + 1, close - value - 1);
            return true;
        }
    }
    if (is_over(line, value)) value = line.size();
    setting.value = line.substr(value, token_end(line, value) - value);
    return true;
}

}  // namespace periodic::cron
