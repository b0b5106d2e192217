#include "cli/daemon_console.hpp"

#include <array>
#include <cerrno>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

#include <fcntl.h>
#include <poll.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/descriptor.hpp"
#include "base/this_machine.hpp"
#include "cli/exit_codes.hpp"
#include "cli/history.hpp"
#include "cli/json_writer.hpp"
#include "periodic/crontab.hpp"
#include "run/control.hpp"
#include "run/lock.hpp"
#include "run/loop_listener.hpp"

namespace periodic::cli {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr milliseconds kPatienceWithAnswer{10'000};
constexpr milliseconds kPatienceWithSocket{5'000};
constexpr milliseconds kBetweenTries{20};

[[noreturn]] void fail(const char* what) {
    throw std::system_error(errno, std::generic_category(), what);
}

// The command line of the daemon: this one's global options, and the descriptor where it says that
// it is ready.
std::vector<std::string> daemon_words(const Session& session, const std::string& home,
                                      std::optional<std::chrono::seconds> stop_within, int ready) {
    std::vector<std::string> words{"periodic", "-C", home};
    const GlobalOptions& options = session.options();
    const auto add = [&words](const char* name, const std::optional<std::string>& value) {
        if (value) words.insert(words.end(), {name, *value});
    };
    add("--config", options.config);
    add("--log-level", options.log_level);
    add("--log-format", options.log_format);
    words.insert(words.end(), {"daemon", "--detached", std::to_string(ready)});
    if (stop_within)
        words.insert(words.end(), {"--stop-within", std::to_string(stop_within->count())});
    return words;
}

// A process group and session of its own, so that no terminal's signals reach it.
pid_t spawn_detached(const std::vector<std::string>& words) {
    std::vector<char*> arguments;
    for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
    arguments.push_back(nullptr);
    const pid_t child = ::fork();
    if (child < 0) fail("cannot start the daemon");
    if (child == 0) {
        ::setsid();
        ::execv("/proc/self/exe", arguments.data());
        ::_exit(127);
    }
    return child;
}

// Until it is ready (true), or has ended without having been so.
bool wait_until_ready(int pipe) {
    std::array<char, 16> said{};
    ssize_t size = 0;
    do {
        size = ::read(pipe, said.data(), said.size());
    } while (size < 0 && errno == EINTR);
    return size > 0;
}

int exit_code_of_child(pid_t child) {
    int status = 0;
    while (::waitpid(child, &status, 0) < 0) {
        if (errno != EINTR) fail("cannot wait for the daemon");
    }
    return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

// Whether a process is gone, after at most `patience`.
bool is_gone(std::int64_t pid, milliseconds patience) {
    const Descriptor handle(
        static_cast<int>(::syscall(SYS_pidfd_open, static_cast<pid_t>(pid), 0)));
    if (!handle) return errno == ESRCH;
    pollfd waited{.fd = handle.get(), .events = POLLIN, .revents = 0};
    return ::poll(&waited, 1, static_cast<int>(patience.count())) > 0;
}

// As the lock says, which its owner may have left behind.
std::optional<std::int64_t> living_daemon(const Home& home) {
    const auto owner = Lock::read_owner(home.in_state("lock"));
    const bool lives =
        owner && owner->kind == "daemon" && owner->host == this_host() && is_alive(owner->process);
    return lives ? std::optional(owner->process.pid) : std::nullopt;
}

// What a daemon that has ended could not end, as it put on record: it may have had no standard
// error to say so.
void tell_what_it_left(Session& session, const Home& home, std::int64_t pid) {
    try {
        const auto store = open_history(home);
        if (!store) {
            session.report(store.error());
            return;
        }
        auto daemon = (*store)->last_generation();
        while (daemon && daemon->process.pid != pid)
            daemon = (*store)->find_generation(daemon->id - 1);
        const auto left = daemon ? daemon->end_reason.find(kLeftRunning) : std::string::npos;
        if (left == std::string::npos) return;
        session.complain("periodic: the daemon could not end everything: " +
                         printable(daemon->end_reason.substr(left + 2)) +
                         "; the next start settles it\n");
    } catch (const StorageError& error) {
        session.complain(std::string("periodic: whether it left something is not known: ") +
                         error.what() + '\n');
    }
}

}  // namespace

std::optional<json::Object> ask_status(const Home& home) {
    // One that lives and can't be reached is making its socket anew.
    const auto limit = steady_clock::now() + kPatienceWithSocket;
    auto answer = ask_holder(home.state, "status", kPatienceWithAnswer);
    while (!answer && living_daemon(home) && steady_clock::now() < limit) {
        std::this_thread::sleep_for(kBetweenTries);
        answer = ask_holder(home.state, "status", kPatienceWithAnswer);
    }
    if (!answer) return std::nullopt;
    auto parsed = json::parse(*answer);
    if (!parsed || !parsed->is_object()) return std::nullopt;
    return std::move(parsed->as_object());
}

Result<void> check_not_silent(const Home& home) {
    const auto pid = living_daemon(home);
    if (!pid) return {};
    return failure(ErrorCode::Locked,
                   "the daemon (pid " + std::to_string(*pid) +
                       ") does not answer: it was stopped by a signal, hangs, or is about to end",
                   "'periodic unlock' ends it, and what it runs is settled by the next start");
}

std::optional<std::int64_t> daemon_pid(const Home& home) {
    const auto status = ask_status(home);
    if (!status) return std::nullopt;
    const auto* pid = status->if_contains("pid");
    return pid != nullptr && pid->is_int64() ? std::optional(pid->as_int64()) : std::nullopt;
}

std::string runs_already(std::int64_t pid) {
    return "It runs already, pid " + std::to_string(pid) + ".\n";
}

void tell_start(Session& session, bool started, std::optional<std::int64_t> pid,
                std::string_view sentence) {
    if (session.json()) {
        JsonWriter json;
        json.object().key("started").boolean(started).key("pid");
        pid ? json.integer(*pid) : json.null();
        session.print(json.end().document());
    } else if (!session.quiet()) {
        session.print(sentence);
    }
}

Result<int> start_in_background(Session& session, std::optional<std::chrono::seconds> stop_within) {
    const auto home = session.home();
    if (!home) return Failure(home.error());
    const auto zone = session.zone();
    if (!zone) return Failure(zone.error());
    std::array<int, 2> ends{};
    if (::pipe2(ends.data(), O_CLOEXEC) != 0) fail("pipe");
    const Descriptor reading(ends[0]);
    Descriptor writing(ends[1]);
    ::fcntl(writing.get(), F_SETFD, 0);
    const pid_t child =
        spawn_detached(daemon_words(session, home->directory, stop_within, writing.get()));
    writing.reset();
    // The daemon says what is wrong with the crontab in its log alone, and runs its sound lines.
    const Crontab crontab = Crontab::read(home->crontabs, *zone);
    if (!wait_until_ready(reading.get())) {
        const int code = exit_code_of_child(child);
        const auto other = code == kLocked ? daemon_pid(*home) : std::nullopt;
        tell_start(session, false, other, other ? runs_already(*other) : std::string());
        return other ? kFine : code;
    }
    tell_start(session, true, child, "Started, pid " + std::to_string(child) + ".\n");
    (void)session.report_errors(crontab.problems());
    return 0;
}

void declare_stop_within(Arguments& arguments, std::optional<std::chrono::seconds>& stop_within) {
    arguments.duration("--stop-within", stop_within,
                       "how long running jobs may go on after a stop (default 30s)");
}

Result<bool> stop_daemon(Session& session, const Home& home,
                         std::optional<std::chrono::seconds> patience) {
    const auto pid = daemon_pid(home);
    if (!pid || !ask_holder(home.state, "stop", kPatienceWithAnswer)) {
        if (auto silent = check_not_silent(home); !silent) return Failure(silent.error());
        return false;
    }
    const auto limit = steady_clock::now() + patience.value_or(std::chrono::hours(24));
    std::size_t said = 0;
    while (!is_gone(*pid, milliseconds(200))) {
        if (steady_clock::now() >= limit) {
            return failure(ErrorCode::Locked,
                           "the daemon (pid " + std::to_string(*pid) + ") has not ended yet",
                           "another 'periodic stop' ends its jobs at once");
        }
        const auto status = session.err().interactive ? ask_status(home) : std::nullopt;
        const auto* running = status ? status->if_contains("running") : nullptr;
        const std::size_t count =
            running != nullptr && running->is_array() ? running->as_array().size() : 0;
        if (count == 0 || count == said) continue;
        said = count;
        session.complain("waits for " + std::to_string(count) +
                         (count == 1 ? " job\n" : " jobs\n"));
    }
    tell_what_it_left(session, home, *pid);
    return true;
}

}  // namespace periodic::cli
