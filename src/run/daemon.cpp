#include "run/daemon.hpp"

#include <algorithm>
#include <condition_variable>
#include <filesystem>
#include <set>
#include <thread>
#include <utility>

#include "base/first_problems.hpp"
#include "base/json.hpp"
#include "run/acquire.hpp"
#include "run/control.hpp"
#include "run/observation.hpp"
#include "run/run_loop.hpp"

namespace periodic {
namespace {

using std::chrono::milliseconds;

// So long before its instant a job is on record, so that it starts on it.
constexpr std::chrono::seconds kPlanAhead{1};
constexpr milliseconds kPatienceWithAnswer{1000};
constexpr milliseconds kLookForLock{50};
constexpr std::size_t kMostLogged = 20;  // mistakes at once
// How long nothing more is removed from the state directory before it is looked after.
constexpr milliseconds kQuietState{10};

// Sleeps; false if a stop was requested.
bool pause(milliseconds time, const std::stop_token& stop) {
    std::mutex mutex;
    std::condition_variable_any nobody_notifies;
    std::unique_lock lock(mutex);
    nobody_notifies.wait_for(lock, stop, time, [] { return false; });
    return !stop.stop_requested();
}

std::string one_line(std::string text) {
    std::replace(text.begin(), text.end(), '\n', ' ');
    return text;
}

std::string wants_restart(const std::vector<std::string>& elements) {
    std::string text;
    for (const std::string& element : elements) text += (text.empty() ? "" : ", ") + element;
    return text + (elements.size() == 1 ? " stays as it was" : " stay as they were") +
           " until 'periodic restart'";
}

json::Value epoch(std::optional<Time> time) {
    return time ? json::Value(time->time_since_epoch().count()) : json::Value();
}

json::Object pool_of(const PoolStatus& pool) {
    return {
        {"topic", pool.topic},       {"workers", pool.workers},         {"slots", pool.slots},
        {"busy", pool.busy},         {"waiting", pool.waiting},         {"done", pool.done},
        {"failed", pool.failed},     {"rescheduled", pool.rescheduled}, {"aborted", pool.aborted},
        {"recycled", pool.recycled}, {"problem", pool.problem}};
}

json::Object process_of(const ProcessStatus& process) {
    json::Array busy_with(process.busy_with.begin(), process.busy_with.end());
    const bool has_worked = process.last != Time{};
    return {{"pid", process.pid},
            {"topic", process.topic},
            {"kind", process.kind},
            {"since", epoch(process.since)},
            {"last", epoch(has_worked ? std::optional(process.last) : std::nullopt)},
            {"jobs", process.jobs},
            {"busy_with", std::move(busy_with)}};
}

template <class Item>
json::Array listed(const std::vector<Item>& items, json::Object (*written)(const Item&)) {
    json::Array list;
    for (const Item& item : items) list.push_back(written(item));
    return list;
}

}  // namespace

Daemon::Daemon(ExecutorCore& core, DaemonOptions options)
    : core_(core), options_(std::move(options)), notice_(ServiceNotice::from_environment()) {
    core_.tasks().keep_last_sound([this](const Error& broken) {
        core_.logger().error(one_line(to_string(broken)) + " (goes on with the task as it was)");
    });
}

Daemon::~Daemon() = default;

Result<RunReport> Daemon::run() {
    const std::stop_callback on_stop(options_.stop, [this] { stop_.request_stop(); });
    const std::stop_callback on_hurry(options_.hurry, [this] { hurry_.request_stop(); });
    auto home = take_home();
    if (!home) return Failure(home.error());
    if (!*home) return RunReport{};
    log_mistakes(core_.crontab().keep(), "the crontab has mistakes");

    RunRequest request{.forever = true};
    request.options.stop = stop_.get_token();
    request.hurry = hurry_.get_token();
    request.ahead = kPlanAhead;
    request.stop_within = options_.stop_within;
    request.listener = this;
    request.host = options_.host;
    const Observation observation(core_);  // ends after the lock is given back
    RunLoop loop(core_, std::move(request), std::move(*(*home)->lock), (*home)->owner);
    watch_files();
    const std::string name = "daemon pid " + std::to_string((*home)->owner.process.pid);
    const std::size_t entries = core_.crontab().current()->entries().size();
    core_.logger().info(name + " begins, generation " + std::to_string((*home)->owner.generation) +
                        ", with " + std::to_string(entries) +
                        (entries == 1 ? " entry" : " entries"));
    tell_of_death((*home)->owner.generation);
    RunReport report = loop.run();
    core_.logger().info(name + " ends: " + end_reason());
    notice_.tell("STOPPING=1");
    return report;
}

void Daemon::tell_of_death(std::int64_t own_generation) {
    const auto before = core_.store().find_generation(own_generation - 1);
    if (!before || before->ended) return;
    core_.logger().warning("the " + before->kind + " before it, pid " +
                           std::to_string(before->process.pid) +
                           ", died: what it ran is settled as lost");
}

// The home, or nothing if a stop was requested while another one had it.
Result<std::optional<Acquisition>> Daemon::take_home() {
    bool told = false;
    while (true) {
        Acquisition acquired = acquire_home(core_);
        if (acquired.lock) return std::optional(std::move(acquired));
        const bool is_run = acquired.owner.kind == "run";
        const bool gives_way =
            ask_holder(core_.home().state, "yield", kPatienceWithAnswer).has_value();
        if (!is_run && !gives_way && acquired.owner.generation != 0) {
            return failure(ErrorCode::Locked,
                           "another executor has the home: " + describe(acquired.owner),
                           "'periodic status' shows it, 'periodic stop' ends it");
        }
        if (!std::exchange(told, true) && options_.waits) options_.waits(describe(acquired.owner));
        if (!pause(kLookForLock, stop_.get_token())) return std::optional<Acquisition>();
    }
}

void Daemon::on_ready() {
    notice_.tell_ready();
    if (options_.ready) options_.ready();
    if (notice_.watchdog())
        watchdog_ = std::jthread([this](const std::stop_token& over) { feed_watchdog(over); });
}

std::string Daemon::end_reason() const {
    return requested_ ? std::string(kStoppedByRequest) : "stopped by a signal";
}

void Daemon::on_problems(const std::vector<Problem>& problems) {
    std::vector<Problem> fresh;
    {
        const std::lock_guard guard(mutex_);
        for (const Problem& problem : problems) {
            if (std::find(known_.begin(), known_.end(), problem) == known_.end())
                fresh.push_back(problem);
        }
        known_ = problems;
    }
    log_mistakes(fresh, {});
}

LoopListener::Answer Daemon::on_request(std::string_view request, const LoopState& state) {
    if (request == "ping") return {.text = "pong"};
    if (request == "status") return {.text = status(state)};
    if (request == "stop") return {.text = stop()};
    if (request == "replace") return {.text = "tried", .replace_workers = true};
    if (request == "replaced") return {.text = "tried", .ask_replacement = true};
    if (request == "reload") return {.text = reload_text("request"), .plan = true};
    return {};
}

std::string Daemon::stop() {
    requested_ = true;
    if (!stop_.request_stop()) {
        hurry_.request_stop();
        return "ends at once";
    }
    return "ends";
}

std::string Daemon::reload_text(std::string_view by) {
    const Reloaded reloaded = reload(by);
    if (!reloaded.mistakes.empty())
        return "kept: " + one_line(to_string(reloaded.mistakes.front().error));
    return reloaded.kept.empty() ? "reloaded" : "reloaded: " + wants_restart(reloaded.kept);
}

Daemon::Reloaded Daemon::reload(std::string_view by) {
    notice_.tell_reloading();
    Reloaded reloaded;
    reconfigure(reloaded);
    const std::vector<Problem> mistakes = core_.crontab().keep();
    notice_.tell_ready();
    if (mistakes.empty()) {
        core_.logger().info("read crontab and configuration anew (" + std::string(by) + ")");
    } else {
        log_mistakes(mistakes, "the crontab stays as it was, as it has mistakes now");
    }
    reloaded.mistakes.insert(reloaded.mistakes.end(), mistakes.begin(), mistakes.end());
    return reloaded;
}

// The loop's next turn makes it known to workers and notifiers.
void Daemon::reconfigure(Reloaded& reloaded) {
    if (!options_.configuration) return;
    ConfigurationReading reading = options_.configuration();
    std::erase_if(reading.problems,
                  [](const Problem& problem) { return problem.severity != Severity::Error; });
    if (reading.problems.empty()) {
        auto kept = core_.reconfigure(std::move(reading.configuration));
        if (kept) {
            reloaded.kept = std::move(*kept);
            if (!reloaded.kept.empty()) core_.logger().warning(wants_restart(reloaded.kept));
            return;
        }
        reading.problems.push_back({.severity = Severity::Error, .error = kept.error()});
    }
    log_mistakes(reading.problems, "the configuration stays as it was, as it has mistakes now");
    reloaded.mistakes = std::move(reading.problems);
}

// Tasks are read when they are due; crontab and configuration are not, so that their files are
// watched.
void Daemon::watch_files() {
    std::set<std::string> directories;
    std::error_code ignored;
    for (const std::string& crontab : core_.home().crontabs) {
        directories.insert(std::filesystem::is_directory(crontab, ignored)
                               ? crontab
                               : std::filesystem::path(crontab).parent_path().string());
    }
    std::string file = options_.configuration_file;
    if (!file.empty()) {
        file = std::filesystem::absolute(file, ignored).string();
        directories.insert(std::filesystem::path(file).parent_path().string());
    }
    const auto is_read = [this, file](const std::string& directory, const std::string& name) {
        const std::string path = directory + '/' + name;
        const auto& crontabs = core_.home().crontabs;
        return path == file ||
               std::any_of(crontabs.begin(), crontabs.end(), [&](const std::string& crontab) {
                   return crontab == directory || crontab == path;
               });
    };
    const auto reload_and_plan = [this] {
        reload("its files changed");
        core_.tell("wake");
    };
    const auto is_looked_after = [this](const std::string& directory, const std::string& name) {
        return directory == core_.home().state && (name == "control" || name == "lock");
    };
    try {
        watch_ = std::make_unique<DirectoryWatch>(
            std::vector<std::string>(directories.begin(), directories.end()), is_read,
            reload_and_plan);
        // Nobody else wakes a loop that has nothing to do when its socket is gone.
        state_watch_ = std::make_unique<DirectoryWatch>(
            std::vector<std::string>{core_.home().state}, is_looked_after,
            [this] { core_.tell("look"); }, kQuietState);
    } catch (const std::system_error& error) {
        core_.logger().warning(std::string("changed files are not noticed, reload by hand: ") +
                               error.what());
    }
}

// Only a loop that comes round is alive.
void Daemon::feed_watchdog(const std::stop_token& over) {
    const milliseconds period = *notice_.watchdog();
    while (pause(period, over)) {
        if (ask_holder(core_.home().state, "ping", period)) notice_.tell("WATCHDOG=1");
    }
}

void Daemon::log_mistakes(const std::vector<Problem>& problems, std::string_view what) {
    if (!problems.empty() && !what.empty()) core_.logger().error(what);
    for (const Problem& problem : first_problems(problems, kMostLogged)) {
        if (problem.severity == Severity::Error)
            core_.logger().error(one_line(to_string(problem.error)));
    }
}

std::string Daemon::status(const LoopState& state) const {
    const Time now = core_.clock().now();
    QueueCounts counts;
    std::string trouble = state.trouble;
    try {
        counts = core_.store().counts(now);
    } catch (const StorageError& error) {
        trouble = error.what();
    }
    json::Array running;
    for (const LoopState::Running& one : state.running) {
        running.push_back(json::Object{{"id", one.id},
                                       {"task", one.task},
                                       {"topic", one.topic},
                                       {"since", one.since.time_since_epoch().count()}});
    }
    return json::to_text(json::Object{
        {"pid", state.owner.process.pid},
        {"since", state.owner.since.time_since_epoch().count()},
        {"generation", state.owner.generation},
        {"entries", core_.crontab().current()->entries().size()},
        {"next", epoch(state.next_due)},
        {"stopping", state.stopping},
        {"trouble", std::move(trouble)},
        {"ready", counts.ready},
        {"waiting", counts.waiting},
        {"pools", listed(state.workers.pools, &pool_of)},
        {"processes", listed(state.workers.processes, &process_of)},
        {"running", std::move(running)},
    });
}

}  // namespace periodic
