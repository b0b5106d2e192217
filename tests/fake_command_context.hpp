#pragma once

/// @file
/// What a command sees in a test: everything it does is kept for the test to look at.

#include <functional>
#include <mutex>
#include <string>
#include <vector>

#include "fake_clock.hpp"
#include "periodic/command.hpp"

namespace periodic {

/// Runs in one directory, on a clock that stands still but for `sleep_for`, without a user of its
/// own. Programs are noted, not started.
class FakeCommandContext final : public CommandContext {
public:
    struct Line {
        LogLevel level = LogLevel::Info;
        std::string text{};
    };

    FakeCommandContext(std::string home, std::string directory)
        : home_(std::move(home)), directory_(std::move(directory)) {
        job_.id = 1;
        job_.task = "test";
    }

    [[nodiscard]] const Job& job() const noexcept override { return job_; }
    [[nodiscard]] const std::string& home() const noexcept override { return home_; }
    [[nodiscard]] const std::string& directory() const noexcept override { return directory_; }
    [[nodiscard]] const Values& parameters() const noexcept override { return parameters_; }
    void set_parameter(std::string name, Value value) override {
        parameters_.insert_or_assign(std::move(name), std::move(value));
    }
    [[nodiscard]] const Values& attributes() const noexcept override { return attributes_; }
    void set_attribute(std::string name, Value value) override {
        attributes_.insert_or_assign(std::move(name), std::move(value));
    }
    void set_next_phase(std::string phase) override { next_phase = std::move(phase); }
    void set_message(std::string text) override { message = std::move(text); }
    void set_result_code(std::string code) override { result_code = std::move(code); }
    void set_comment(std::string text) override { job_.comment = std::move(text); }
    void set_progress(int percent) override { job_.progress = percent; }
    void set_interval(std::chrono::seconds interval) override {
        job_.interval_seconds = interval.count();
    }
    void set_reschedule_after(std::chrono::seconds delay) override { reschedule_after = delay; }
    void delete_job() override { deleted = true; }
    void respond(std::string_view bytes) override { response += bytes; }

    void log(LogLevel level, std::string_view text, LogStream /*stream*/) override {
        const std::lock_guard lock(mutex_);
        lines.push_back({level, std::string(text)});
        if (on_log) on_log(lines.back());
    }

    [[nodiscard]] std::optional<Time> deadline() const noexcept override { return std::nullopt; }
    [[nodiscard]] std::stop_token stop_token() const noexcept override { return stop.get_token(); }
    [[nodiscard]] const Clock& clock() const noexcept override { return clock_; }
    bool sleep_for(std::chrono::seconds duration) override {
        slept += duration;
        return !stop.stop_requested();
    }
    Outcome run_program(const Program& program) override {
        programs.push_back(program);
        return Outcome::Success;
    }
    void as_user(const std::function<void()>& work) override {
        ++changes_of_user;
        work();
    }
    Result<JobId> enqueue(std::string_view task, Values parameters,
                          const EnqueueOptions& options) override {
        queued.emplace_back(task);
        queued_parameters.push_back(std::move(parameters));
        queued_options = options;
        if (refusal) return Failure(*refusal);
        return JobId{2};
    }
    Result<std::optional<Job>> wait_for(JobId id) override {
        waited_for.push_back(id);
        return child;
    }

    /// The job's phase from now on.
    void set_phase(std::string phase) { job_.phase = std::move(phase); }

    /// The texts that were logged at a level.
    [[nodiscard]] std::vector<std::string> logged(LogLevel level) const {
        std::vector<std::string> texts;
        for (const Line& line : lines) {
            if (line.level == level) texts.push_back(line.text);
        }
        return texts;
    }

    std::vector<Line> lines{};
    std::function<void(const Line&)> on_log{};
    std::vector<Program> programs{};
    std::vector<std::string> queued{};
    std::vector<Values> queued_parameters{};
    EnqueueOptions queued_options{};
    std::optional<Error> refusal{};  ///< of a job to queue
    std::vector<JobId> waited_for{};
    std::optional<Job> child{};  ///< what a wait answers
    std::string message{}, result_code{}, next_phase{}, response{};
    std::optional<std::chrono::seconds> reschedule_after{};
    std::chrono::seconds slept{0};
    bool deleted = false;
    int changes_of_user = 0;
    std::stop_source stop{};

private:
    Job job_;
    std::string home_, directory_;
    Values parameters_, attributes_;
    FakeClock clock_;
    std::mutex mutex_;
};

}  // namespace periodic
