#include "cli/open_executor.hpp"

#include <utility>

#include "base/process_family.hpp"
#include "periodic/notifier.hpp"
#include "periodic/process_launcher.hpp"

namespace periodic::cli {

Result<ExecutorOptions> executor_options(Session& session, const ExecutorUse& use) {
    auto directory = session.directory();
    if (!directory) return Failure(directory.error());
    auto configuration =
        use.what_is_sound ? session.configuration_of_jobs() : session.configuration();
    if (!configuration) return Failure(configuration.error());
    configuration->log.standard_error =
        use.log_to_people || session.options().log_level.has_value();
    configuration->log.standard_error_level = configuration->log.level;
    ExecutorOptions options;
    options.home = std::move(*directory);
    options.commands = session.commands();
    options.configuration = std::move(*configuration);
    options.concurrency = use.concurrency;
    options.kind = "run";
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
