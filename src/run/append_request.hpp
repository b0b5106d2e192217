#pragma once

/// @file
/// What is added to a running job's log or response from outside, as lines of the control socket.

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "periodic/job.hpp"
#include "periodic/logger.hpp"

namespace periodic {

/// One addition. On the wire it is `log ID LEVEL TEXT` or `response ID TEXT`, where TEXT has `\n`
/// for a line end and `\\` for a backslash.
struct AppendRequest {
    JobId id = 0;
    std::optional<LogLevel> level{};  ///< none: it is for the response
    std::string text{};
};

/// The longest text of one addition, so that its line stays within kLongestControlLine.
inline constexpr std::size_t kLongestAddition = std::size_t{64} << 10U;

[[nodiscard]] std::string to_line(const AppendRequest& request);

/// nullopt if the line is none of these.
[[nodiscard]] std::optional<AppendRequest> append_request_from(std::string_view line);

/// The answers of the executor.
inline constexpr std::string_view kAdded = "added";
inline constexpr std::string_view kNotRunning = "not running here";

}  // namespace periodic
