#include "periodic/logger.hpp"

#include <algorithm>
#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <memory>
#include <mutex>
#include <system_error>
#include <utility>
#include <vector>

#include <boost/json/serialize.hpp>
#include <boost/json/string.hpp>
#include <fcntl.h>
#include <spdlog/logger.h>
#include <spdlog/sinks/base_sink.h>
#include <spdlog/sinks/rotating_file_sink.h>
#include <spdlog/sinks/stdout_sinks.h>
#include <sys/stat.h>

#include "base/descriptor.hpp"
#include "base/file_owner.hpp"
#include "base/utf8.hpp"

namespace periodic {
namespace {

constexpr std::array<std::pair<LogLevel, std::string_view>, 4> kLevels{{
    {LogLevel::Debug, "debug"},
    {LogLevel::Info, "info"},
    {LogLevel::Warning, "warning"},
    {LogLevel::Error, "error"},
}};

spdlog::level::level_enum spdlog_level(LogLevel level) noexcept {
    switch (level) {
        case LogLevel::Debug:
            return spdlog::level::debug;
        case LogLevel::Info:
            return spdlog::level::info;
        case LogLevel::Warning:
            return spdlog::level::warn;
        case LogLevel::Error:
            return spdlog::level::err;
    }
    return spdlog::level::err;
}

std::string json_string(std::string_view text) {
    return boost::json::serialize(boost::json::string(valid_utf8(text)));
}

// The members that follow the time and the level in a JSON line.
std::string json_members(const LogRecord& record) {
    std::string members;
    const auto add = [&](std::string_view name, std::string_view value) {
        members.append(1, '"').append(name).append("\":").append(value).append(1, ',');
    };
    add("task", record.task.empty() ? "null" : json_string(record.task));
    add("command", record.command.empty() ? "null" : json_string(record.command));
    add("job", record.job == 0 ? "null" : std::to_string(record.job));
    add("text", json_string(record.text));
    members.pop_back();
    return members;
}

// `[mail job 12 shell] text`; further lines are indented, so that none can pass for a record.
std::string text_line(const LogRecord& record) {
    std::string subject(record.task);
    const auto add = [&](std::string_view part) {
        if (!part.empty()) subject.append(subject.empty() ? "" : " ").append(part);
    };
    if (record.job != 0) add("job " + std::to_string(record.job));
    add(record.command);
    std::string line = subject.empty() ? "" : '[' + subject + "] ";
    for (const char c : valid_utf8(record.text)) {
        line += c;
        if (c == '\n') line += "    ";
    }
    return line;
}

// Between two looks whether the log's file is still there.
constexpr std::chrono::milliseconds kLookEvery{100};

// Makes the file, or narrows it, to 0600 before anything is written; errno if that fails.
int make_private(const std::string& path) {
    // A pipe that nobody reads is refused: it would hold everybody up.
    const Descriptor file(
        ::open(path.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NONBLOCK, 0600));
    if (!file) return errno;
    struct stat status {};
    if (::fstat(file.get(), &status) != 0) return errno;
    if (!S_ISREG(status.st_mode) || (status.st_mode & 0777U) == 0600U) return 0;
    return ::fchmod(file.get(), 0600) == 0 ? 0 : errno;
}

/// A file that is made anew where somebody has taken it away, as cleaners and logrotate do.
class FileSink final : public spdlog::sinks::base_sink<std::mutex> {
public:
    /// Throws spdlog_ex.
    explicit FileSink(LogOptions options) : options_(std::move(options)) { open(); }

protected:
    void sink_it_(const spdlog::details::log_msg& message) override {
        look_after();
        file_->log(message);
    }
    void flush_() override { file_->flush(); }
    void set_formatter_(std::unique_ptr<spdlog::formatter> formatter) override {
        file_->set_formatter(formatter->clone());
        formatter_ = std::move(formatter);
    }

private:
    using Clock = std::chrono::steady_clock;

    void look_after() {
        const auto now = Clock::now();
        if (now - looked_ < kLookEvery) return;
        looked_ = now;
        struct stat status {};
        const bool is_there = ::stat(options_.file.c_str(), &status) == 0;
        if (is_there && status.st_dev == device_ && status.st_ino == number_) return;
        open();
        file_->set_formatter(formatter_->clone());
    }

