#include "cli/completion_script.hpp"

#include <string_view>
#include <vector>

#include "cli/session.hpp"
#include "cli/subcommand.hpp"
#include "periodic/job.hpp"

namespace periodic::cli {
namespace {

// What the placeholder of a value or argument says about its words.
std::string_view kind_of(std::string_view value) {
    const auto has = [&](std::string_view part) { return value.find(part) != value.npos; };
    if (has("STATE")) return "states";
    if (has("TASK") && has("ID")) return "jobs";
    if (has("TASK")) return "tasks";
    if (has("KEY=VALUE") || has("NAME=VALUE")) return "none";
    if (value == "ID" || has("ID-ID") || has("ID[")) return "ids";
    if (value == "DIR") return "directories";
    if (value == "FILE") return "files";
    return "none";
}

std::string joined(const std::vector<std::string>& words, char separator) {
    std::string text;
    for (const auto& word : words) {
        if (!text.empty()) text += separator;
        text += word;
    }
    return text;
}

// The words of a value: a kind, or `=` and the words themselves.
std::string values_of(const Arguments::Shown& each) {
    return each.words.empty() ? std::string(kind_of(each.value)) : '=' + joined(each.words, ' ');
}

// One line of a `case` for each option that takes a value: `job list:--state) echo states;;`.
void add_values(const std::string& command, const Arguments::Shown& option, std::string& lines) {
    std::string pattern;
    for (const auto& name : option.names) {
        if (!pattern.empty()) pattern += '|';
        pattern += '\'' + command + ':' + name + '\'';
    }
    lines += "        " + pattern + ") kind='" + values_of(option) + "';;\n";
}

struct Tables {
    std::string first{};        // words that begin a command line
    std::string second{};       // `job`'s second words
    std::string options{};      // case lines: the options of a command
    std::string values{};       // case lines: what an option takes
    std::string arguments{};    // case lines: what a command takes
    std::string global{};       // options of all commands
    std::string many_worded{};  // commands of two words begin with these
};

void add_word(std::string& list, std::string_view word) {
    const std::string padded = ' ' + list + ' ';
    if (padded.find(' ' + std::string(word) + ' ') != std::string::npos) return;
    if (!list.empty()) list += ' ';
    list += word;
}

void add_subcommand(const SubcommandType& type, Tables& tables) {
    const std::string name(type.name);
    const std::size_t blank = name.find(' ');
    add_word(tables.first, name.substr(0, blank));
    if (blank != std::string::npos) {
        add_word(tables.second, name.substr(blank + 1));
        add_word(tables.many_worded, name.substr(0, blank));
    }
    Arguments arguments;
    const auto subcommand = type.make();
    arguments.group(Arguments::Group::Own);
    subcommand->declare(arguments);
    std::string options;
    std::string positionals;
    for (const auto& each : arguments.all()) {
        if (each.names.empty()) {
            // An option of the same name says more: `completion SHELL` is one of two words.
            add_word(positionals, type.name == "completion" ? "shells" : kind_of(each.value));
            continue;
        }
        for (const auto& option : each.names) add_word(options, option);
        if (!each.value.empty()) add_values(name, each, tables.values);
    }
    tables.options += "        '" + name + "') options='" + options + "';;\n";
    tables.arguments += "        '" + name + "') kinds='" + positionals + "';;\n";
}

Tables tables_of_all() {
    Tables tables;
    for (const auto* type : subcommands()) add_subcommand(*type, tables);
    add_word(tables.first, "help");
    Arguments arguments;
    GlobalOptions options;
    options.declare(arguments);
    for (const auto& each : arguments.all()) {
        for (const auto& option : each.names) add_word(tables.global, option);
        if (!each.value.empty()) add_values("", each, tables.values);
    }
    return tables;
}

std::string states() {
    std::string words;
    for (const auto state :
         {JobState::Idle, JobState::Queued, JobState::Running, JobState::Succeeded,
          JobState::Aborted, JobState::Failed, JobState::Stopped, JobState::Skipped}) {
        add_word(words, to_string(state));
    }
    return words;
}

void replace(std::string& text, std::string_view mark, std::string_view with) {
    for (std::size_t at = 0; (at = text.find(mark, at)) != std::string::npos; at += with.size()) {
        text.replace(at, mark.size(), with);
    }
}

// $1 is the word to be completed. Words after "=" are words of their own in bash.
constexpr std::string_view kScript =
    R"sh(# Completes the command lines of periodic: source <(periodic completion bash)
_periodic_values() {
    local program=$1 kind=$2 current=$3
    shift 3
    case $kind in
        =*) COMPREPLY=($(compgen -W "${kind#=}" -- "$current"));;
        tasks) COMPREPLY=($(compgen -W "$(_periodic_tasks "$program" "$@")" -- "$current"));;
        ids) COMPREPLY=($(compgen -W "$(_periodic_ids "$program" "$@")" -- "$current"));;
        jobs) COMPREPLY=($(compgen -W "$(_periodic_tasks "$program" "$@") $(_periodic_ids "$program" "$@")" -- "$current"));;
        states) COMPREPLY=($(compgen -W "@STATES@" -- "$current"));;
        shells) COMPREPLY=($(compgen -W "bash zsh" -- "$current"));;
        directories) COMPREPLY=($(compgen -d -- "$current"));;
        files) COMPREPLY=($(compgen -f -- "$current"));;
    esac
}

