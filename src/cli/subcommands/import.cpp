/// import: the system's crontabs, as entries and tasks that do the same.

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <system_error>

#include <fcntl.h>
#include <pwd.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/files.hpp"
#include "cli/error_text.hpp"
#include "cli/exit_codes.hpp"
#include "cli/given_text.hpp"
#include "cli/import_crontab.hpp"
#include "cli/json_writer.hpp"
#include "cli/new_file.hpp"
#include "cli/problem_document.hpp"
#include "cli/subcommands/all.hpp"
#include "cli/vixie_crontab.hpp"
#include "periodic/process_launcher.hpp"

namespace periodic::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kLongestCrontab = std::size_t{64} << 20U;
constexpr std::size_t kLongestTaskFile = std::size_t{1} << 20U;
constexpr const char* kSystemCrontab = "/etc/crontab";
constexpr const char* kSystemDirectory = "/etc/cron.d";

std::string own_name() {
    std::array<char, 16'384> buffer{};
    passwd entry{};
    passwd* found = nullptr;
    if (::getpwuid_r(::geteuid(), &entry, buffer.data(), buffer.size(), &found) != 0 ||
        found == nullptr) {
        return {};
    }
    return entry.pw_name;
}

std::optional<std::string> home_of(const std::string& user) {
    const auto found = find_user(user);
    return found ? std::optional(found->home) : std::nullopt;
}

// Whether a file is one that cron expects a user's name in.
bool is_system_file(const fs::path& path) {
    return path == kSystemCrontab || path.parent_path().filename() == "cron.d";
}

struct Spoken {
    std::string text{};  ///< what it wrote to its standard output
    int status = 0;      ///< as waitpid gives it
};

Result<Spoken> ask_shell(const char* command) {
    std::FILE* const pipe = ::popen(command, "re");
    if (pipe == nullptr) return failure(ErrorCode::Io, "no shell can be started");
    Spoken spoken;
    std::array<char, 4096> part{};
    while (const std::size_t size = std::fread(part.data(), 1, part.size(), pipe)) {
        spoken.text.append(part.data(), size);
    }
    spoken.status = ::pclose(pipe);
    return spoken;
}

// Why there is no crontab, as the program says that: asked once more, as its complaint is no part
// of a crontab.
Failure no_own_crontab(int status) {
    const int code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    if (code == 127) {
        return failure(ErrorCode::NotFound, "there is no program 'crontab' here",
                       "name the file: periodic import FILE");
    }
    const auto complaint = ask_shell("crontab -l 2>&1 >/dev/null");
    std::string text = complaint ? complaint->text : std::string();
    text.erase(text.find_last_not_of(" \t\r\n") + 1);
    std::replace(text.begin(), text.end(), '\n', ' ');
    if (text.empty()) text = "crontab -l gave no crontab: exit code " + std::to_string(code);
    return failure(ErrorCode::NotFound, std::move(text));
}

// What `crontab -l` prints.
Result<std::string> own_crontab() {
    auto spoken = ask_shell("crontab -l 2>/dev/null");
    if (!spoken) return Failure(spoken.error());
    if (spoken->status != 0) return no_own_crontab(spoken->status);
    return std::move(spoken->text);
}

// Adds to a file's end in one write, or makes it.
Result<void> append(const std::string& path, std::string text) {
    const int file = ::open(path.c_str(), O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC, 0644);
    if (file < 0) return cannot_write(path);
    char last = '\n';
    const off_t size = ::lseek(file, 0, SEEK_END);
    if (size > 0 && ::pread(file, &last, 1, size - 1) == 1 && last != '\n') text.insert(0, "\n");
    const auto written = ::write(file, text.data(), text.size());
    const bool is_whole = written == static_cast<ssize_t>(text.size());
    const auto problem = cannot_write(path);
    return ::close(file) == 0 && is_whole ? Result<void>() : Result<void>(problem);
}

class ImportCommand final : public Subcommand {
public:
    void declare(Arguments& arguments) override {
        arguments.optional("FILE", file_);
        arguments.flag("--user", user_, "the caller's crontab, as 'crontab -l' shows it");
        arguments.flag("--system", system_, "/etc/crontab and the files of /etc/cron.d");
        arguments.flag("--user-column", user_column_,
                       "FILE has a user's name before each command, as /etc/crontab has");
        arguments.flag("--dry-run", dry_run_, "print what would be written, write nothing");
    }

