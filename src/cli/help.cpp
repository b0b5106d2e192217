#include "cli/help.hpp"

#include <algorithm>

namespace periodic::cli {
namespace {

std::size_t columns_of(const Terminal& terminal) {
    return terminal.width == 0 ? 100 : std::min<std::size_t>(terminal.width, 100);
}

std::string indented_lines(std::string_view lines) {
    std::string text;
    while (!lines.empty()) {
        const auto end = std::min(lines.find('\n'), lines.size());
        text.append("  ").append(lines.substr(0, end)).append("\n");
        lines.remove_prefix(std::min(end + 1, lines.size()));
    }
    return text;
}

}  // namespace

std::string program_help(const Terminal& terminal) {
    constexpr std::size_t kIndent = 16;
    std::string text = "Usage: periodic [OPTION...] COMMAND [ARGUMENT...]\n\n" +
                       std::string(kAboutProgram) + "\n\n" + bold(terminal, "Commands:") + '\n';
    for (const auto* type : subcommands()) {
        std::string line = "  " + std::string(type->name);
        line.append(kIndent - std::min(kIndent - 1, line.size()), ' ');
        text += wrapped(line.append(type->summary), columns_of(terminal), kIndent) + '\n';
    }
    Arguments arguments;
    GlobalOptions options;
    options.declare(arguments);
    text += '\n' + bold(terminal, "Options, before or after the command:") + '\n';
    text += arguments.options_help(Arguments::Group::Global, columns_of(terminal));
    text += "  -V, --version             which version this is\n";
    const std::string more = std::string(kAboutHome) +
                             " 'periodic help COMMAND' says more, 'periodic help job' how jobs are "
                             "added, watched, stopped and tried again.";
    text += '\n' + wrapped(more, columns_of(terminal), 0) + "\n\n";
    text += bold(terminal, "A first look:") + '\n' + indented_lines(kFirstLook);
    return text;
}

std::string subcommand_help(const SubcommandType& type, const Arguments& arguments,
                            const Terminal& terminal) {
    const std::size_t columns = columns_of(terminal);
    std::string text =
        "Usage: periodic " + std::string(type.name) + ' ' + arguments.synopsis() + "\n\n";
    text += std::string(type.summary) + ".\n";
    if (!type.details.empty()) text += '\n' + wrapped(type.details, columns, 0) + '\n';
    if (const auto own = arguments.options_help(Arguments::Group::Own, columns); !own.empty()) {
        text += '\n' + bold(terminal, "Options:") + '\n' + own;
    }
    text += '\n' + bold(terminal, "Options of every command:") + '\n' +
            arguments.options_help(Arguments::Group::Global, columns);
    if (!type.examples.empty()) {
        text += '\n' + bold(terminal, "Examples:") + '\n' + indented_lines(type.examples);
    }
    return text;
}

}  // namespace periodic::cli
