#include "run/job_context.hpp"

#include <algorithm>
#include <condition_variable>
#include <mutex>
#include <utility>

#include "base/file_identity.hpp"
#include "base/files.hpp"
#include "periodic/jobs.hpp"

namespace periodic {

JobContext::JobContext(Workplace& place, ProgramRunner& programs, const RunningAttempt& attempt,
                       std::optional<ProcessUser> user)
    : place_(place),
      claimed_(attempt.job),
      changed_(attempt.job),
      task_(**attempt.task),
      control_(*attempt.control),
      live_(*attempt.live),
      user_(std::move(user)),
      programs_(programs),
      directory_(path_below(place.home().directory, task_.directory)) {
    if (task_.directory.empty()) directory_ = place.home().directory;
    changed_.task_digest = task_.digest;
    changed_.exit_code.reset();
    changed_.message.clear();
    changed_.result_code.clear();
    changed_.progress = 0;
}

void JobContext::set_parameter(std::string name, Value value) {
    changed_.parameters.insert_or_assign(std::move(name), std::move(value));
}

void JobContext::set_attribute(std::string name, Value value) {
    changed_.attributes.insert_or_assign(std::move(name), std::move(value));
    live_.change([this](LiveUpdate& update) { update.attributes = changed_.attributes; });
}

void JobContext::set_message(std::string message) {
    changed_.message = std::move(message);
    said_ = changed_.message;
    live_.change([this](LiveUpdate& update) { update.message = changed_.message; });
}

void JobContext::set_result_code(std::string code) {
    changed_.result_code = std::move(code);
    live_.change([this](LiveUpdate& update) { update.result_code = changed_.result_code; });
}

void JobContext::set_comment(std::string comment) {
    changed_.comment = std::move(comment);
    live_.change([this](LiveUpdate& update) { update.comment = changed_.comment; });
}

void JobContext::set_progress(int percent) {
    changed_.progress = std::clamp(percent, 0, 100);
    live_.change([this](LiveUpdate& update) { update.progress = changed_.progress; });
}

void JobContext::set_interval(std::chrono::seconds interval) {
    changed_.interval_seconds = std::max<std::int64_t>(interval.count(), 0);
}

void JobContext::respond(std::string_view bytes) {
    live_.respond(place_.clock().now(), bytes);
}

void JobContext::log(LogLevel level, std::string_view text, LogStream stream) {
    if (level == LogLevel::Error) {
        const std::lock_guard guard(error_mutex_);
        last_error_ = text;
    }
    live_.log(place_.clock().now(), level, text, stream);
}

bool JobContext::has_logged(std::string_view error) const {
    const std::lock_guard guard(error_mutex_);
    return last_error_ == error;
}

bool JobContext::sleep_for(std::chrono::seconds duration) {
    std::mutex mutex;
    std::condition_variable_any nobody_notifies;
    std::unique_lock lock(mutex);
    const std::stop_token stop = control_.token();
    nobody_notifies.wait_for(lock, stop, duration, [] { return false; });
    return !stop.stop_requested();
}

Outcome JobContext::run_program(const Program& program) {
    ProgramSettings settings;
    settings.files = place_.home().state;
    settings.user = user_;
    settings.nice = task_.nice;
    settings.environment = task_.environment;
    settings.kill_after = task_.kill_after;
    settings.zone = place_.zone();
    settings.asked = [this] { return control_.asked(); };
    settings.started = [this](std::int64_t pid) {
        changed_.pid = pid;
        live_.change([pid](LiveUpdate& update) { update.pid = pid; });
    };
    settings.unended = [this] { report_unended(); };
    const ProgramResult result = programs_.run(program, settings, *this);
    // The executor may be busy: who notices the deadline first asks.
    if (result.reason == Reason::Timeout) control_.ask(Reason::Timeout, "deadline");
    take_result(result);
    return result.outcome;
}

void JobContext::take_result(const ProgramResult& result) {
    if (!keeps_exit_code_) changed_.exit_code = result.exit_code;
    failure_text_ = result.error;
    failed_by_exit_ = result.reason == Reason::Exit;
    if (!result.error.empty()) log(LogLevel::Error, result.error, LogStream::Task);
}

void JobContext::report_unended() {
    const std::string text =
        "something that its program started can't be ended: its group stays taken until it is gone";
    const Time now = place_.clock().now();
    live_.log(now, LogLevel::Error, text);
    place_.logger().log({.level = LogLevel::Error,
                         .text = text,
                         .task = claimed_.task,
                         .command = command_,
                         .job = claimed_.id});
    place_.add_event(claimed_.id,
                     {.time = now, .event = "blocked", .by = "attempt", .detail = text});
}

void JobContext::as_user(const std::function<void()>& work) {
    if (user_) {
        run_as(*user_, work);
    } else {
        work();
    }
}

void JobContext::begin_command(std::string_view type) {
    command_ = type;
    failure_text_.clear();
    said_.clear();
    {
        const std::lock_guard guard(error_mutex_);
        last_error_.clear();
    }
    failed_by_exit_ = false;
}

void JobContext::complete(AttemptEnd& end) {
    end.job = std::move(changed_);
    end.next_phase = std::move(next_phase_);
    end.reschedule_after = reschedule_after_;
    end.delete_job = delete_job_;
}

Result<JobId> JobContext::enqueue(std::string_view task, Values parameters,
                                  const EnqueueOptions& wanted) {
    JobOptions options;
    options.group = wanted.group;
    options.key = wanted.key;
    options.priority = wanted.priority;
    options.comment = wanted.comment;
    options.parent = claimed_.id;
    options.by = "job " + std::to_string(claimed_.id);
    return place_.enqueue(task, std::move(parameters), options);
}

Result<std::optional<Job>> JobContext::wait_for(JobId id) {
    return place_.wait_for(claimed_, id, control_.token());
}

}  // namespace periodic
