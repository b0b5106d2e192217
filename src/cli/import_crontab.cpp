#include "cli/import_crontab.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <set>

#include "cli/task_naming.hpp"
#include "cli/vixie_crontab.hpp"

namespace periodic::cli {
namespace {

// What cron gives to programs where the crontab says nothing.
constexpr std::string_view kCronPath = "/usr/bin:/bin";
constexpr std::size_t kLongestDescription = 1'000;

// Shells in which `exec <<END` gives standard input to all that follows.
constexpr std::array<std::string_view, 7> kShells{"sh",  "bash", "dash", "ash",
                                                  "ksh", "mksh", "zsh"};

std::string escaped(std::string_view text) {
    std::string written;
    for (const char c : text) {
        switch (c) {
            case '&':
                written += "&amp;";
                break;
            case '<':
                written += "&lt;";
                break;
            case '>':
                written += "&gt;";
                break;
            case '"':
                written += "&quot;";
                break;
            default:
                written += c;
        }
    }
    return written;
}

// As it stands where XML lets it be read so.
std::string script_text(std::string_view script) {
    if (script.find_first_of("&<>") == std::string_view::npos) return std::string(script);
    if (script.find("]]>") != std::string_view::npos) return escaped(script);
    return "<![CDATA[" + std::string(script) + "]]>";
}

std::string shell_quoted(std::string_view text) {
    std::string quoted = "'";
    for (const char c : text) {
        if (c == '\'') {
            quoted += "'\\''";
        } else {
            quoted += c;
        }
    }
    return quoted + '\'';
}

// A line that the text does not have.
std::string end_mark(std::string_view text) {
    std::string mark = "END_OF_INPUT";
    while (('\n' + std::string(text)).find('\n' + mark + '\n') != std::string::npos) mark += '_';
    return mark;
}

std::string element(std::string_view name, std::string_view text) {
    return "    <" + std::string(name) + '>' + escaped(text) + "</" + std::string(name) + ">\n";
}

const std::string* variable(const VixieEntry& entry, std::string_view name) {
    const auto found = std::find_if(entry.environment.begin(), entry.environment.end(),
                                    [&](const auto& pair) { return pair.first == name; });
    return found == entry.environment.end() || found->second.empty() ? nullptr : &found->second;
}

// The script, and which shell runs it.
struct Script {
    std::string interpreter{};  // empty: /bin/sh
    std::string text{};
};

Script script_of(const VixieEntry& entry) {
    Script script;
    if (const auto* shell = variable(entry, "SHELL"); shell != nullptr && *shell != "/bin/sh") {
        script.interpreter = *shell;
    }
    script.text = entry.command;
    // A blank that a backslash keeps would be trimmed from the end of a task's text.
    if (script.text.ends_with("\\ ") || script.text.ends_with("\\\t")) script.text += "\n#";
    if (!entry.input || entry.input->empty()) return script;
    const std::string shell = script.interpreter.substr(script.interpreter.rfind('/') + 1);
    if (!script.interpreter.empty() &&
        std::find(kShells.begin(), kShells.end(), shell) == kShells.end()) {
        script.text = "exec " + script.interpreter + " -c " + shell_quoted(script.text);
        script.interpreter.clear();
    }
    const std::string mark = end_mark(*entry.input);
    script.text = "exec <<'" + mark + "'\n" + *entry.input + mark + '\n' + std::move(script.text);
    return script;
}

// Cron's own rules: any number at once, no end, nothing made up for later, what stays behind lives.
std::string task_text(const VixieEntry& entry, const std::string& user,
                      const std::string& directory) {
    std::string text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<task>\n";
    if (!entry.comment.empty()) {
        text += "  <description>" + escaped(entry.comment.substr(0, kLongestDescription)) +
                "</description>\n";
    }
    text +=
        "  <config>\n"
        "    <timeout>0</timeout>\n"
        "    <catchUp>none</catchUp>\n"
        "    <overlap>allow</overlap>\n"
        "    <concurrency>0</concurrency>\n";
    if (!user.empty()) text += element("user", user);
    const auto* home = variable(entry, "HOME");
    text += element("directory", home != nullptr ? *home : directory);
    text += "    <environment>\n";
    const auto add = [&text](std::string_view name, std::string_view value) {
        text += "      <variable name=\"" + std::string(name) + "\">" + escaped(value) +
                "</variable>\n";
    };
    if (variable(entry, "PATH") == nullptr) add("PATH", kCronPath);
    for (const auto& [name, value] : entry.environment) {
        if (name != "PATH" || !value.empty()) add(name, value);
    }
    text += "    </environment>\n  </config>\n";
    const Script script = script_of(entry);
    text += "  <command type=\"shell\"";
    if (!script.interpreter.empty()) {
        text += " interpreter=\"" + escaped(script.interpreter) + '"';
    }
    return text + " leave=\"true\">" + script_text(script.text) +
           "<exit code=\"75\" outcome=\"fail\"/></command>\n</task>\n";
}

class Import {
public:
    explicit Import(const ImportOptions& options) : options_(options), zone_(options.last_zone) {
        if (options.crontab == nullptr) return;
        for (const auto& entry : options.crontab->entries()) known_.insert(entry.id());
    }