    // spdlog would make a directory that is gone, for all to read.
    void open() {
        if (const int error = make_private(options_.file); error != 0)
            throw spdlog::spdlog_ex(refusal_text(options_.file, error));
        spdlog::file_event_handlers handlers;
        handlers.before_open = [](const std::string& path) { make_private(path); };
        handlers.after_open = [this](const std::string&, std::FILE* file) {
            ::fcntl(::fileno(file), F_SETFD, FD_CLOEXEC);
            struct stat status {};
            (void)::fstat(::fileno(file), &status);
            device_ = status.st_dev;
            number_ = status.st_ino;
        };
        file_ = std::make_shared<spdlog::sinks::rotating_file_sink_st>(
            options_.file, static_cast<std::size_t>(options_.max_size),
            static_cast<std::size_t>(options_.keep), false, handlers);
    }

    LogOptions options_;
    std::shared_ptr<spdlog::sinks::rotating_file_sink_st> file_;
    dev_t device_ = 0;  // of the file that is open
    ino_t number_ = 0;
    Clock::time_point looked_{};
};

class DefaultLogger final : public Logger {
public:
    DefaultLogger(LogFormat format, std::vector<spdlog::sink_ptr> sinks, std::string file)
        : format_(format), logger_("periodic", sinks.begin(), sinks.end()), file_(std::move(file)) {
        logger_.set_level(spdlog::level::trace);  // the sinks choose
        logger_.flush_on(spdlog::level::trace);   // a killed process has said all it said
        logger_.set_pattern(
            format == LogFormat::Json
                ? R"({"time":"%Y-%m-%dT%H:%M:%S.%e%z","epoch":%E.%e,"level":"%l",%v})"
                : "%Y-%m-%dT%H:%M:%S.%e%z %l: %v");
        logger_.set_error_handler([this](const std::string& reason) { complain_once(reason); });
    }

    void log(const LogRecord& record) override {
        const auto level = spdlog_level(record.level);
        const auto& sinks = logger_.sinks();
        const auto wants = [&](const spdlog::sink_ptr& sink) { return sink->should_log(level); };
        if (std::none_of(sinks.begin(), sinks.end(), wants)) return;
        try {
            const std::string line =
                format_ == LogFormat::Json ? json_members(record) : text_line(record);
            logger_.log(level, spdlog::string_view_t(line.data(), line.size()));
        } catch (const std::exception& error) {
            complain_once(error.what());
        }
    }

private:
    // A full disk must not fill standard error as well.
    void complain_once(std::string_view reason) noexcept {
        if (complained_.exchange(true)) return;
        std::fprintf(stderr, "periodic: cannot write the log %s: %.*s\n", file_.c_str(),
                     static_cast<int>(reason.size()), reason.data());
    }

    LogFormat format_;
    spdlog::logger logger_;
    std::string file_;
    std::atomic<bool> complained_ = false;
};

class NullLogger final : public Logger {
public:
    void log(const LogRecord&) override {}
};

}  // namespace

std::string_view to_string(LogLevel level) noexcept {
    for (const auto& [known, word] : kLevels)
        if (known == level) return word;
    return {};
}

std::optional<LogLevel> log_level_from(std::string_view word) noexcept {
    for (const auto& [level, known] : kLevels)
        if (known == word) return level;
    return std::nullopt;
}

Result<std::shared_ptr<Logger>> make_logger(const LogOptions& options) {
    std::vector<spdlog::sink_ptr> sinks;
    if (!options.file.empty()) {
        if (options.max_size == 0 || options.keep < 0)
            return failure(ErrorCode::Usage,
                           "a log needs a size above 0 and keeps 0 files or more");
        try {
            sinks.push_back(std::make_shared<FileSink>(options));
        } catch (const spdlog::spdlog_ex& error) {
            return failure(ErrorCode::Io,
                           "cannot write the log " + options.file + ": " + error.what());
        }
        sinks.back()->set_level(spdlog_level(options.level));
    }
    if (options.standard_error) {
        sinks.push_back(std::make_shared<spdlog::sinks::stderr_sink_mt>());
        sinks.back()->set_level(
            spdlog_level(std::max(options.level, options.standard_error_level)));
    }
    return std::make_shared<DefaultLogger>(options.format, std::move(sinks), options.file);
}

std::shared_ptr<Logger> make_null_logger() {
    return std::make_shared<NullLogger>();
}

}  // namespace periodic
