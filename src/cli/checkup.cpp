#include "cli/checkup.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdlib>
#include <filesystem>
#include <system_error>
#include <utility>

#include <unistd.h>

#include "base/file_owner.hpp"
#include "base/files.hpp"
#include "cli/command_line.hpp"
#include "cli/session.hpp"
#include "periodic/job_store.hpp"
#include "periodic/process_launcher.hpp"

namespace periodic::cli {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kTaskSuffix = ".xml";
constexpr std::uint64_t kLargestCrontab = 64U << 20U;
constexpr std::uint64_t kLargestConfiguration = 1U << 20U;

// Lines as the crontab counts them: they end in "\n", "\r\n" or "\r".
std::vector<std::string> split_lines(const std::string& text) {
    std::vector<std::string> lines(1);
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '\r' && i + 1 < text.size() && text[i + 1] == '\n') continue;
        if (text[i] == '\r' || text[i] == '\n') {
            lines.emplace_back();
        } else {
            lines.back() += text[i];
        }
    }
    return lines;
}

bool is_zone_line(std::string_view line) {
    const auto at = line.find_first_not_of(" \t");
    return at != std::string_view::npos && line.substr(at).starts_with("CRON_TZ");
}

// What editors and package managers leave behind; hidden files too.
bool is_leftover(std::string_view name) {
    return name.starts_with('.') || name.ends_with('~') || name.ends_with(".bak") ||
           name.find(".dpkg-") != std::string_view::npos;
}

// The column, from 1, of a part of a line; 1 if it is not in there as such.
std::uint32_t column_of(std::string_view line, std::string_view part) {
    const auto at = line.find(part);
    return at == std::string_view::npos ? 1 : static_cast<std::uint32_t>(at + 1);
}

bool is_there(const std::string& path) {
    std::error_code problem;
    return fs::symlink_status(path, problem).type() != fs::file_type::not_found;
}

// What `path` is in or would be made in.
std::string nearest_directory(const std::string& path) {
    fs::path directory = path;
    while (!is_there(directory.string()) && directory.has_relative_path())
        directory = directory.parent_path();
    return directory.string();
}

bool has_errors(const std::vector<Problem>& problems) {
    return std::ranges::any_of(
        problems, [](const Problem& problem) { return problem.severity == Severity::Error; });
}

}  // namespace

void Checkup::add(Error error, Severity severity) {
    result_.problems.push_back({severity, std::move(error)});
}

// One directory that others may write concerns every file below it, and is told once.
void Checkup::add_unsafe(Error error) {
    const bool is_known = std::ranges::any_of(result_.problems, [&](const Problem& problem) {
        return problem.error.code == ErrorCode::Unsafe && problem.error.message == error.message;
    });
    if (!is_known) add(std::move(error));
}

void Checkup::warn(const std::string& file, std::string message, std::string hint) {
    add({.code = ErrorCode::Invalid,
         .message = std::move(message),
         .hint = std::move(hint),
         .file = file},
        Severity::Warning);
}

Checkup::Result Checkup::run(const ConfigurationReading& reading) {
    result_.problems = reading.problems;
    check_aliases(reading.configuration);
    const auto zone = zone_of(reading.configuration);
    if (!zone) add(zone.error());
    const auto home = resolve_home(directory_, reading.configuration);
    if (!home) {
        add(home.error());
        return std::move(result_);
    }
    check_trust(*home, reading.configuration);
    check_secrets(reading.configuration);
    check_state(*home);
    check_store(*home);
    check_tasks(*home);
    check_crontab(*home, zone.value_or(TimeZone::utc()));
    return std::move(result_);
}

// A secret that is not there now may be there when it is needed: whoever checks has another
// environment.
void Checkup::check_secrets(const Configuration& configuration) {
    const auto check = [&](const std::string& file, const std::string& variable) {
        Error error{.code = ErrorCode::Invalid, .file = configuration.file};
        if (!file.empty() && !is_there(path_below(directory_, file))) {
            error.message = "<notify> takes a secret from " + file + ", which does not exist now";
            add(error, Severity::Warning);
        }
        // NOLINTNEXTLINE(concurrency-mt-unsafe): nothing here sets variables
        if (!variable.empty() && std::getenv(variable.c_str()) == nullptr) {
            error.message = "<notify> takes a secret from $" + variable +
                            ", which is not set here; cron or a service has to set it";
            add(error, Severity::Warning);
        }
    };
    for (const auto& rule : configuration.notify) {
        for (const auto& webhook : rule.webhooks) {
            check(webhook.url_file, webhook.url_env);
            check(webhook.token_file, webhook.token_env);
        }
        for (const auto& mail : rule.mails) check(mail.password_file, mail.password_env);
    }
}

