#pragma once

/// @file
/// A command's context that writes down what it is told.

#include <filesystem>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "periodic/command.hpp"

namespace periodic {

/// A job without an executor, on the system's clock.
class RecordingContext : public CommandContext {
public:
    struct Line {
        LogLevel level{};
        LogStream stream{};
        std::string text{};
    };

    RecordingContext() {
        job_.id = 12;
        job_.claim = 3;
        job_.task = "mail";
    }

    [[nodiscard]] const Job& job() const noexcept override { return job_; }
    [[nodiscard]] const std::string& home() const noexcept override { return home_; }
    [[nodiscard]] const std::string& directory() const noexcept override { return directory_; }
    [[nodiscard]] const Values& parameters() const noexcept override { return parameters_; }
    void set_parameter(std::string name, Value value) override {
        parameters_[std::move(name)] = std::move(value);
    }
    [[nodiscard]] const Values& attributes() const noexcept override { return attributes_; }
    void set_attribute(std::string name, Value value) override {
        attributes_[std::move(name)] = std::move(value);
    }
    void set_next_phase(std::string phase) override { next_phase = std::move(phase); }
    void set_message(std::string text) override { message = std::move(text); }
    void set_result_code(std::string text) override { code = std::move(text); }
    void set_comment(std::string text) override { comment = std::move(text); }
    void set_progress(int percent) override { progress = percent; }
    void set_interval(std::chrono::seconds duration) override { interval = duration; }
    void set_reschedule_after(std::chrono::seconds) override {}
    void delete_job() override { deleted = true; }
    void respond(std::string_view bytes) override { response += bytes; }
    void log(LogLevel level, std::string_view text, LogStream stream) override {
        const std::lock_guard lock(mutex_);
        bytes_logged += text.size();
        if (lines.size() < kMostLines) lines.push_back({level, stream, std::string(text)});
        if (on_line) on_line(text);
    }
    using CommandContext::log;
    [[nodiscard]] std::optional<Time> deadline() const noexcept override { return deadline_; }
    [[nodiscard]] std::stop_token stop_token() const noexcept override { return stop_.get_token(); }
    [[nodiscard]] const Clock& clock() const noexcept override { return *clock_; }
    bool sleep_for(std::chrono::seconds) override { return true; }
    Outcome run_program(const Program&) override {
        ADD_FAILURE() << "nobody asked for it";
        return Outcome::Fail;
    }
    void as_user(const std::function<void()>& work) override { work(); }
    Result<JobId> enqueue(std::string_view, Values, const EnqueueOptions&) override {
        return failure(ErrorCode::NotFound, "none");
    }
    Result<std::optional<Job>> wait_for(JobId) override { return std::optional<Job>(); }

    /// The lines of a stream, joined.
    [[nodiscard]] std::string text(LogStream stream = LogStream::Stdout) const {
        std::string joined;
        for (const Line& line : lines)
            if (line.stream == stream) joined += line.text + '\n';
        return joined;
    }

    /// The first line of a text; without one, an empty line of the stream Task.
    [[nodiscard]] Line line(std::string_view wanted) const {
        for (const Line& line : lines)
            if (line.text == wanted) return line;
        return {.stream = LogStream::Task};
    }

    static constexpr std::size_t kMostLines = 10'000;

    Job job_{};
    std::string home_{"/home/of/periodic"};
    std::string directory_{std::filesystem::temp_directory_path()};
    Values parameters_{};
    Values attributes_{};
    std::optional<Time> deadline_{};
    std::stop_source stop_{};
    std::unique_ptr<Clock> clock_ = make_system_clock();
    std::function<void(std::string_view)> on_line{};

    std::mutex mutex_{};
    std::vector<Line> lines{};
    std::uint64_t bytes_logged = 0;
    std::string next_phase{}, message{}, code{}, comment{}, response{};
    int progress = -1;
    std::chrono::seconds interval{0};
    bool deleted = false;
};

}  // namespace periodic
