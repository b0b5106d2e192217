#pragma once

/// @file
/// What a command sees of its job while it runs.

#include <cstdint>
#include <functional>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>

#include "periodic/command.hpp"
#include "periodic/task.hpp"
#include "run/attempt_control.hpp"
#include "run/live_record.hpp"
#include "run/program_runner.hpp"
#include "run/running_attempt.hpp"
#include "run/settle.hpp"
#include "run/workplace.hpp"

namespace periodic {

/// The context of one attempt. Used by the attempt's thread; `log` and `stop_token` by any.
class JobContext final : public CommandContext {
public:
    /// `user` is the task's, resolved; none: the caller's. What is referred to must outlive this.
    JobContext(Workplace& place, ProgramRunner& programs, const RunningAttempt& attempt,
               std::optional<ProcessUser> user);

    [[nodiscard]] const Job& job() const noexcept override { return claimed_; }
    [[nodiscard]] const std::string& home() const noexcept override {
        return place_.home().directory;
    }
    [[nodiscard]] const std::string& directory() const noexcept override { return directory_; }
    [[nodiscard]] const Values& parameters() const noexcept override { return changed_.parameters; }
    void set_parameter(std::string name, Value value) override;
    [[nodiscard]] const Values& attributes() const noexcept override { return changed_.attributes; }
    void set_attribute(std::string name, Value value) override;
    void set_next_phase(std::string phase) override { next_phase_ = std::move(phase); }
    void set_message(std::string message) override;
    void set_result_code(std::string code) override;
    void set_comment(std::string comment) override;
    void set_progress(int percent) override;
    void set_interval(std::chrono::seconds interval) override;
    void set_reschedule_after(std::chrono::seconds delay) override { reschedule_after_ = delay; }
    void delete_job() override { delete_job_ = true; }
    void respond(std::string_view bytes) override;
    void log(LogLevel level, std::string_view text, LogStream stream = LogStream::Task) override;
    [[nodiscard]] std::optional<Time> deadline() const noexcept override {
        return control_.deadline(place_.clock());
    }
    [[nodiscard]] std::stop_token stop_token() const noexcept override { return control_.token(); }
    [[nodiscard]] const Clock& clock() const noexcept override { return place_.clock(); }
    bool sleep_for(std::chrono::seconds duration) override;
    Outcome run_program(const Program& program) override;
    void as_user(const std::function<void()>& work) override;
    Result<JobId> enqueue(std::string_view task, Values parameters,
                          const EnqueueOptions& wanted) override;
    Result<std::optional<Job>> wait_for(JobId id) override;

    /// A new command begins: what the last one left for `failure_text` is gone.
    void begin_command(std::string_view type);
    /// Why the command failed: what became of its last program, else the message that it left;
    /// empty if there is neither.
    [[nodiscard]] const std::string& failure_text() const noexcept {
        return failure_text_.empty() ? said_ : failure_text_;
    }
    /// Whether this is the last error that the command wrote into its log.
    [[nodiscard]] bool has_logged(std::string_view error) const;
    [[nodiscard]] bool failed_by_exit() const noexcept { return failed_by_exit_; }
    /// How the attempt ends is known: programs that run from here on only clean up, and the job
    /// keeps the exit code that it has.
    void keep_exit_code() noexcept { keeps_exit_code_ = true; }

    /// Puts into the end of the attempt all that commands have changed.
    void complete(AttemptEnd& end);

private:
    void take_result(const ProgramResult& result);
    void report_unended();

    Workplace& place_;
    const Job& claimed_;
    Job changed_;
    const Task& task_;
    AttemptControl& control_;
    LiveRecord& live_;
    std::optional<ProcessUser> user_;
    ProgramRunner& programs_;
    std::string directory_;
    std::string command_;
    std::optional<std::string> next_phase_;
    std::optional<std::chrono::seconds> reschedule_after_;
    bool delete_job_ = false;
    std::string failure_text_;
    std::string said_;  // its message, since this command began
    mutable std::mutex error_mutex_;
    std::string last_error_;  // in its log, since this command began
    bool failed_by_exit_ = false;
    bool keeps_exit_code_ = false;
};

}  // namespace periodic
