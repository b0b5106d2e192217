#include "cli/task_naming.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include "periodic/value.hpp"

namespace periodic::cli {
namespace {

constexpr std::size_t kLongestName = 48;
constexpr std::string_view kNameless = "cron-job";

using Words = std::vector<std::string>;

template <std::size_t N>
bool is_one_of(std::string_view word, const std::array<std::string_view, N>& words) {
    return std::find(words.begin(), words.end(), word) != words.end();
}

// What prepares or guards the command that matters.
constexpr std::array<std::string_view, 22> kGuards{
    "cd",    "test",   "[",      "[[",    "command", "type", "which",  "true",
    "false", ":",      "export", "umask", "if",      "then", "source", ".",
    "set",   "ulimit", "sleep",  "else",  "fi",      "exit"};

// Words of the shell that a command may stand behind.
constexpr std::array<std::string_view, 8> kSyntax{"{",  "}",    "!",    "then",
                                                  "do", "else", "done", "fi"};

// Programs that run the one behind them, and those of their options that take a value.
struct Wrapper {
    std::string_view name;
    std::string_view valued;  // letters of options whose value is the next word
    int values = 0;           // words before the program itself
};
constexpr std::array<Wrapper, 17> kWrappers{{{"sudo", "ugCHp", 0},
                                             {"doas", "uC", 0},
                                             {"nice", "n", 0},
                                             {"ionice", "cn", 0},
                                             {"chrt", "p", 1},
                                             {"nohup", "", 0},
                                             {"setsid", "", 0},
                                             {"exec", "a", 0},
                                             {"time", "fo", 0},
                                             {"timeout", "ks", 1},
                                             {"flock", "wE", 1},
                                             {"chronic", "", 0},
                                             {"env", "uC", 0},
                                             {"stdbuf", "ioe", 0},
                                             {"systemd-cat", "tp", 0},
                                             {"cronic", "", 0},
                                             {"runuser", "ug", 0}}};

constexpr std::array<std::string_view, 12> kInterpreters{"php",  "python", "python2", "python3",
                                                         "perl", "ruby",   "node",    "bash",
                                                         "sh",   "java",   "lua",     "zsh"};
constexpr std::array<std::string_view, 12> kExtensions{
    ".sh", ".php", ".py", ".pl", ".rb", ".js", ".bash", ".jar", ".cgi", ".lua", ".mjs", ".exe"};

bool is_plain(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

// The command line's simple commands, as words without quotes.
class Splitter {
public:
    std::vector<Words> split(std::string_view text) {
        for (const char c : text) take(c);
        end_command();
        return std::move(commands_);
    }

private:
    void take(char c) {
        if (is_escaped_) {
            is_escaped_ = false;
            word_ += c;
        } else if (c == '\\' && quote_ != '\'') {
            is_escaped_ = true;
        } else if (quote_ != '\0') {
            if (c == quote_) {
                quote_ = '\0';
            } else {
                word_ += c;
            }
        } else if (c == '"' || c == '\'') {
            quote_ = c;
            has_word_ = true;
        } else if (c == ' ' || c == '\t') {
            end_word();
        } else if (std::string_view(";&|()<>").find(c) != std::string_view::npos) {
            // What follows < or > is a file, and no word of the command.
            end_word();
            if (c == '<' || c == '>') {
                is_file_ = true;
            } else if (!is_file_) {
                end_command();
            }
        } else {
            word_ += c;
        }
    }

    void end_word() {
        if (word_.empty() && !has_word_) return;
        const bool is_syntax = words_.empty() && is_one_of(word_, kSyntax);
        if (!is_file_ && !is_syntax) words_.push_back(word_);
        is_file_ = false;
        has_word_ = false;
        word_.clear();
    }

    void end_command() {
        end_word();
        if (!words_.empty()) commands_.push_back(std::move(words_));
        words_.clear();
    }

    std::vector<Words> commands_{};
    Words words_{};
    std::string word_{};
    char quote_ = '\0';
    bool is_escaped_ = false;
    bool has_word_ = false;
    bool is_file_ = false;
};

std::string base_name(std::string_view path) {
    while (path.size() > 1 && path.ends_with('/')) path.remove_suffix(1);
    return std::string(path.substr(path.rfind('/') + 1));
}

// The name of a script without its extension; the same text if it has none.
std::string without_extension(std::string name) {
    for (const std::string_view extension : kExtensions) {
        if (name.size() > extension.size() && name.ends_with(extension)) {
            name.resize(name.size() - extension.size());
            break;
        }
    }
    return name;
}

bool is_assignment(std::string_view word) {
    const std::size_t equals = word.find('=');
    return equals != std::string_view::npos && equals != 0 && word.find_first_of("/-") > equals;
}

// Steps over options, and the values of those that have one.
std::size_t after_options(const Words& words, std::size_t at, std::string_view valued) {
    while (at < words.size() && words[at].size() > 1 && words[at].front() == '-') {
        const bool takes_next =
            words[at].size() == 2 && valued.find(words[at][1]) != std::string_view::npos;
        at += takes_next ? 2 : 1;
    }
    return at;
}

// Where the program itself stands, behind variables and wrappers.
std::size_t program_at(const Words& words) {
    std::size_t at = 0;
    for (;;) {
        while (at < words.size() && is_assignment(words[at])) ++at;
        if (at >= words.size()) return at;
        const auto* const wrapper =
            std::find_if(kWrappers.begin(), kWrappers.end(),
                         [&](const Wrapper& known) { return known.name == base_name(words[at]); });
        if (wrapper == kWrappers.end()) return at;
        at = after_options(words, at + 1, wrapper->valued) +
             static_cast<std::size_t>(wrapper->values);
    }
}

std::string host_of(std::string_view url) {
    url.remove_prefix(url.find("://") + 3);
    url = url.substr(0, url.find_first_of("/?#"));
    return std::string(url.substr(url.rfind('@') + 1));
}

// A word that says what a program is to do: `renew`, `schedule:run` up to the colon.
std::string verb_of(const std::string& word) {
    if (word.find("://") != std::string::npos) return host_of(word);
    const std::string verb = word.substr(0, word.find(':'));
    const bool fits = !verb.empty() && is_plain(verb.front()) &&
                      std::all_of(verb.begin(), verb.end(),
                                  [](char c) { return is_plain(c) || c == '-' || c == '_'; });
    return fits ? verb : std::string();
}

std::string name_of(std::string_view command, int depth);

std::string name_of_interpreted(const Words& words, std::size_t at, int depth) {
    const std::string interpreter = base_name(words[at]);
    std::size_t script = at + 1;
    while (script < words.size() && words[script].size() > 1 && words[script].front() == '-') {
        const std::string& option = words[script++];
        if (option.ends_with('c') && option[1] != '-' && script < words.size() && depth < 3) {
            return name_of(words[script], depth + 1);
        }
        // A script in the command line has no name; one that waits is not what matters.
        if (option == "-e" && script < words.size()) {
            return words[script].find("sleep") == std::string::npos ? interpreter : std::string();
        }
        if (option == "-m" && script < words.size()) return words[script];
    }
    if (script >= words.size()) return interpreter;
    const std::string file = base_name(words[script]);
    std::string name = without_extension(file);
    if (name != file) return name;
    name = interpreter + '-' + file;
    if (script + 1 < words.size()) {
        if (const auto verb = verb_of(words[script + 1]); !verb.empty()) name += '-' + verb;
    }
    return name;
}

std::string name_of(const Words& words, int depth) {
    const std::size_t at = program_at(words);
    if (at >= words.size()) return {};
    const std::string program = base_name(words[at]);
    if (is_one_of(program, kGuards)) return {};
    if (program == "run-parts") return base_name(words.back());
    if (is_one_of(program, kInterpreters)) return name_of_interpreted(words, at, depth);
    std::string name = without_extension(program);
    if (name != program) return name;
    const std::size_t next = after_options(words, at + 1, "");
    if (next < words.size()) {
        if (const auto verb = verb_of(words[next]); !verb.empty()) name += '-' + verb;
    }
    return name;
}

std::string name_of(std::string_view command, int depth) {
    for (const Words& words : Splitter().split(command)) {
        std::string name = name_of(words, depth);
        if (!name.empty()) return name;
    }
    return {};
}

std::string sound(std::string_view text) {
    std::string name;
    for (const char c : text.substr(0, kLongestName)) {
        if (is_plain(c) || (c == '_' && !name.empty())) {
            name += c;
        } else if (!name.empty() && name.back() != '-') {
            name += '-';
        }
    }
    while (!name.empty() && !is_plain(name.back())) name.pop_back();
    return is_task_name(name) ? name : std::string(kNameless);
}

}  // namespace

std::string task_name_for(std::string_view command) {
    return sound(name_of(command, 0));
}

}  // namespace periodic::cli
