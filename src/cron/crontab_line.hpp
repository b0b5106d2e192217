#pragma once

/// @file
/// The parts of one line of a crontab. Everything is a view of the line; nothing is allocated
/// unless there is a mistake.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace periodic::cron {

/// A mistake in a line.
struct LineFault {
    std::size_t at = 0;  // byte of the line, from 0
    std::string message{};
    std::string hint{};
};

/// One `name=value`, as written.
struct Argument {
    std::string_view name{};
    std::string_view raw{};  // without its quotes
    char quote = 0;          // '"', '\'' or 0
};

/// Reads the arguments of an entry one by one, up to the end or a comment.
class ArgumentReader {
public:
    explicit ArgumentReader(std::string_view text) noexcept : text_(text) {}

    /// The next argument; false at the end and at a mistake.
    bool next(Argument& argument);

    /// Where the last argument ended.
    [[nodiscard]] std::size_t end() const noexcept { return end_; }
    [[nodiscard]] bool failed() const noexcept { return failed_; }
    /// What went wrong; its place counts from the text's start.
    [[nodiscard]] const LineFault& fault() const noexcept { return fault_; }

private:
    bool read_quoted(Argument& argument);
    bool fail(std::size_t at, std::string message, std::string hint);

    std::string_view text_;
    std::size_t at_ = 0;
    std::size_t end_ = 0;
    bool failed_ = false;
    LineFault fault_{};
};

/// The value of an argument with its quotes resolved.
[[nodiscard]] std::string value_of(const Argument& argument);

/// An entry's parts.
struct EntryParts {
    std::string_view when{};  // without quotes
    std::string_view group{};
    std::string_view task{};
    std::string_view arguments{};  // from the first to the last, without a comment
};

/// Cuts an entry into its parts and checks all but the schedule itself, which `when` is. False if
/// there was a mistake; `faults` then has all that were found, and `when` is set if it was found.
bool split_entry(std::string_view line, EntryParts& parts, std::vector<LineFault>& faults);

/// A `NAME=value` line.
struct Setting {
    std::string_view name{};
    std::string_view value{};
};

/// Whether a line sets something; a schedule never looks like that. The value is without quotes
/// and comment.
[[nodiscard]] bool split_setting(std::string_view line, Setting& setting) noexcept;

/// The arguments of an entry in order of name.
[[nodiscard]] std::vector<Argument> sorted_arguments(std::string_view arguments);

/// Writes the canonical form of a schedule: one blank between fields, letters in upper case (a
/// macro in lower case), in quotes if it has more than five fields. `Sink` has add(char).
template <class Sink>
void write_schedule(Sink& sink, std::string_view when) {
    const auto is_blank = [](char c) { return c == ' ' || c == '\t'; };
    const bool is_macro = when.find('@') != std::string_view::npos;
    std::size_t fields = 0;
    for (std::size_t i = 0; i < when.size(); ++i) {
        if (!is_blank(when[i]) && (i == 0 || is_blank(when[i - 1]))) ++fields;
    }
    if (fields > 5) sink.add('"');
    bool first = true;
    for (std::size_t i = 0; i < when.size(); ++i) {
        char c = when[i];
        if (is_blank(c)) continue;
        if (!first && is_blank(when[i - 1])) sink.add(' ');
        first = false;
        if (is_macro && c >= 'A' && c <= 'Z') c = static_cast<char>(c + ('a' - 'A'));
        if (!is_macro && c >= 'a' && c <= 'z') c = static_cast<char>(c - ('a' - 'A'));
        sink.add(c);
    }
    if (fields > 5) sink.add('"');
}

/// Writes ` name="value"`, with the value in double quotes whatever it was written in.
template <class Sink>
void write_argument(Sink& sink, const Argument& argument) {
    sink.add(' ');
    for (const char c : argument.name) sink.add(c);
    sink.add('=');
    sink.add('"');
    for (const char c : argument.raw) {
        // In double quotes these are escaped already, but for a tab itself.
        if (c == '\t' || (argument.quote != '"' && (c == '"' || c == '\\'))) sink.add('\\');
        sink.add(c == '\t' ? 't' : c);
    }
    sink.add('"');
}

/// Writes `group:task` and the arguments.
template <class Sink>
void write_target(Sink& sink, std::string_view group, std::string_view task,
                  std::string_view arguments) {
    for (const char c : group) sink.add(c);
    if (!group.empty()) sink.add(':');
    for (const char c : task) sink.add(c);
    ArgumentReader reader(arguments);
    Argument argument;
    if (!reader.next(argument)) return;
    if (reader.end() == arguments.size()) return write_argument(sink, argument);  // the only one
    for (const Argument& sorted : sorted_arguments(arguments)) write_argument(sink, sorted);
}

}  // namespace periodic::cron
