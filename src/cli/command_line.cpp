#include "cli/command_line.hpp"

#include <algorithm>
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

Error unknown(std::string_view name) {
    std::vector<std::string_view> known{"help"};
    for (const auto* type : subcommands()) known.push_back(type->name);
    Error error{.code = ErrorCode::Usage, .message = "unknown command '" + std::string(name) + "'"};
    const auto nearest = nearest_word(name, known);
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
            .hint = "there are: " + names};
}

// Takes the next word that is neither an option nor an option's value out of `words`, beginning at
// `from`, which is moved to where it was.
std::optional<std::string> take_word(std::vector<std::string>& words, std::size_t& from,
                                     const Arguments& options) {
    while (from < words.size()) {
        const std::string& word = words[from];
        if (word == "--") return std::nullopt;
        if (word.size() < 2 || word[0] != '-') {
            std::string taken = word;
            words.erase(words.begin() + static_cast<std::ptrdiff_t>(from));
            return taken;
        }
        from += options.takes_value(word).value_or(false) ? 2 : 1;
    }
    return std::nullopt;
}

bool contains(const std::vector<std::string>& words, std::string_view a, std::string_view b) {
    return std::any_of(words.begin(), words.end(),
                       [&](const auto& word) { return word == a || word == b; });
}

}  // namespace

Result<CommandLine> take_apart(std::vector<std::string> words) {
    CommandLine line;
    Arguments options;
    GlobalOptions globals;
    globals.declare(options);
    std::size_t from = 0;
    auto name = take_word(words, from, options);
    if (name == "help") {
        line.help = true;
        name = take_word(words, from, options);
    }
    if (name && begins_a_name(*name)) {
        const auto second = take_word(words, from, options);
        if (!second && !line.help && !contains(words, "-h", "--help"))
            return Failure(incomplete(*name));
        if (second) *name += ' ' + *second;
    }
    if (name) {
        line.type = find(*name);
        const bool group_help = line.type == nullptr && begins_a_name(*name);
        if (line.type == nullptr && !group_help) return Failure(unknown(*name));
        if (group_help) line.help = true;
    } else {
        line.help = line.help || contains(words, "-h", "--help");
        line.version = contains(words, "-V", "--version");
    }
    line.words = std::move(words);
    return line;
}

}  // namespace periodic::cli