    Result<int> execute(Session& session) override {
        if ((file_ ? 1 : 0) + (user_ ? 1 : 0) + (system_ ? 1 : 0) != 1) {
            return failure(ErrorCode::Usage, "name one of FILE, --user and --system",
                           "periodic import --user; FILE may be - for standard input");
        }
        if (auto read = read_sources(); !read) return Failure(read.error());
        if (auto found = find_home(session); !found) return Failure(found.error());
        ImportOptions options;
        options.user = own_name();
        options.runs_as_others = ::geteuid() == 0 || !home_;
        options.home_of = &home_of;
        options.task_file = [this](const std::string& name) { return task_file(name); };
        options.crontab = &existing_;
        const auto zone = TimeZone::local();
        if (!zone) return Failure(zone.error());
        options.zone = zone->name();
        options.last_zone = home_ ? last_zone_ : options.zone;
        result_ = import_crontabs(sources_, options);
        result_.problems.insert(result_.problems.begin(), ignored_.begin(), ignored_.end());
        if (home_ && !dry_run_) {
            if (auto written = write(); !written) return Failure(written.error());
        }
        session.print(session.json() ? document() : text(session));
        if (!session.json()) {
            // All of them: what was left out now stays out.
            for (const Problem& each : result_.problems)
                session.complain(error_text(each.error, each.severity, session.err()));
        }
        return graver_of_problems();
    }

private:
    Result<void> read_sources() {
        if (user_) {
            auto text = own_crontab();
            if (!text) return Failure(text.error());
            sources_.push_back({"crontab -l", std::move(*text), false});
            return {};
        }
        if (system_) return read_system();
        if (*file_ == "-") {
            auto text = given_text("-", kLongestCrontab);
            if (!text) return Failure(text.error());
            sources_.push_back({"-", std::move(*text), user_column_});
            return {};
        }
        return read_source(*file_, user_column_ || is_system_file(*file_));
    }

    Result<void> read_source(const std::string& path, bool user_column) {
        auto text = read_file(path, kLongestCrontab);
        if (!text) return Failure(text.error());
        sources_.push_back({path, std::move(*text), user_column});
        return {};
    }

    Result<void> read_system() {
        std::vector<std::string> paths;
        std::error_code problem;
        if (fs::exists(kSystemCrontab, problem)) paths.emplace_back(kSystemCrontab);
        std::vector<std::string> names;
        for (const auto& file : fs::directory_iterator(kSystemDirectory, problem)) {
            names.push_back(file.path().filename().string());
        }
        std::sort(names.begin(), names.end());
        for (const auto& name : names) {
            const std::string path = std::string(kSystemDirectory) + '/' + name;
            if (is_system_crontab_name(name)) {
                paths.push_back(path);
            } else if (!name.starts_with('.')) {
                ignored_.push_back(
                    {Severity::Warning,
                     {.message = "cron reads no file of this name, so it was left out",
                      .hint = "letters, digits, '_' and '-' alone; to import it all the same: "
                              "periodic import " +
                              path,
                      .file = path}});
            }
        }
        if (paths.empty()) return failure(ErrorCode::NotFound, "this system has no crontab");
        for (const auto& path : paths) {
            if (auto read = read_source(path, true); !read) return read;
        }
        return {};
    }

    // Without a home everything is printed.
    Result<void> find_home(Session& session) {
        const bool is_named = session.options().home || session.options().config ||
                              std::getenv("PERIODIC_HOME") != nullptr;
        if (!session.directory() && !is_named && (file_ || dry_run_)) return {};
        auto home = session.home();
        if (!home) return Failure(home.error());
        const auto zone = session.zone();
        if (!zone) return Failure(zone.error());
        home_ = std::move(*home);
        existing_ = Crontab::read(home_->crontabs, *zone);
        crontab_ = home_->crontabs.front();
        std::error_code ignored;
        if (fs::is_directory(crontab_, ignored)) crontab_ += "/imported";
        if (!fs::exists(crontab_, ignored)) {
            last_zone_ = zone->name();
            return {};
        }
        auto text = read_file(crontab_, kLongestCrontab);
        if (!text) return Failure(text.error());
        // Which zone holds at its end is what one more entry would get.
        Crontab probe;
        probe.add(*text + "\n@reboot zone-at-the-end\n", crontab_, *zone);
        const bool is_known =
            !probe.entries().empty() && probe.entries().back().task() == "zone-at-the-end";
        if (is_known) last_zone_ = probe.entries().back().zone().name();
        return {};
    }

