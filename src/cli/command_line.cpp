#include "cli/command_line.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <optional>
#include <utility>

namespace periodic::cli {
namespace {

const SubcommandType* find(std::string_view name) {
    for (const auto* type : subcommands()) {
        if (type->name == name) return type;
    }
    return nullptr;
}

// Whether some subcommand's name is two words of which this is the first: "job".
bool begins_a_name(std::string_view word) {
    return std::any_of(subcommands().begin(), subcommands().end(), [&](const auto* type) {
        return type->name.size() > word.size() && type->name.starts_with(word) &&
               type->name[word.size()] == ' ';
    });
}

// What other programs call it.
constexpr std::array<std::pair<std::string_view, std::string_view>, 17> kOtherNames{{
    {"add", "job add"},
    {"cancel", "job stop"},
    {"enqueue", "job add"},
    {"job cancel", "job stop"},
    {"job ls", "job list"},
    {"job remove", "job delete"},
    {"job rm", "job delete"},
    {"job tail", "job log -f"},
    {"jobs", "job list"},
    {"kill", "job kill"},
    {"list", "job list"},
    {"log", "job log"},
    {"logs", "job log"},
    {"ls", "job list"},
    {"ps", "job list --state running"},
    {"retry", "job retry"},
    {"show", "job show"},
}};

Error unknown(std::string_view name) {
    std::vector<std::string_view> known{"help"};
    for (const auto* type : subcommands()) known.push_back(type->name);
    Error error{.code = ErrorCode::Usage, .message = "unknown command '" + std::string(name) + "'"};
    auto nearest = nearest_word(name, known);
    for (const auto& [other, ours] : kOtherNames)
        if (other == name) nearest = ours;
    error.hint = nearest.empty() ? "'periodic help' lists the commands"
                                 : "did you mean '" + std::string(nearest) + "'?";
    return error;
}

Error incomplete(std::string_view word) {
    std::string names;
    for (const auto* type : subcommands()) {
        if (!type->name.starts_with(word) || type->name.size() == word.size()) continue;
        names += (names.empty() ? "" : ", ") + std::string(type->name);
    }
    return {.code = ErrorCode::Usage,
            .message = "'" + std::string(word) + "' needs a command",
            .hint = "'periodic " + std::string(word) + " --help' says more; there are: " + names};
}

// How many words an option before the command takes, itself included; 0 for an unknown one. Short
// flags may stand together, and a short option's value may be joined to it: -qC/srv/jobs.
std::size_t words_of_option(std::string_view word, const Arguments& options) {
    if (word == "-V" || word == "--version") return 1;
    if (word[1] == '-') {
        const auto takes_value = options.takes_value(word.substr(0, word.find('=')));
        if (!takes_value) return 0;
        return *takes_value && word.find('=') == std::string_view::npos ? 2 : 1;
    }
    for (std::size_t i = 1; i < word.size(); ++i) {
        const auto takes_value = options.takes_value(std::string{'-', word[i]});
        if (!takes_value) return 0;
        if (*takes_value) return i + 1 == word.size() ? 2 : 1;
    }
    return 1;
}

// Takes the next word that is neither an option nor an option's value out of `words`, beginning at
// `from`, which is moved to where it was. Error: Usage, for an option that is not a global one.
Result<std::optional<std::string>> take_word(std::vector<std::string>& words, std::size_t& from,
                                             const Arguments& options) {
    while (from < words.size()) {
        const std::string& word = words[from];
        if (word == "--") break;
        if (word.size() < 2 || word[0] != '-') {
            std::string taken = word;
            words.erase(words.begin() + static_cast<std::ptrdiff_t>(from));
            return std::optional(std::move(taken));
        }
        const std::size_t taken = words_of_option(word, options);
        if (taken == 0) {
            Error error = options.unknown_option(word);
            if (error.hint.empty()) error.hint = "a command's own options stand after the command";
            return Failure(std::move(error));
        }
        from += taken;
    }
    return std::optional<std::string>();
}

// Whether an option without a value is given, in its short or its long form.
bool is_given(const std::vector<std::string>& words, std::string_view a, std::string_view b) {
    const auto end = std::find(words.begin(), words.end(), "--");
    return std::any_of(words.begin(), end,
                       [&](const auto& word) { return word == a || word == b; });
}

// Puts the words that an alias means in its place.
void insert_words(std::vector<std::string>& words, std::size_t at, std::string_view meaning) {
    auto inserted = split_words(meaning);
    words.insert(words.begin() + static_cast<std::ptrdiff_t>(at),
                 std::make_move_iterator(inserted.begin()),
                 std::make_move_iterator(inserted.end()));
}

// What help is asked for, and the subcommand that a name means; none for the first word of several,
// "job", where help is asked.
Result<void> take_named(CommandLine& line, const std::string& name) {
    line.type = find(name);
    if (line.type != nullptr) return {};
    if (!begins_a_name(name)) return Failure(unknown(name));
    if (!line.help) return Failure(incomplete(name));
    line.about_jobs = true;
    return {};
}

}  // namespace

bool is_command_word(std::string_view word) {
    return word == "help" || find(word) != nullptr || begins_a_name(word);
}

std::vector<std::string> split_words(std::string_view text) {
    constexpr std::string_view kBlanks = " \t\r\n";
    std::vector<std::string> words;
    while (true) {
        const auto begin = text.find_first_not_of(kBlanks);
        if (begin == std::string_view::npos) return words;
        text.remove_prefix(begin);
        const auto end = std::min(text.find_first_of(kBlanks), text.size());
        words.emplace_back(text.substr(0, end));
        text.remove_prefix(end);
    }
}

Result<CommandLine> take_apart(std::vector<std::string> words, const AliasLookup& alias) {
    CommandLine line;
    Arguments options;
    GlobalOptions globals;
    globals.declare(options);
    std::size_t from = 0;
    auto name = take_word(words, from, options);
    if (name && *name == "help") {
        line.help = true;
        name = take_word(words, from, options);
    }
    if (name && *name && alias && !is_command_word(**name)) {
        if (const auto meaning = alias(**name, words)) {
            insert_words(words, from, *meaning);
            name = take_word(words, from, options);
        }
    }
    if (!name) return Failure(name.error());
    line.help = line.help || is_given(words, "-h", "--help");
    if (*name && begins_a_name(**name)) {
        auto second = take_word(words, from, options);
        if (second && *second == "help") {
            line.help = true;
            second = take_word(words, from, options);
        }
        if (!second) return Failure(second.error());
        if (*second) **name += ' ' + **second;
    }
    if (*name) {
        if (auto taken = take_named(line, **name); !taken) return Failure(taken.error());
    }
    line.version = !*name && is_given(words, "-V", "--version");
    line.words = std::move(words);
    return line;
}

}  // namespace periodic::cli