void Checkup::check_trust(const Home& home, const Configuration& configuration) {
    std::vector<std::string> paths{home.directory};
    if (!configuration.file.empty()) paths.push_back(configuration.file);
    paths.insert(paths.end(), home.crontabs.begin(), home.crontabs.end());
    for (const auto& path : paths) {
        if (!is_there(path)) continue;
        if (auto safe = check_safe_to_execute(path); !safe) add_unsafe(safe.error());
    }
}

// An alias that is never used, or means nothing, is a mistake of whoever wrote it.
void Checkup::check_aliases(const Configuration& configuration) {
    for (const auto& alias : configuration.aliases) {
        Error error{.message = "the alias '" + alias.name + "' ",
                    .file = configuration.file,
                    .line = alias.line,
                    .column = alias.column};
        const auto line = take_apart(split_words(alias.command));
        if (is_command_word(alias.name)) {
            error.message += "is never used: a command has that name";
            error.hint = "give it another name";
        } else if (!line) {
            error.message += "means nothing: " + line.error().message;
            error.hint = line.error().hint;
        } else if (line->type == nullptr) {
            error.message += "names no command";
        } else {
            continue;
        }
        const auto lines =
            split_lines(read_file(configuration.file, kLargestConfiguration).value_or(""));
        if (alias.line > 0 && alias.line <= lines.size()) error.excerpt = lines[alias.line - 1];
        add(std::move(error));
    }
}

void Checkup::check_state(const Home& home) {
    const std::string directory = nearest_directory(home.state);
    std::error_code problem;
    Error error{.code = ErrorCode::Io, .file = home.state};
    if (!fs::is_directory(directory, problem)) {
        error.message = directory + " is no directory, so that the state can't be kept";
        add(std::move(error));
    } else if (::access(directory.c_str(), R_OK | W_OK | X_OK) != 0) {
        error.message = std::string("the state directory can't be ") +
                        (directory == home.state ? "used: " : "made: ") +
                        refusal_text(directory, errno);
        error.hint = "it must be writable for the user who runs Periodic; <state> names another";
        add(std::move(error));
    }
}

void Checkup::check_store(const Home& home) {
    if (!is_there(home.store)) return;
    try {
        (void)open_sqlite_store(store_options(home))->last_generation();
    } catch (const StorageError& error) {
        add({.code = ErrorCode::Io, .message = error.what()});
    }
}

void Checkup::check_tasks(const Home& home) {
    const auto names = task_names(home.tasks);
    if (!names) {
        add(names.error());
        return;
    }
    for (const auto& name : *names) {
        auto reading = read_task_file(home.tasks, name, commands_);
        auto& found = result_.problems;
        found.insert(found.end(), reading.problems.begin(), reading.problems.end());
        const std::string file = home.tasks + '/' + name + ".xml";
        if (auto safe = check_safe_to_execute(file); !safe) add_unsafe(safe.error());
        if (has_errors(reading.problems)) reading.task.reset();
        tasks_.emplace(name, std::move(reading.task));
    }
    check_strays(home.tasks);
    result_.tasks = names->size();
    for (const auto& [name, task] : tasks_) {
        if (task) check_task(*task);
    }
}

// What stands among the tasks and is none: a slip of the pen in its name makes it invisible.
void Checkup::check_strays(const std::string& tasks) {
    std::vector<std::string> names;
    std::error_code problem;
    for (fs::directory_iterator at(tasks, problem), end; !problem && at != end;
         at.increment(problem)) {
        names.push_back(at->path().filename().string());
    }
    std::ranges::sort(names);
    for (const auto& name : names) {
        if (is_leftover(name)) continue;
        const fs::path path = fs::path(tasks) / name;
        if (fs::is_directory(path, problem)) {
            warn(path.string(), "a directory among the tasks is not read",
                 "a task's file stands in " + tasks + " itself");
        } else if (!name.ends_with(kTaskSuffix)) {
            warn(path.string(), "it is no task: a task's file ends in .xml",
                 "keep what is none elsewhere");
        } else if (!is_task_name(name.substr(0, name.size() - kTaskSuffix.size()))) {
            warn(path.string(), "it is no task: its name can't be that of one",
                 "letters, digits and . _ - are allowed; it begins with a letter or a digit");
        }
    }
}

