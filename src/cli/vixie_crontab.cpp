#include "cli/vixie_crontab.hpp"

#include <algorithm>
#include <array>

#include "base/utf8.hpp"
#include "cli/vixie_schedule.hpp"
#include "periodic/time_zone.hpp"

namespace periodic::cli {
namespace {

constexpr std::string_view kBlanks = " \t";
constexpr std::size_t kLongestExcerpt = 512;

bool is_blank(char c) {
    return c == ' ' || c == '\t';
}

bool is_letter(char c) {
    return (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z');
}

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

std::string_view without_blanks_before(std::string_view text) {
    text.remove_prefix(std::min(text.find_first_not_of(kBlanks), text.size()));
    return text;
}

std::string_view without_blanks_behind(std::string_view text) {
    while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
    return text;
}

// Takes the next word off the text's front.
std::string_view take_word(std::string_view& text) {
    text = without_blanks_before(text);
    const std::size_t end = std::min(text.find_first_of(kBlanks), text.size());
    const std::string_view word = text.substr(0, end);
    text.remove_prefix(end);
    return word;
}

// What a task file can hold: XML has no other control characters.
bool has_control_character(std::string_view text) {
    return std::any_of(text.begin(), text.end(), [](char c) {
        return (static_cast<unsigned char>(c) < 0x20 && c != '\t') || c == 0x7F;
    });
}

struct Setting {
    std::string name{};
    std::string value{};
};

// A quoted word, or what stands up to a blank or '='.
std::optional<std::string> take_name(std::string_view& text) {
    const char quote = text.empty() ? '\0' : text.front();
    if (quote == '"' || quote == '\'') {
        const std::size_t end = text.find(quote, 1);
        if (end == std::string_view::npos) return std::nullopt;
        std::string name(text.substr(1, end - 1));
        text.remove_prefix(end + 1);
        return name;
    }
    const std::size_t end = std::min(text.find_first_of(" \t="), text.size());
    std::string name(text.substr(0, end));
    text.remove_prefix(end);
    return name;
}

// `NAME = VALUE`, either of them in quotes; nullopt if the line is none.
std::optional<Setting> read_setting(std::string_view line) {
    auto name = take_name(line);
    line = without_blanks_before(line);
    if (!name || name->empty() || !line.starts_with('=')) return std::nullopt;
    std::string_view value = without_blanks_behind(without_blanks_before(line.substr(1)));
    if (value.size() >= 2 && (value.front() == '"' || value.front() == '\'') &&
        value.back() == value.front()) {
        value = value.substr(1, value.size() - 2);
    }
    return Setting{std::move(*name), std::string(value)};
}

// Cuts a command at its first `%` that no backslash stands before. As in cron, a backslash guards a
// backslash too, which then stands once.
std::string take_command(std::string_view& text) {
    std::string command;
    bool is_escaped = false;
    while (!text.empty()) {
        const char c = text.front();
        if (!is_escaped && c == '%') return command;
        text.remove_prefix(1);
        if (is_escaped && (c == '%' || c == '\\')) command.pop_back();
        command += c;
        is_escaped = !is_escaped && c == '\\';
    }
    return command;
}

// What follows the first `%`: each further one is a line end, `\%` is a `%`, and the last line ends
// as lines do.
std::string input_of(std::string_view text) {
    std::string input;
    bool is_escaped = false;
    for (const char c : text) {
        if (is_escaped && c != '%') input += '\\';
        const bool was_escaped = is_escaped;
        is_escaped = c == '\\';
        if (!is_escaped) input += c == '%' && !was_escaped ? '\n' : c;
    }
    if (is_escaped) input += '\\';
    if (!input.empty() && input.back() != '\n') input += '\n';
    return input;
}

class Reader {
public:
    Reader(const std::string& file, bool user_column) : file_(file), user_column_(user_column) {}

    VixieCrontab read(std::string_view text) {
        while (!text.empty()) {
            const std::size_t end = std::min(text.find('\n'), text.size());
            std::string_view line = text.substr(0, end);
            text.remove_prefix(std::min(end + 1, text.size()));
            ++line_;
            if (line.ends_with('\r')) line.remove_suffix(1);
            read_line(line);
        }
        return std::move(crontab_);
    }

private:
    void read_line(std::string_view line) {
        whole_ = line;
        line = without_blanks_before(line);
        if (line.starts_with('#')) return read_comment(line.substr(1));
        if (line.empty()) return comment_.clear();
        if (valid_utf8(line) != line || has_control_character(line)) {
            add(Severity::Error, "the line is not plain UTF-8 text, as a task file has to be",
                "put the command into a script, and run that");
        } else if (const auto setting = read_setting(line)) {
            apply(*setting);
        } else {
            read_entry(line);
        }
        comment_.clear();
    }

    // Prose is kept for the entry below it; drawings and lines out of use are not.
    void read_comment(std::string_view text) {
        text = without_blanks_behind(without_blanks_before(text));
        const bool is_prose =
            !text.empty() && (is_letter(text.front()) || is_digit(text.front()) ||
                              (static_cast<unsigned char>(text.front()) & 0x80U) != 0);
        if (!is_prose || is_out_of_use(text) || valid_utf8(text) != text ||
            has_control_character(text)) {
            return comment_.clear();
        }
        if (!comment_.empty()) comment_ += ' ';
        comment_ += text;
    }

    static bool is_out_of_use(std::string_view text) {
        if (const auto setting = read_setting(text)) return true;
        std::string when;
        for (int i = 0; i < 5; ++i) when.append(i == 0 ? "" : " ").append(take_word(text));
        return schedule_from_vixie(when).has_value();
    }

    void apply(const Setting& setting) {
        const std::string& name = setting.name;
        if (name == "CRON_TZ") return apply_zone(setting.value);
        if (name == "MAILTO") return note_mail(setting.value);
        if (name == "RANDOM_DELAY") {
            return add(Severity::Warning, "RANDOM_DELAY is not carried over",
                       "H in a field spreads entries: H 3 * * * TASK");
        }
        if (name == "LOGNAME") return;  // cron sets it itself
        if (name == "MAILFROM" || name == "CONTENT_TYPE" || name == "CONTENT_TRANSFER_ENCODING") {
            return;  // of cron's mail
        }
        const bool is_name =
            !is_digit(name.front()) && std::all_of(name.begin(), name.end(), [](char c) {
                return is_letter(c) || is_digit(c) || c == '_';
            });
        if (!is_name || name.starts_with("PERIODIC_")) {
            return add(Severity::Warning,
                       "the variable '" + name + "' is not carried over: it can't have that name",
                       "letters, digits and '_', not beginning with PERIODIC_");
        }
        if (without_blanks_behind(without_blanks_before(setting.value)) != setting.value) {
            add(Severity::Warning, "the blanks around the value of '" + name + "' are lost",
                "set the variable in the task's command");
        }
        const auto known = std::find_if(environment_.begin(), environment_.end(),
                                        [&](const auto& pair) { return pair.first == name; });
        if (known == environment_.end()) {
            environment_.emplace_back(name, setting.value);
        } else {
            known->second = setting.value;
        }
    }

    void apply_zone(const std::string& value) {
        const auto zone = TimeZone::load(value);
        zone_is_known_ = zone.has_value();
        zone_ = value;
        if (!zone) {
            add(Severity::Error, zone.error().message + "; the lines below it are left out",
                zone.error().hint);
        }
    }

    void note_mail(const std::string& value) {
        if (value.empty() || value == told_) return;
        told_ = value;
        add(Severity::Warning, "MAILTO is not carried over: what jobs print stands in their log",
            "to hear of failures, write into periodic.xml: <notify on=\"failed lost timeout\">"
            "<email to=\"" +
                value + "\"/></notify>");
    }

    void read_entry(std::string_view line) {
        std::string_view rest = line;
        // Of SuSE's and cronie's: not to be written into the system's log.
        if (user_column_ && rest.starts_with('-')) rest.remove_prefix(1);
        std::string when(take_word(rest));
        for (int i = 1; i < 5 && !when.starts_with('@'); ++i) {
            if (const auto word = take_word(rest); !word.empty()) when.append(" ").append(word);
        }
        auto schedule = schedule_from_vixie(when);
        if (!schedule) {
            return add(Severity::Error, schedule.error().message, schedule.error().hint);
        }
        VixieEntry entry;
        entry.line = line_;
        entry.text = without_blanks_behind(line);
        entry.when = std::move(*schedule);
        if (user_column_) entry.user = take_word(rest);
        rest = without_blanks_before(rest);
        entry.command = take_command(rest);
        if (!rest.empty()) entry.input = input_of(rest.substr(1));
        if (without_blanks_behind(entry.command).empty()) {
            return add(Severity::Error, "the line has no command",
                       user_column_ ? "a user's name stands before the command" : "");
        }
        if (!zone_is_known_) return;
        entry.environment = environment_;
        entry.zone = zone_;
        entry.comment = comment_;
        crontab_.entries.push_back(std::move(entry));
    }

    void add(Severity severity, std::string message, std::string hint) {
        Error error;
        error.code = ErrorCode::Invalid;
        error.message = std::move(message);
        error.hint = std::move(hint);
        error.file = file_;
        error.line = line_;
        error.column = 1;
        if (whole_.size() <= kLongestExcerpt && valid_utf8(whole_) == whole_) {
            error.excerpt = whole_;
        }
        crontab_.problems.push_back({severity, std::move(error)});
    }

    const std::string& file_;
    bool user_column_;
    VixieCrontab crontab_{};
    std::uint32_t line_ = 0;
    std::string_view whole_{};
    std::string comment_{};
    std::string zone_{};
    bool zone_is_known_ = true;
    std::string told_{};
    std::vector<std::pair<std::string, std::string>> environment_{};
};

}  // namespace

VixieCrontab read_vixie_crontab(std::string_view text, const std::string& file, bool user_column) {
    return Reader(file, user_column).read(text);
}

bool is_system_crontab_name(std::string_view name) noexcept {
    return !name.empty() && std::all_of(name.begin(), name.end(), [](char c) {
        return is_letter(c) || is_digit(c) || c == '_' || c == '-';
    });
}

}  // namespace periodic::cli
