#include "cli/open_executor.hpp"

#include <cstdlib>
#include <memory>
#include <string>
#include <utility>

#include "base/process_family.hpp"
#include "cli/exit_codes.hpp"
#include "cli/find_home.hpp"
#include "cli/first_wait_clock.hpp"
#include "cli/terminal.hpp"
#include "periodic/notifier.hpp"
#include "periodic/process_launcher.hpp"

namespace periodic::cli {
namespace {

// Only the process's end ends a command that looks at no stop token.
[[noreturn]] void end_process(Session& session, const ExecutorUse& use, const RunReport& report) {
    for (const Job& job : report.unended) {
        session.complain("periodic: job " + std::to_string(job.id) + " (" + printable(job.task) +
                         ") does not end: it is left running, and the next start settles it\n");
    }
    int code = use.last_words ? use.last_words(report) : kFailed;
    if (!report.broken_by.empty())
        code =
            graver(code, session.report(Error{.code = ErrorCode::Io, .message = report.broken_by}));
    std::_Exit(session.finish(code));
}

}  // namespace

Result<ExecutorOptions> executor_options(Session& session, const ExecutorUse& use) {
    auto directory = session.directory();
    if (!directory) return Failure(directory.error());
    auto configuration =
        use.what_is_sound ? session.configuration_of_jobs() : session.configuration();
    if (!configuration) return Failure(configuration.error());
    if (auto home = check_is_home(*directory, *configuration); !home) return Failure(home.error());
    configuration->log.standard_error =
        use.log_to_people || session.options().log_level.has_value();
    configuration->log.standard_error_level = configuration->log.level;
    ExecutorOptions options;
    options.home = std::move(*directory);
    options.commands = session.commands();
    options.configuration = std::move(*configuration);
    options.concurrency = use.concurrency;
    options.kind = "run";
    options.hurry = use.hurry;
    if (use.first_wait) options.clock = std::make_shared<FirstWaitClock>(use.first_wait);
    options.exit = [&session, use](const RunReport& report) { end_process(session, use, report); };
    options.observer = make_notifications();
    // What a task's programs leave behind becomes a child of this process, so that it can be ended.
    become_subreaper();
    options.launcher = make_process_launcher({.adopts_strays = true});
    return options;
}

Result<Executor> open_executor(Session& session, const ExecutorUse& use) {
    auto options = executor_options(session, use);
    if (!options) return Failure(options.error());
    return Executor::create(std::move(*options));
}

Result<std::unique_ptr<ExecutorCore>> open_jobs(Session& session, const ExecutorUse& use) {
    auto options = executor_options(session, use);
    if (!options) return Failure(options.error());
    return ExecutorCore::open(std::move(*options), ExecutorCore::Use::Jobs);
}

}  // namespace periodic::cli
