/// init: makes a home.

#include <array>
#include <filesystem>
#include <system_error>

#include <sys/stat.h>

#include "cli/exit_codes.hpp"
#include "cli/json_writer.hpp"
#include "cli/new_file.hpp"
#include "cli/subcommands/all.hpp"
#include "cli/templates.hpp"

namespace periodic::cli {
namespace {

namespace fs = std::filesystem;

struct HomeFile {
    std::string_view name;
    std::string_view content;
};

constexpr std::array<std::string_view, 2> kDirectories{"tasks", "var"};

std::array<HomeFile, 3> home_files() {
    return {{{"periodic.xml", kConfigurationTemplate},
             {"crontab", kCrontabTemplate},
             {"tasks/hello.xml", kHelloTemplate}}};
}

// A word of a command line that a person can paste into a shell.
std::string shell_quoted(const std::string& word) {
    constexpr std::string_view kSafe =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-+:@%";
    if (!word.empty() && word.find_first_not_of(kSafe) == std::string::npos) return word;
    std::string text = "'";
    for (const char c : word) text += c == '\'' ? std::string("'\\''") : std::string(1, c);
    return text + '\'';
}

class Init final : public Subcommand {
public:
    void declare(Arguments& arguments) override { arguments.optional("DIR", directory_); }

    Result<int> execute(Session& session) override {
        const std::string given = directory_.value_or(session.options().home.value_or("."));
        const fs::path home = fs::absolute(given.empty() ? "." : given).lexically_normal();
        for (const auto& file : home_files()) {
            std::error_code
                problem;  // what can't be looked at can't be made either, which says why
            if (fs::exists(fs::symlink_status(home / file.name, problem)))
                return there_already(home / file.name);
        }
        for (const auto name : kDirectories) {
            if (auto made = make_directories(home / name); !made) return Failure(made.error());
        }
        // Jobs may print secrets: their logs are nobody else's business.
        if (::chmod((home / "var").c_str(), 0700) != 0) return cannot_write(home / "var");
        for (const auto& file : home_files()) {
            if (auto written = write_new_file((home / file.name).string(), file.content);
                !written) {
                return Failure(written.error());
            }
        }
        session.print(session.json() ? document(home) : text(home, session));
        return kFine;
    }

private:
    [[nodiscard]] static Failure there_already(const fs::path& path) {
        return failure(ErrorCode::Conflict,
                       path.string() + " is there already; nothing was written",
                       "name another directory, or edit the home that is there");
    }

    [[nodiscard]] static std::string document(const fs::path& home) {
        JsonWriter json;
        json.object().key("home").text(home.string()).key("files").array();
        for (const auto& file : home_files()) json.text(file.name);
        return json.end().end().document();
    }

    [[nodiscard]] static std::string text(const fs::path& home, const Session& session) {
        if (session.quiet()) return {};
        std::string text = "Made a home in " + printable(home.string()) + " with:\n";
        text +=
            "  periodic.xml      settings\n"
            "  crontab           when tasks run\n"
            "  tasks/hello.xml   a task to begin with\n"
            "  var/              jobs, logs and the lock\n\n";
        const std::string at = shell_quoted(home.string());
        text +=
            "Now try:\n"
            "  periodic -C " +
            at +
            " run hello name=World\n"
            "  periodic -C " +
            at +
            " next\n\n"
            "and let the system's crontab (crontab -e) run what is due:\n" +
            "  " + printable(cron_line(home)) + '\n';
        return text;
    }

    // cron knows nearly no PATH, and takes a bare % for a line end.
    [[nodiscard]] static std::string cron_line(const fs::path& home) {
        std::error_code problem;
        const fs::path self = fs::read_symlink("/proc/self/exe", problem);
        const std::string command = shell_quoted(problem ? "periodic" : self.string()) + " -C " +
                                    shell_quoted(home.string()) + " run";
        std::string line = "* * * * * ";
        for (const char c : command) line += c == '%' ? std::string("\\%") : std::string(1, c);
        return line;
    }

    std::optional<std::string> directory_{};
};

}  // namespace

const SubcommandType kInitCommand{
    .name = "init",
    .summary = "Makes a home: a directory with settings, a crontab and a task, all with comments",
    .details =
        "Without DIR, in the directory of -C, else in the current one. Files that are there are "
        "never overwritten.",
    .examples = "periodic init ~/jobs\nperiodic -C ~/jobs check",
    .make = &make_subcommand<Init>};

}  // namespace periodic::cli
