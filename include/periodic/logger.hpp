#pragma once

/// @file
/// Where Periodic says what it does. A host passes its own.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "periodic/error.hpp"

namespace periodic {

/// How much a message matters, as syslog orders it.
enum class LogLevel : std::uint8_t { Debug, Info, Warning, Error };

/// `debug info warning error`.
[[nodiscard]] std::string_view to_string(LogLevel level) noexcept;
[[nodiscard]] std::optional<LogLevel> log_level_from(std::string_view word) noexcept;

/// One message, with what it is about. The views live as long as the call.
struct LogRecord {
    LogLevel level = LogLevel::Info;
    std::string_view text{};
    std::string_view task{};     ///< empty if it is about none
    std::string_view command{};  ///< the command's type; empty if it is about none
    std::int64_t job = 0;        ///< 0 if it is about none
};

/// Takes messages. Calls come from any thread, also at once, and must not throw.
class Logger {
public:
    Logger() = default;
    Logger(const Logger&) = delete;
    Logger& operator=(const Logger&) = delete;
    virtual ~Logger() = default;

    virtual void log(const LogRecord& record) = 0;

    void debug(std::string_view text) { log({.level = LogLevel::Debug, .text = text}); }
    void info(std::string_view text) { log({.level = LogLevel::Info, .text = text}); }
    void warning(std::string_view text) { log({.level = LogLevel::Warning, .text = text}); }
    void error(std::string_view text) { log({.level = LogLevel::Error, .text = text}); }
};

enum class LogFormat : std::uint8_t { Text, Json };

/// Settings of the default logger; `periodic.xml`'s `<log>` element.
struct LogOptions {
    LogLevel level = LogLevel::Info;
    LogFormat format = LogFormat::Text;
    std::string file{};                   ///< rotated; empty: none
    std::uint64_t max_size = 10U << 20U;  ///< bytes, before it is rotated
    int keep = 5;                         ///< rotated files kept, 0 to 100
    bool standard_error = false;          ///< write there too
    /// What goes to standard error at least has this level.
    LogLevel standard_error_level = LogLevel::Info;
};

/// The default logger. The file is made 0600. Error: Io, naming the file.
[[nodiscard]] Result<std::shared_ptr<Logger>> make_logger(const LogOptions& options);

/// A logger that drops everything.
[[nodiscard]] std::shared_ptr<Logger> make_null_logger();

}  // namespace periodic
