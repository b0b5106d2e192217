#include "cli/arguments.hpp"

#include <algorithm>
#include <charconv>
#include <utility>

#include <CLI/CLI.hpp>

#include "periodic/duration.hpp"

namespace periodic::cli {
namespace {

std::vector<std::string_view> split_names(std::string_view names) {
    std::vector<std::string_view> result;
    while (true) {
        const auto comma = names.find(',');
        result.push_back(names.substr(0, comma));
        if (comma == std::string_view::npos) return result;
        names.remove_prefix(comma + 1);
    }
}

// The longest of an option's names, for messages.
std::string shown(std::string_view names) {
    return std::string(split_names(names).back());
}

std::string join(const std::vector<std::string_view>& words) {
    std::string text;
    for (const auto word : words) text.append(text.empty() ? "" : ", ").append(word);
    return text;
}

Failure usage(std::string message, std::string hint = {}) {
    return failure(ErrorCode::Usage, std::move(message), std::move(hint));
}

bool looks_like_option(std::string_view word) {
    return word.size() > 1 && word[0] == '-';
}

}  // namespace

void Arguments::add(std::string names, std::string value, std::string help,
                    std::function<Result<void>(const std::string&)> take) {
    options_.push_back(
        {std::move(names), std::move(value), std::move(help), std::move(take), group_, false, {}});
}

void Arguments::flag(std::string names, bool& target, std::string help) {
    auto take = [&target, name = shown(names)](const std::string& given) -> Result<void> {
        if (given != "true") return usage(name + " takes no value");
        target = true;
        return {};
    };
    add(std::move(names), "", std::move(help), std::move(take));
}

void Arguments::text(std::string names, std::string value, std::optional<std::string>& target,
                     std::string help) {
    add(std::move(names), std::move(value), std::move(help),
        [&target](const std::string& given) -> Result<void> {
            target = given;
            return {};
        });
}

void Arguments::texts(std::string names, std::string value, std::vector<std::string>& target,
                      std::string help) {
    add(std::move(names), std::move(value), std::move(help),
        [&target](const std::string& given) -> Result<void> {
            target.push_back(given);
            return {};
        });
    options_.back().many = true;
}

void Arguments::number(std::string names, std::string value, std::optional<std::int64_t>& target,
                       Range range, std::string help) {
    auto take = [&target, range, name = shown(names)](const std::string& given) -> Result<void> {
        std::int64_t number = 0;
        const char* end = given.data() + given.size();
        const auto [rest, problem] = std::from_chars(given.data(), end, number);
        if (problem != std::errc{} || rest != end || number < range.least || number > range.most) {
            return usage("'" + given + "' is no number for " + name,
                         "a whole number from " + std::to_string(range.least) + " to " +
                             std::to_string(range.most) + " is");
        }
        target = number;
        return {};
    };
    add(std::move(names), std::move(value), std::move(help), std::move(take));
}

void Arguments::duration(std::string names, std::optional<std::chrono::seconds>& target,
                         std::string help) {
    auto take = [&target, name = shown(names)](const std::string& given) -> Result<void> {
        auto parsed = parse_duration(given);
        if (!parsed) {
            parsed.error().message = name + ": " + parsed.error().message;
            return Failure(parsed.error());
        }
        target = *parsed;
        return {};
    };
    add(std::move(names), "DURATION", std::move(help), std::move(take));
}

void Arguments::choice(std::string names, std::string value, std::optional<std::string>& target,
                       std::vector<std::string_view> words, std::string help) {
    auto take = [&target, words, name = shown(names)](const std::string& given) -> Result<void> {
        if (std::find(words.begin(), words.end(), given) == words.end()) {
            return usage("'" + given + "' is no value for " + name, "it is one of " + join(words));
        }
        target = given;
        return {};
    };
    add(std::move(names), std::move(value), std::move(help), std::move(take));
    options_.back().words.assign(words.begin(), words.end());
}

void Arguments::required(std::string name, std::string& target) {
    positionals_.push_back({Positional::Kind::Required, std::move(name),
                            [&target](std::string word) { target = std::move(word); }});
}

void Arguments::optional(std::string name, std::optional<std::string>& target) {
    positionals_.push_back({Positional::Kind::Optional, std::move(name),
                            [&target](std::string word) { target = std::move(word); }});
}

void Arguments::rest(std::string name, std::vector<std::string>& target) {
    positionals_.push_back({Positional::Kind::Rest, std::move(name),
                            [&target](std::string word) { target.push_back(std::move(word)); }});
}

// CLI11 takes the next word for the value of "--name=", which then swallows what follows an empty
// variable in a script.
std::vector<std::string> Arguments::with_empty_values(const std::vector<std::string>& words) const {
    std::vector<std::string> result;
    bool options_may_come = true;
    for (const auto& word : words) {
        options_may_come = options_may_come && word != "--";
        const bool is_empty =
            options_may_come && word.starts_with("--") && word.ends_with('=') &&
            takes_value(std::string_view(word).substr(0, word.size() - 1)) == true;
        result.push_back(is_empty ? word.substr(0, word.size() - 1) : word);
        if (is_empty) result.emplace_back();
    }
    return result;
}

Result<void> Arguments::parse(const std::vector<std::string>& given_words) const {
    const auto words = with_empty_values(given_words);
    CLI::App app;
    app.set_help_flag();
    app.allow_extras();
    std::vector<CLI::Option*> declared;
    declared.reserve(options_.size());
    for (const auto& option : options_) {
        declared.push_back(option.value.empty() ? app.add_flag(option.names)
                                                : app.add_option(option.names));
        declared.back()->multi_option_policy(CLI::MultiOptionPolicy::TakeLast);
    }
    try {
        app.parse(std::vector<std::string>(words.rbegin(), words.rend()));
    } catch (const CLI::ArgumentMismatch&) {
        return usage("'" + words.back() + "' needs a value");
    } catch (const CLI::ParseError& error) {
        return usage(error.what());
    }
    for (std::size_t i = 0; i < options_.size(); ++i) {
        if (declared[i]->count() == 0) continue;
        const auto& given = declared[i]->results();
        for (auto value = options_[i].many ? given.begin() : given.end() - 1; value != given.end();
             ++value) {
            if (auto taken = options_[i].take(*value); !taken) return taken;
        }
    }
    return place(app.remaining());
}

// What CLI11 did not know: positional arguments in order, and unknown options before a "--".
Result<void> Arguments::place(const std::vector<std::string>& words) const {
    auto positional = positionals_.begin();
    bool options_may_come = true;
    for (const auto& word : words) {
        if (options_may_come && word == "--") {
            options_may_come = false;
            continue;
        }
        if (options_may_come && looks_like_option(word)) return Failure(unknown_option(word));
        if (positional == positionals_.end()) {
            return usage("unexpected argument '" + word + "'", hint_for_unexpected(word));
        }
        positional->take(word);
        if (positional->kind != Positional::Kind::Rest) ++positional;
    }
    if (positional != positionals_.end() && positional->kind == Positional::Kind::Required) {
        return usage("the argument " + positional->name + " is missing");
    }
    return {};
}

// `pause mail` means a task mostly, which stands behind an option there.
std::string Arguments::hint_for_unexpected(std::string_view word) const {
    if (!positionals_.empty()) return "it takes " + synopsis();
    const bool knows_tasks =
        std::any_of(options_.begin(), options_.end(),
                    [](const Option& option) { return option.names == "--task"; });
    return knows_tasks ? "did you mean --task " + std::string(word) + "?"
                       : "this command takes none";
}

Error Arguments::unknown_option(std::string_view word) const {
    const std::string_view name = word.substr(0, word.find('='));
    std::vector<std::string_view> known;
    for (const auto& option : options_) {
        for (const auto each : split_names(option.names)) known.push_back(each);
    }
    Error error{.code = ErrorCode::Usage, .message = "unknown option '" + std::string(name) + "'"};
    // Of one letter any other is as near as the next.
    const bool is_long = name.starts_with("--");
    if (const auto nearest = is_long ? nearest_word(name, known) : std::string_view();
        !nearest.empty()) {
        error.hint = "did you mean " + std::string(nearest) + "?";
    }
    return error;
}

std::string Arguments::synopsis() const {
    std::string text = "[OPTION...]";
    for (const auto& positional : positionals_) {
        switch (positional.kind) {
            case Positional::Kind::Required:
                text += ' ' + positional.name;
                break;
            case Positional::Kind::Optional:
                text += " [" + positional.name + ']';
                break;
            case Positional::Kind::Rest:
                text += " [" + positional.name + "...]";
                break;
        }
    }
    return text;
}

std::string Arguments::options_help(Group group, std::size_t columns) const {
    constexpr std::size_t kIndent = 28;
    std::string text;
    for (const auto& option : options_) {
        if (option.group != group) continue;
        std::string line = split_names(option.names).size() > 1 ? "  " : "      ";
        line += join(split_names(option.names));
        if (!option.value.empty()) line += ' ' + option.value;
        if (display_width(line) + 2 > kIndent) {
            text += line + '\n';
            line.clear();
        }
        line.append(kIndent - display_width(line), ' ');
        text += wrapped(line + option.help, columns, kIndent) + '\n';
    }
    return text;
}

std::vector<Arguments::Shown> Arguments::all() const {
    std::vector<Shown> list;
    for (const auto& option : options_) {
        const auto names = split_names(option.names);
        list.push_back({.names = {names.begin(), names.end()},
                        .value = option.value,
                        .help = option.help,
                        .words = option.words,
                        .group = option.group});
    }
    for (const auto& positional : positionals_) {
        list.push_back(
            {.value = positional.name, .many = positional.kind == Positional::Kind::Rest});
    }
    return list;
}

std::optional<bool> Arguments::takes_value(std::string_view option) const {
    for (const auto& each : options_) {
        for (const auto name : split_names(each.names)) {
            if (name == option) return !each.value.empty();
        }
    }
    return std::nullopt;
}

}  // namespace periodic::cli
