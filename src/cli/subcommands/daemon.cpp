/// daemon: plans and runs on time, in the foreground, until it is stopped.

#include "run/daemon.hpp"

#include <csignal>
#include <functional>
#include <memory>
#include <optional>
#include <stdexcept>
#include <stop_token>
#include <string>

#include <fcntl.h>
#include <unistd.h>

#include "base/code_pages.hpp"
#include "base/process_family.hpp"
#include "cli/daemon_console.hpp"
#include "cli/exit_codes.hpp"
#include "cli/open_executor.hpp"
#include "cli/signal_watch.hpp"
#include "cli/subcommands/all.hpp"
#include "run/control.hpp"
#include "worker/worker_host.hpp"

namespace periodic::cli {
namespace {

/// What signals want of a daemon: SIGTERM and SIGINT that it stops, and the second time at once;
/// SIGHUP that it reads its files anew.
class DaemonSignals {
public:
    explicit DaemonSignals(std::function<void()> reload)
        : reload_(std::move(reload)),
          watch_({SIGTERM, SIGINT, SIGHUP}, [this](int signal) { on_signal(signal); }) {
        watch_.start();
    }

    [[nodiscard]] std::stop_token stop() const noexcept { return stop_.get_token(); }
    [[nodiscard]] std::stop_token hurry() const noexcept { return hurry_.get_token(); }

private:
    void on_signal(int signal) {
        if (signal == SIGHUP) {
            reload_();
        } else if (!stop_.request_stop()) {
            hurry_.request_stop();
        }
    }

    std::function<void()> reload_;
    std::stop_source stop_;
    std::stop_source hurry_;
    SignalWatch watch_;  // last: its thread uses the rest
};

// The pools of the configuration, of processes of the program that this one is.
MakeHost worker_processes(const Configuration& configuration) {
    return [pools = configuration.pools](const HostParts& parts) -> std::unique_ptr<AttemptHost> {
        auto host = WorkerHost::create(parts, {.pools = pools, .adopts_strays = true});
        if (!host) throw std::runtime_error(to_string(host.error()));
        return std::move(*host);
    };
}

// Lets go of the terminal that it was started on.
void let_go_of_streams() {
    const int nothing = ::open("/dev/null", O_RDWR | O_CLOEXEC);
    if (nothing < 0) return;
    for (const int stream : {STDIN_FILENO, STDOUT_FILENO, STDERR_FILENO}) ::dup2(nothing, stream);
    ::close(nothing);
}

class DaemonCommand final : public Subcommand {
public:
    void declare(Arguments& arguments) override {
        declare_stop_within(arguments, stop_within_);
        arguments.group(Arguments::Group::Hidden);
        arguments.number("--detached", "FD", detached_, {3, 1'000'000},
                         "how `start` hears that it is ready");
    }

    Result<int> execute(Session& session) override {
        const auto home = session.home();
        if (!home) return Failure(home.error());
        hold_child_signals();  // the workers' host hears of what it adopts
        const DaemonSignals signals([state = home->state] { tell_holder(state, "reload"); });
        auto options = executor_options(session, {.log_to_people = !detached_});
        if (!options) return Failure(options.error());
        options->kind = "daemon";
        const auto file = session.configuration_file();
        if (!file) return Failure(file.error());
        auto core = ExecutorCore::open(std::move(*options));
        if (!core) return Failure(core.error());
        Daemon daemon(
            **core, {.stop_within = stop_within_.value_or(std::chrono::seconds(30)),
                     .stop = signals.stop(),
                     .hurry = signals.hurry(),
                     .host = worker_processes(*(*core)->configuration()),
                     .configuration =
                         [file = *file, given = session.options()] {
                             auto reading = read_configuration_file(file);
                             apply(given, reading.configuration);
                             return reading;
                         },
                     .configuration_file = *file,
                     .ready =
                         [this] {
                             let_go_of_code();
                             say_ready();
                         },
                     .waits =
                         [&session](const std::string& holder) {
                             session.complain(
                                 "periodic: waits for the one that has the home: " + holder + '\n');
                         }});
        const auto report = daemon.run();
        if (report) return kFine;
        // Another start was faster, and this one says so.
        const bool is_second = detached_ && report.error().code == ErrorCode::Locked;
        if (is_second && daemon_pid(*home)) return kLocked;
        return Failure(report.error());
    }

private:
    void say_ready() {
        if (!detached_) return;
        const int pipe = static_cast<int>(*detached_);
        (void)!::write(pipe, "ready\n", 6);
        ::close(pipe);
        let_go_of_streams();
    }

    std::optional<std::int64_t> detached_{};
    std::optional<std::chrono::seconds> stop_within_{};
};

}  // namespace

const SubcommandType kDaemonCommand{
    .name = "daemon",
    .summary = "Plans and runs everything on time, in the foreground, until it is stopped",
    .details =
        "Jobs start on their instant, also with seconds in the crontab. The crontab's files are "
        "read anew when they change, task files when they are due; with a mistake in them the old "
        "ones stay, and the log says why. SIGTERM and SIGINT stop it as 'periodic stop' does: "
        "nothing new begins, what runs may go on for --stop-within, then it gets SIGTERM and, "
        "killAfter later, SIGKILL; what is there 10 s after that is left. A second signal goes on "
        "to the next of these at once. SIGHUP is 'periodic reload'. It "
        "logs to standard error. Where a daemon has the home already, it exits 75; for a 'run' "
        "that has it, it waits.",
    .examples = "periodic -C /srv/jobs daemon\nperiodic daemon --log-format json",
    .make = &make_subcommand<DaemonCommand>};

}  // namespace periodic::cli
