#include "cli/manual_pages.hpp"

#include <algorithm>
#include <array>
#include <cctype>
#include <string_view>
#include <utility>

#include "cli/help.hpp"
#include "cli/job_help.hpp"
#include "cli/subcommand.hpp"
#include "periodic/version.hpp"

namespace periodic::cli {
namespace {

// What help is too short for.
constexpr std::string_view kMore =
    R"(.SH EXIT STATUS
.TP
.B 0
fine
.TP
.B 1
a job ended failed or stopped, or what was named does not exist or is in a state that forbids what was asked
.TP
.B 2
wrong usage
.TP
.B 3
.B periodic status
found no daemon
.TP
.B 74
the store or the disk is broken
.TP
.B 75
locked
.TP
.B 78
the configuration, the crontab or a task file is broken; what was sound ran all the same
.SH FILES
.TP
.I crontab
when tasks run: WHEN [GROUP:]TASK [key=value ...]
.TP
.I tasks/NAME.xml
what a task does
.TP
.I periodic.xml
settings; may be absent. <alias name="do">job run</alias> makes
.B periodic do
a command
.TP
.I var/
the jobs (periodic.db), the log, the lock and the control socket
.TP
.IR /etc/periodic ", " /var/lib/periodic
the home and the state directory of the whole system, where the Debian package was installed; its daemon is
.B periodic.service
.TP
.I /usr/share/doc/periodic
README.md and, in docs/, operations.md, configuration.md, crontab.md, task\-format.md, jobs.md and more; examples/
.SH ENVIRONMENT
.TP
.B PERIODIC_HOME
the home directory
.TP
.B TZ
the time zone, where neither periodic.xml nor the crontab names one; a home that is used both from a
shell and from cron should name it with <timeZone>
.TP
.B PATH
where a task\(aqs programs are looked up; from cron it is short (/usr/bin:/bin), so that a line of the
system\(aqs crontab names
.B periodic
by its whole path
.TP
.B NO_COLOR
no colours on a terminal
.SH SEE ALSO
.BR periodic\-job (1),
.BR crontab (5),
.BR systemd.service (5)
)";

// A text as it stands: nothing in it is an order, and what is typed can be copied.
std::string plain(std::string_view text) {
    std::string result;
    for (const char c : text) {
        const bool begins_line = result.empty() || result.back() == '\n';
        if (begins_line && (c == '.' || c == '\'')) result += "\\&";
        switch (c) {
            case '\\':
                result += "\\e";
                break;
            case '-':
                result += "\\-";
                break;
            case '\'':
                result += "\\(aq";
                break;
            case '`':
                result += "\\(ga";
                break;
            case '^':
                result += "\\(ha";
                break;
            case '~':
                result += "\\(ti";
                break;
            default:
                result += c;
        }
    }
    return result;
}

std::string page_name(std::string_view command) {
    std::string name = "periodic-" + std::string(command);
    std::replace(name.begin(), name.end(), ' ', '-');
    return name;
}

std::string lower_first(std::string_view text) {
    std::string result(text);
    if (!result.empty())
        result[0] = static_cast<char>(std::tolower(static_cast<unsigned char>(result[0])));
    return result;
}

std::string heading(const std::string& name, std::string_view summary) {
    std::string title = name;
    std::transform(title.begin(), title.end(), title.begin(),
                   [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
    return ".TH " + plain(title) + " 1 \"\" \"Periodic " + std::string(kVersion) +
           "\" \"User Commands\"\n.SH NAME\n" + plain(name) + " \\- " +
           plain(lower_first(summary)) + '\n';
}

// Each line end of the text begins a paragraph.
std::string paragraphs(std::string_view text) {
    std::string result;
    while (!text.empty()) {
        const auto end = std::min(text.find('\n'), text.size());
        if (end > 0) result += (result.empty() ? "" : ".PP\n") + plain(text.substr(0, end)) + '\n';
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return result;
}

// Lines that stay as they are, narrower than the rest of a page's.
std::string as_typed(std::string_view lines) {
    if (lines.ends_with('\n')) lines.remove_suffix(1);
    return ".PP\n.nf\n" + plain(lines) + "\n.fi\n";
}

std::string options(const Arguments& arguments, Arguments::Group group) {
    std::string text;
    for (const auto& option : arguments.all()) {
        if (option.names.empty() || option.group != group) continue;
        text += ".TP\n\\fB";
        for (const auto& name : option.names)
            text += (&name == option.names.data() ? "" : "\\fR, \\fB") + plain(name);
        text += "\\fR";
        if (!option.value.empty()) text += " \\fI" + plain(option.value) + "\\fR";
        text += '\n' + plain(option.help) + '\n';
    }
    return text;
}

std::string names_of_commands() {
    std::string text;
    for (const auto* type : subcommands()) {
        text +=
            ".TP\n\\fB" + plain(type->name) + "\\fR\n" + plain(lower_first(type->summary)) + '\n';
    }
    return text;
}

ManualPage page_of_program() {
    Arguments arguments;
    GlobalOptions global;
    global.declare(arguments);
    std::string text = heading("periodic", kAboutProgram.substr(0, kAboutProgram.size() - 1));
    text +=
        ".SH SYNOPSIS\n.B periodic\n.RI [ OPTION ...]\n.I COMMAND\n.RI [ ARGUMENT ...]\n"
        ".SH DESCRIPTION\n"
        "A task is an XML file that lists commands; one run of a task is a job.\n"
        "A home is a directory with a crontab, tasks and a state directory.\n" +
        plain(kAboutHome) + '\n';
    text +=
        ".SH COMMANDS\nEach has a page of its own:\n.BR periodic\\-run (1),\n"
        ".BR periodic\\-job\\-add (1).\n" +
        names_of_commands();
    text += ".SH OPTIONS\nThey stand before or after the command.\n" +
            options(arguments, Arguments::Group::Global);
    text += ".SH EXAMPLES\n" + as_typed(kFirstLook);
    return {.name = "periodic", .text = text + std::string(kMore)};
}

ManualPage page_of(const SubcommandType& type) {
    Arguments arguments;
    GlobalOptions global;
    global.declare(arguments);
    const auto subcommand = type.make();
    subcommand->declare(arguments);
    const std::string name = page_name(type.name);
    std::string text = heading(name, type.summary);
    text += ".SH SYNOPSIS\n.B periodic " + plain(type.name) + '\n' + plain(arguments.synopsis()) +
            "\n.SH DESCRIPTION\n" + plain(type.summary) + ".\n";
    if (!type.details.empty()) text += ".PP\n" + paragraphs(type.details);
    if (const auto own = options(arguments, Arguments::Group::Own); !own.empty())
        text += ".SH OPTIONS\n" + own;
    text += ".SH OPTIONS OF EVERY COMMAND\n" + options(arguments, Arguments::Group::Global);
    if (!type.examples.empty()) text += ".SH EXAMPLES\n" + as_typed(type.examples);
    text += ".SH SEE ALSO\n.BR periodic (1)";
    if (type.name.starts_with("job ")) text += ",\n.BR periodic\\-job (1)";
    return {.name = name, .text = text + '\n'};
}

// `periodic job --help` is laid out already: what stands at the margin and ends with a colon is a
// heading, what is indented stays as it is.
ManualPage page_on_jobs() {
    const std::string help = job_help(Terminal{});
    std::string text = heading("periodic-job", "adds, watches, stops and tries again jobs by hand");
    text += ".SH SYNOPSIS\n.B periodic job\n.I COMMAND\n.RI [ ARGUMENT ...]\n.SH DESCRIPTION\n";
    std::string_view rest(help);
    rest.remove_prefix(rest.find("\n\n") + 2);  // behind the usage
    bool typed = false;
    while (!rest.empty()) {
        const std::string_view line = rest.substr(0, rest.find('\n'));
        rest.remove_prefix(std::min(line.size() + 1, rest.size()));
        const bool indented = line.starts_with(' ');
        if (!line.empty() && indented != typed) text += indented ? ".nf\n" : ".fi\n";
        if (!line.empty()) typed = indented;
        if (line.empty()) {
            text += typed ? "\n" : ".PP\n";
        } else if (!indented && line.ends_with(':')) {
            std::string title(line.substr(0, line.size() - 1));
            std::transform(title.begin(), title.end(), title.begin(),
                           [](unsigned char c) { return static_cast<char>(std::toupper(c)); });
            text += ".SH " + plain(title) + '\n';
        } else {
            text += plain(line) + '\n';
        }
    }
    if (typed) text += ".fi\n";
    return {.name = "periodic-job", .text = text + ".SH SEE ALSO\n.BR periodic (1)\n"};
}

}  // namespace

std::vector<ManualPage> manual_pages() {
    std::vector<ManualPage> pages{page_of_program(), page_on_jobs()};
    for (const auto* type : subcommands()) pages.push_back(page_of(*type));
    return pages;
}

}  // namespace periodic::cli