    [[nodiscard]] std::optional<std::string> task_file(const std::string& name) const {
        if (!home_) return std::nullopt;
        const std::string path = home_->tasks + '/' + name + ".xml";
        std::error_code problem;
        if (!fs::exists(fs::symlink_status(path, problem))) return std::nullopt;
        // What can't be read is another file, that keeps its name.
        return read_file(path, kLongestTaskFile).value_or(std::string());
    }

    Result<void> write() const {
        if (auto made = make_directories(home_->tasks); !made) return made;
        for (const auto& task : result_.tasks) {
            if (!task.is_new) continue;
            const std::string path = home_->tasks + '/' + task.name + ".xml";
            if (auto written = write_new_file(path, task.content); !written) return written;
        }
        return result_.crontab.empty() ? Result<void>() : append(crontab_, result_.crontab);
    }

    [[nodiscard]] int graver_of_problems() const {
        const auto is_error = [](const Problem& each) { return each.severity == Severity::Error; };
        const auto& all = result_.problems;
        return std::any_of(all.begin(), all.end(), is_error) ? kBroken : kFine;
    }

    [[nodiscard]] std::string document() const {
        JsonWriter json;
        json.object().key("home").text_or_null(home_ ? home_->directory : "");
        json.key("dry_run").boolean(dry_run_ || !home_);
        json.key("crontab").object().key("file").text_or_null(crontab_);
        json.key("text").text(result_.crontab).end();
        json.key("entries").array();
        for (const auto& entry : result_.entries) {
            json.object().key("file").text(entry.file).key("line").integer(entry.line);
            json.key("when").text(entry.when).key("zone").text(entry.zone);
            json.key("task").text(entry.task).key("new").boolean(entry.is_new).end();
        }
        json.end().key("tasks").array();
        for (const auto& task : result_.tasks) {
            json.object().key("name").text(task.name);
            json.key("file").text_or_null(home_ ? home_->tasks + '/' + task.name + ".xml" : "");
            json.key("text").text(task.content).key("new").boolean(task.is_new).end();
        }
        json.end().key("problems");
        write_problems(json, result_.problems);
        return json.end().document();
    }

    [[nodiscard]] std::string text(const Session& session) const {
        if (!home_ || dry_run_) return files_text();
        if (session.quiet()) return {};
        std::string text;
        std::size_t added = 0;
        for (const auto& entry : result_.entries) {
            added += entry.is_new ? 1U : 0U;
            text += (entry.is_new ? "  added    " : "  is there ") + entry.when + "  " +
                    entry.task + '\n';
        }
        text.insert(0, "Imported into " + printable(home_->directory) + ":\n");
        if (added == 0) return "Nothing new to import.\n" + text.substr(text.find('\n') + 1);
        return text +
               "\nLook at it with 'periodic next' and 'periodic check'. Cron still runs these "
               "lines too:\ntake them out there before Periodic runs.\n";
    }

    // Everything, one file after the other.
    [[nodiscard]] std::string files_text() const {
        std::string text = "==> " + (crontab_.empty() ? "crontab" : printable(crontab_)) +
                           " <==\n" + result_.crontab;
        for (const auto& task : result_.tasks) {
            if (!task.is_new) continue;
            text += "\n==> " + (home_ ? printable(home_->tasks) : "tasks") + '/' + task.name +
                    ".xml <==\n" + task.content;
        }
        return text;
    }

    std::optional<std::string> file_{};
    bool user_ = false;
    bool system_ = false;
    bool user_column_ = false;
    bool dry_run_ = false;
    std::vector<ImportSource> sources_{};
    std::vector<Problem> ignored_{};
    std::optional<Home> home_{};
    std::string crontab_{};
    std::string last_zone_{};
    Crontab existing_{};
    ImportResult result_{};
};

}  // namespace

const SubcommandType kImportCommand{
    .name = "import",
    .summary = "Turns the system's crontabs into entries and tasks that do the same",
    .details =
        "Reads FILE (- is standard input), the caller's crontab or the system's; writes a task for "
        "each command and adds the lines to the home's crontab. Nothing is overwritten: a task "
        "whose name is taken gets another one, and what was imported before is left as it is. What "
        "can't be carried over is shown with its line. Without a home, 'import FILE' prints what "
        "it would write. The tasks keep cron's own ways (no timeout, no catching up, overlapping "
        "runs); make them stricter as you like.",
    .examples =
        "periodic import --user --dry-run\n"
        "periodic -C ~/jobs import --user\n"
        "periodic import ./crontab.txt",
    .make = &make_subcommand<ImportCommand>};

}  // namespace periodic::cli
