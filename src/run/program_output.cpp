#include "run/program_output.hpp"

#include <algorithm>
#include <charconv>
#include <unordered_map>

#include "base/utf8.hpp"
#include "periodic/duration.hpp"
#include "periodic/value.hpp"

namespace periodic {
namespace {

constexpr std::string_view kParameter = "parameter.";
// So many lines that make no sense are told one by one.
constexpr std::size_t kMostProblems = 20;
constexpr std::string_view kAttribute = "attribute.";
constexpr std::string_view kKeys =
    "phase, message, code, progress, comment, interval, parameter.NAME, attribute.NAME, delete";

std::string_view take_line(std::string_view& text) {
    const std::size_t end = text.find('\n');
    std::string_view line = text.substr(0, end);
    text.remove_prefix(end == std::string_view::npos ? text.size() : end + 1);
    if (line.ends_with('\r')) line.remove_suffix(1);
    return line;
}

// For messages: what a program wrote may be long.
std::string shortened(std::string_view text) {
    constexpr std::size_t kLongest = 60;
    return text.size() <= kLongest ? std::string(text)
                                   : std::string(text.substr(0, utf8_cut(text, kLongest))) + "...";
}

// The blocks of a text. Where each line stands last is looked up once: whether a block has an end
// is known before its lines are read, so that a text without one end is read once, too.
class Blocks {
public:
    explicit Blocks(std::string_view text) : text_(text) {}

    // Takes the lines up to one that is `end` off the front of `rest`; false, with nothing taken,
    // if there is none.
    bool take(std::string_view& rest, std::string_view end, std::string& value) {
        if (lines_.empty()) find_lines();
        const auto last = lines_.find(end);
        if (last == lines_.end() || last->second < text_.size() - rest.size()) return false;
        for (bool first = true;; first = false) {
            const std::string_view line = take_line(rest);
            if (line == end) return true;
            if (!first) value += '\n';
            value += line;
        }
    }

private:
    void find_lines() {
        for (std::string_view rest = text_; !rest.empty();) {
            const std::size_t at = text_.size() - rest.size();
            lines_[take_line(rest)] = at;
        }
    }

    std::string_view text_;
    std::unordered_map<std::string_view, std::size_t> lines_;  // where each stands last
};

std::string and_more(std::size_t count) {
    return "and " + std::to_string(count) + " more";
}

// Whether all that the job was told made sense; `complaint` says what did not.
class Applier {
public:
    enum class Complaints : bool { Silent, Logged };

    explicit Applier(CommandContext& context, Complaints complaints = Complaints::Logged)
        : context_(context), complaints_(complaints) {}

    void apply(const std::string& key, const std::string& value) {
        if (key == "phase") return set_phase(value);
        if (key == "message") return context_.set_message(value);
        if (key == "code") return context_.set_result_code(value);
        if (key == "comment") return context_.set_comment(value);
        if (key == "progress") return set_progress(value);
        if (key == "interval") return set_interval(value);
        if (key == "delete") return set_delete(value);
        if (key.starts_with(kParameter)) return set_value(key, kParameter, value);
        if (key.starts_with(kAttribute)) return set_value(key, kAttribute, value);
        complain(key, value, "it knows " + std::string(kKeys));
    }

    // All has been applied: says how many complaints were too many.
    void finish() {
        if (complained_ > kMostProblems)
            context_.log(
                LogLevel::Warning,
                "PERIODIC_OUTPUT: " + and_more(complained_ - kMostProblems) + " are left out");
    }

private:
    void complain(const std::string& key, const std::string& value, const std::string& why) {
        if (complaints_ == Complaints::Silent || ++complained_ > kMostProblems) return;
        context_.log(LogLevel::Warning, "PERIODIC_OUTPUT: " + shortened(key) + "=" +
                                            shortened(value) + " is left out: " + why);
    }

    void set_phase(const std::string& value) {
        const bool good = !value.empty() && std::all_of(value.begin(), value.end(), [](char c) {
            return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
        });
        if (!good) return complain("phase", value, "a phase has letters a-z, digits and -");
        context_.set_next_phase(value);
    }

    void set_progress(const std::string& value) {
        int percent = 0;
        const char* const end = value.data() + value.size();
        const auto read = std::from_chars(value.data(), end, percent);
        if (read.ec != std::errc() || read.ptr != end)
            return complain("progress", value, "it is a whole number from 0 to 100");
        context_.set_progress(percent);
    }

    void set_interval(const std::string& value) {
        const auto interval = parse_duration(value);
        if (!interval) return complain("interval", value, interval.error().message);
        context_.set_interval(*interval);
    }

    void set_delete(const std::string& value) {
        if (value == "true" || value == "1" || value == "yes") return context_.delete_job();
        if (value == "false" || value == "0" || value == "no") return;
        complain("delete", value, "it is true or false");
    }

    void set_value(const std::string& key, std::string_view prefix, const std::string& value) {
        std::string name = key.substr(prefix.size());
        if (!is_parameter_name(name))
            return complain(key, value, "a name has letters, digits, _ and -");
        if (prefix == kParameter)
            context_.set_parameter(std::move(name), Value(value));
        else
            context_.set_attribute(std::move(name), Value(value));
    }

    CommandContext& context_;
    Complaints complaints_;
    std::size_t complained_ = 0;
};

}  // namespace

ProgramOutput parse_program_output(std::string_view text) {
    ProgramOutput output;
    Blocks blocks(text);
    std::size_t problems = 0;
    const auto complain = [&](int number, std::string_view line, const char* what) {
        if (++problems > kMostProblems) return;
        output.problems.push_back("line " + std::to_string(number) + ": " +
                                  shortened(valid_utf8(line)) + what);
    };
    for (int number = 1; !text.empty(); ++number) {
        const std::string_view line = take_line(text);
        if (line.find_first_not_of(" \t") == std::string_view::npos) continue;
        const std::size_t equals = line.find('=');
        const std::size_t block = line.find("<<");
        if (block != std::string_view::npos && block < equals) {
            const std::string_view end = line.substr(block + 2);
            std::string value;
            const std::string_view before = text;
            if (end.empty() || !blocks.take(text, end, value)) {
                complain(number, line, " has no end line");
                continue;
            }
            number += static_cast<int>(
                std::count(before.begin(), before.begin() + (before.size() - text.size()), '\n'));
            output.values.emplace_back(valid_utf8(line.substr(0, block)), valid_utf8(value));
        } else if (equals != std::string_view::npos && equals > 0) {
            output.values.emplace_back(valid_utf8(line.substr(0, equals)),
                                       valid_utf8(line.substr(equals + 1)));
        } else {
            complain(number, line, " is no KEY=value");
        }
    }
    if (problems > kMostProblems) output.problems.push_back(and_more(problems - kMostProblems));
    return output;
}

void apply_program_output(const ProgramOutput& output, CommandContext& context) {
    for (const std::string& problem : output.problems)
        context.log(LogLevel::Warning, "PERIODIC_OUTPUT, " + problem);
    Applier applier(context);
    for (const auto& [key, value] : output.values) applier.apply(key, value);
    applier.finish();
}

void apply_live_output(const ProgramOutput& output, CommandContext& context) {
    Applier applier(context, Applier::Complaints::Silent);
    for (const auto& [key, value] : output.values) {
        if (key == "message" || key == "code" || key == "progress" || key == "comment" ||
            key.starts_with(kAttribute))
            applier.apply(key, value);
    }
}

}  // namespace periodic