void Checkup::check_task(const Task& task) {
    for (const auto* follow_ups : {&task.on_success, &task.on_failure}) {
        for (const auto& next : *follow_ups) {
            if (tasks_.contains(next.task)) continue;
            add({.code = ErrorCode::Invalid,
                 .message = "it queues the task '" + next.task + "', which does not exist",
                 .file = task.file});
        }
    }
    if (!task.user.empty()) {
        if (auto user = find_user(task.user); !user) {
            user.error().file = task.file;
            add(user.error());
        } else if (::geteuid() != 0 && user->uid != ::geteuid()) {
            add({.code = ErrorCode::Invalid,
                 .message = "it runs as " + task.user + ", which only root can do",
                 .file = task.file});
        }
    }
    std::error_code problem;
    const fs::path directory = fs::path(directory_) / task.directory;
    if (!task.directory.empty() && !fs::is_directory(directory, problem)) {
        add({.code = ErrorCode::Invalid,
             .message = "its directory " + directory.string() + " does not exist now",
             .file = task.file},
            Severity::Warning);
    }
}

void Checkup::check_crontab(const Home& home, const TimeZone& zone) {
    const Crontab crontab = Crontab::read(home.crontabs, zone);
    for (const auto& problem : crontab.problems()) {
        if (problem.error.code == ErrorCode::Unsafe) {
            add_unsafe(problem.error);
        } else {
            result_.problems.push_back(problem);
        }
    }
    result_.entries = crontab.entries().size();
    if (crontab.complete()) {
        for (const auto& entry : crontab.entries()) check_entry(crontab, entry);
    } else {
        check_below_bad_zones(crontab, zone);
    }
}

// Below a zone that is none no entry runs, but their mistakes are to be found all the same: the
// files are read once more without such lines. What that finds in the lines themselves is known.
void Checkup::check_below_bad_zones(const Crontab& crontab, const TimeZone& zone) {
    Crontab sound;
    for (const auto& file : crontab.files()) {
        const auto text = read_file(file, kLargestCrontab);
        if (!text) continue;
        auto lines = split_lines(*text);
        for (const Problem& each : crontab.problems()) {
            const Error& error = each.error;
            if (error.file == file && is_zone_line(error.excerpt)) lines[error.line - 1].clear();
        }
        std::string rest;
        for (const auto& line : lines) rest.append(line).append("\n");
        sound.add(rest, file, zone);
    }
    for (const auto& entry : sound.entries()) check_entry(sound, entry);
}

void Checkup::check_entry(const Crontab& crontab, const CrontabEntry& entry) {
    const auto task = tasks_.find(entry.task());
    if (task == tasks_.end()) {
        std::vector<std::string_view> names;
        for (const auto& [name, ignored] : tasks_) names.push_back(name);
        const auto nearest = nearest_word(entry.task(), names);
        add_at(
            crontab, entry, entry.column(),
            {.message = "there is no task '" + std::string(entry.task()) + "'",
             .hint = nearest.empty() ? "'periodic new " + std::string(entry.task()) + "' makes one"
                                     : "did you mean '" + std::string(nearest) + "'?"});
        return;
    }
    if (!task->second) return;  // its own mistakes are listed
    if (auto checked = task->second->check_parameters(entry.parameters()); !checked) {
        const auto column = entry.arguments().empty()
                                ? entry.column()
                                : column_of(line_of(crontab, entry), entry.arguments());
        add_at(crontab, entry, column, checked.error());
    }
}

void Checkup::add_at(const Crontab& crontab, const CrontabEntry& entry, std::uint32_t column,
                     Error error) {
    error.code = ErrorCode::Invalid;
    error.file = crontab.files()[entry.file()];
    error.line = entry.line();
    error.column = column;
    error.excerpt = line_of(crontab, entry);
    add(std::move(error));
}

std::string Checkup::line_of(const Crontab& crontab, const CrontabEntry& entry) {
    const auto [lines, is_new] = lines_.try_emplace(entry.file());
    if (is_new) {
        lines->second =
            split_lines(read_file(crontab.files()[entry.file()], kLargestCrontab).value_or(""));
    }
    return entry.line() <= lines->second.size() ? lines->second[entry.line() - 1] : std::string();
}

}  // namespace periodic::cli