_periodic_tasks() {
    "$@" tasks --output json 2>/dev/null </dev/null | grep -o '{"name":"[^"]*","description"' | cut -d '"' -f 4
}

_periodic_ids() {
    "$@" job list --limit 30 --output json 2>/dev/null </dev/null | grep -o '{"id":[0-9]*,"task"' | grep -o '[0-9]*'
}

_periodic() {
    COMPREPLY=()
    local current=${COMP_WORDS[COMP_CWORD]} program=${COMP_WORDS[0]} command= word kind= kinds= options= i
    local -a home=()
    local skip= given=0 last=
    for ((i = 1; i < COMP_CWORD; i++)); do
        word=${COMP_WORDS[i]}
        [[ $word == = ]] && continue
        if [[ -n $skip ]]; then
            case $skip in -C|--home|--config) home+=("$skip" "${word/#\~/$HOME}");; esac
            skip=
            continue
        fi
        if [[ $word == -* ]]; then
            _periodic_kind "$command" "$word" && skip=$word
            continue
        fi
        if [[ -z $command || ( " @PREFIXES@ " == *" $command "* ) ]]; then
            command=${command:+$command }$word
            [[ $command == help ]] && command=
        else
            given=$((given + 1))
        fi
    done
    [[ $current == = ]] && current=
    if [[ -n $skip ]]; then
        _periodic_kind "$command" "$skip"
        _periodic_values "$program" "$kind" "$current" "${home[@]}"
    elif [[ $current == -* ]]; then
        case $command in
@OPTIONS@        esac
        COMPREPLY=($(compgen -W "$options @GLOBAL@" -- "$current"))
    elif [[ -z $command ]]; then
        COMPREPLY=($(compgen -W "@FIRST@" -- "$current"))
    elif [[ " @PREFIXES@ " == *" $command "* ]]; then
        COMPREPLY=($(compgen -W "@SECOND@" -- "$current"))
    else
        case $command in
@ARGUMENTS@        esac
        local -a each=($kinds)
        ((given < ${#each[@]})) || given=$((${#each[@]} - 1))
        ((given < 0)) || _periodic_values "$program" "${each[given]}" "$current" "${home[@]}"
    fi
}

# Sets kind to what an option of a command takes; false if it takes nothing.
_periodic_kind() {
    kind=
    case "$1:$2" in
@VALUES@        *) if [[ -n $1 ]]; then _periodic_kind "" "$2"; return; fi;;
    esac
    [[ -n $kind ]]
}

complete -o default -F _periodic periodic
)sh";

}  // namespace

std::string bash_completion() {
    const Tables tables = tables_of_all();
    std::string script(kScript);
    replace(script, "@STATES@", states());
    replace(script, "@PREFIXES@", tables.many_worded);
    replace(script, "@OPTIONS@", tables.options);
    replace(script, "@GLOBAL@", tables.global);
    replace(script, "@FIRST@", tables.first);
    replace(script, "@SECOND@", tables.second);
    replace(script, "@ARGUMENTS@", tables.arguments);
    replace(script, "@VALUES@", tables.values);
    return script;
}

std::string zsh_completion() {
    std::string script = bash_completion();
    replace(script, "completion bash)", "completion zsh)");
    const std::string head = "autoload -Uz compinit bashcompinit && compinit && bashcompinit\n";
    // Arrays count from 0, and words are split, as they are in bash.
    replace(script, "_periodic() {\n", "_periodic() {\n    emulate -L ksh\n");
    replace(script, "_periodic_values() {\n", "_periodic_values() {\n    emulate -L ksh\n");
    return head + script;
}

}  // namespace periodic::cli
