#pragma once

/// @file
/// A home's daemon, as seen from outside: asked, started in the background, waited for.

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/json.hpp"
#include "cli/arguments.hpp"
#include "cli/session.hpp"
#include "periodic/error.hpp"

namespace periodic::cli {

/// What the daemon of a home says of itself; none if there is none, or if it does not answer.
[[nodiscard]] std::optional<json::Object> ask_status(const Home& home);

/// Error: Locked, if the home's daemon lives; for who has got no answer from it.
[[nodiscard]] Result<void> check_not_silent(const Home& home);

/// What is said instead of a start.
[[nodiscard]] std::string runs_already(std::int64_t pid);

/// The daemon's pid; none if there is none, or if it does not answer.
[[nodiscard]] std::optional<std::int64_t> daemon_pid(const Home& home);

/// Says what became of a start: a sentence for people, which may be empty, or a document with the
/// pid of the daemon that runs now, if one does.
void tell_start(Session& session, bool started, std::optional<std::int64_t> pid,
                std::string_view sentence);

/// Starts `periodic daemon` for the session's home in the background, and waits until it has
/// planned for the first time. What it says until then stands on this terminal, and so do the
/// mistakes of the crontab, whose other lines run. `stop_within` is what a stop gives its jobs;
/// none: what is usual. Tells what became of it, and answers the exit code: 0, also where another
/// start was faster, or the daemon's own.
[[nodiscard]] Result<int> start_in_background(Session& session,
                                              std::optional<std::chrono::seconds> stop_within);

/// Declares `--stop-within` for those who start a daemon.
void declare_stop_within(Arguments& arguments, std::optional<std::chrono::seconds>& stop_within);

/// Asks a daemon to stop and waits until it is gone. On a terminal it is said what is waited for,
/// and in any case what it could not end.
/// Answers whether one was there. Error: Locked, if it is still there after `patience`, or does not
/// answer.
[[nodiscard]] Result<bool> stop_daemon(Session& session, const Home& home,
                                       std::optional<std::chrono::seconds> patience);

}  // namespace periodic::cli