    void add(const ImportSource& source) {
        auto crontab = read_vixie_crontab(source.text, source.file, source.user_column);
        result_.problems.insert(result_.problems.end(), crontab.problems.begin(),
                                crontab.problems.end());
        bool is_headed = false;
        for (const auto& entry : crontab.entries) add(entry, source, is_headed);
        if (!source.user_column) note_user_column(crontab, source);
    }

    ImportResult take() { return std::move(result_); }

private:
    void add(const VixieEntry& entry, const ImportSource& source, bool& is_headed) {
        const std::string& runs_as = entry.user.empty() ? options_.user : entry.user;
        const auto directory = options_.home_of(runs_as);
        if (!directory) {
            return lose(entry, source, "there is no user '" + runs_as + "'",
                        "cron does not run this line either");
        }
        if (runs_as != options_.user && !options_.runs_as_others) {
            return lose(entry, source, "it runs as " + runs_as + ", which only root can do",
                        "import it as root, or as " + runs_as);
        }
        const std::string user = runs_as == options_.user ? std::string() : runs_as;
        const std::string zone = entry.zone.empty() ? options_.zone : entry.zone;
        const std::string task = task_for(entry, task_text(entry, user, *directory));
        const auto id = id_of(zone, entry.when, task);
        if (added_.contains(id)) {
            return lose(entry, source, "this line stands there twice",
                        "cron runs it twice, Periodic once; make a task of its own for the other");
        }
        const bool is_new = !known_.contains(id);
        added_.insert(id);
        result_.entries.push_back({source.file, entry.line, entry.when, zone, task, is_new});
        if (!is_new) return;
        if (!is_headed) result_.crontab += "# from " + printable_name(source.file) + '\n';
        is_headed = true;
        if (zone != zone_) result_.crontab += "CRON_TZ=" + zone + '\n';
        zone_ = zone;
        result_.crontab += entry.when + "  " + task + '\n';
    }

    static std::string printable_name(std::string name) {
        std::replace_if(
            name.begin(), name.end(),
            [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7F; }, '?');
        return name;
    }

    // The name of the task with this content: one that is there, or a new one.
    std::string task_for(const VixieEntry& entry, std::string content) {
        if (const auto known = names_.find(content); known != names_.end()) return known->second;
        const std::string base = task_name_for(entry.command);
        std::string name = base;
        for (int i = 2;; name = base + '-' + std::to_string(i++)) {
            if (taken_.contains(name)) continue;
            const auto there = options_.task_file(name);
            if (there && *there != content) continue;
            taken_.insert(name);
            names_.emplace(content, name);
            result_.tasks.push_back({name, std::move(content), !there});
            return name;
        }
    }

    static std::int64_t id_of(const std::string& zone, const std::string& when,
                              const std::string& task) {
        Crontab crontab;
        crontab.add("CRON_TZ=" + zone + '\n' + when + ' ' + task + '\n', "", TimeZone::utc());
        // Every schedule that cron reads is read here too, but for one that never comes.
        return crontab.entries().empty() ? 0 : crontab.entries().front().id();
    }

    void lose(const VixieEntry& entry, const ImportSource& source, std::string message,
              std::string hint, Severity severity = Severity::Error) {
        Error error;
        error.message = std::move(message);
        error.hint = std::move(hint);
        error.file = source.file;
        error.line = entry.line;
        error.column = 1;
        error.excerpt = entry.text;
        result_.problems.push_back({severity, std::move(error)});
    }

    // A system's crontab, read as a user's, has commands that all begin with a user's name.
    void note_user_column(const VixieCrontab& crontab, const ImportSource& source) {
        const auto& entries = crontab.entries;
        if (entries.empty() || !std::all_of(entries.begin(), entries.end(), [](const auto& entry) {
                return entry.command.starts_with("root ") || entry.command.starts_with("root\t");
            })) {
            return;
        }
        lose(entries.front(), source, "'root' looks like a user's name, not like a command",
             "use --user-column for crontabs as /etc/crontab is", Severity::Warning);
    }

    const ImportOptions& options_;
    ImportResult result_{};
    std::string zone_;
    std::set<std::int64_t> known_{};
    std::set<std::int64_t> added_{};
    std::set<std::string> taken_{};
    std::map<std::string, std::string> names_{};  // by content
};

}  // namespace

ImportResult import_crontabs(const std::vector<ImportSource>& sources,
                             const ImportOptions& options) {
    Import import(options);
    for (const auto& source : sources) import.add(source);
    return import.take();
}

}  // namespace periodic::cli
