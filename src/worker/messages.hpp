#pragma once

/// @file
/// What a daemon and its workers say to each other.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

#include "periodic/clock.hpp"
#include "periodic/error.hpp"
#include "periodic/job.hpp"
#include "periodic/job_store.hpp"
#include "periodic/jobs.hpp"
#include "periodic/logger.hpp"
#include "run/append_request.hpp"
#include "run/home.hpp"

namespace periodic {

/// The longest message, in bytes: what does not fit is refused where it is sent.
inline constexpr std::size_t kLongestMessage = std::size_t{64} << 20U;

// To the worker.

/// Changes with anything that changes what messages mean: who speaks another way is of no use.
[[nodiscard]] std::string_view wire_version() noexcept;

/// First of all: whose worker it is.
struct HelloMessage {
    std::string version{};  ///< `wire_version`; a worker of another one ends
    Home home{};
    std::string time_zone{};  ///< as the configuration names it; empty: the system's
    std::int64_t generation = 0;
    std::string topic{};
    int slots = 1;
};
/// Run an attempt of a job.
struct RunMessage {
    Job job{};
    std::string task_text{};  ///< what its task is while its file is broken; empty: the file
};
/// Ask a running attempt to end.
struct AskMessage {
    JobId id = 0;
    std::int64_t claim = 0;
    Reason what = Reason::Stopped;
    std::string by{};
    bool shutdown = false;
};
/// Take no more work, finish what runs, and end.
struct DrainMessage {};
/// To a request of the worker.
struct AnswerMessage {
    std::int64_t request = 0;
    std::optional<Error> error{};
    JobId id = 0;              ///< of the job that was queued
    std::optional<Job> job{};  ///< that was waited for; none if it was deleted
};
/// Add to the log or the response of what runs.
struct AppendMessage {
    AppendRequest addition{};
};

// To the daemon.

/// It may run something.
struct ReadyMessage {};
/// An attempt begins, or cleans up, which gives it another deadline. Sent before it does so.
struct BegunMessage {
    JobId id = 0;
    std::int64_t claim = 0;
    std::optional<Time> deadline{};
    std::chrono::seconds kill_after{};
    bool cleaning = false;
};
/// What an attempt has said.
struct SaidMessage {
    LiveUpdate update{};
};
/// An attempt has ended.
struct EndedMessage {
    Settlement settlement{};
    std::int64_t memory = 0;  ///< of the worker, in bytes; 0: not looked at
};
/// Queue a task's job.
struct EnqueueMessage {
    std::int64_t request = 0;
    std::string task{};
    Values parameters{};
    JobOptions options{};
};
/// Tell when a job is final; the one that waits lends its slot.
struct WaitMessage {
    std::int64_t request = 0;
    JobId parent = 0;
    JobId child = 0;
};
/// It waits no more.
struct EndWaitMessage {
    std::int64_t request = 0;
};
/// Put an event of a job on record.
struct EventMessage {
    JobId id = 0;
    JobEvent event{};
};
/// For the daemon's logger.
struct LogMessage {
    LogLevel level = LogLevel::Info;
    std::string text{};
    std::string task{};
    std::string command{};
    JobId job = 0;
};
/// What an AppendMessage wanted to add to had ended.
struct ReturnMessage {
    AppendRequest addition{};
};

using Message =
    std::variant<HelloMessage, RunMessage, AskMessage, DrainMessage, AnswerMessage, AppendMessage,
                 ReadyMessage, BegunMessage, SaidMessage, EndedMessage, EnqueueMessage, WaitMessage,
                 EndWaitMessage, EventMessage, LogMessage, ReturnMessage>;

/// A message as a frame: its length in 4 bytes, and that many. Error: Invalid, if it is longer than
/// kLongestMessage.
[[nodiscard]] Result<std::string> encode(const Message& message);

/// What a frame holds, without its length. Error: Invalid, if it is none of ours.
[[nodiscard]] Result<Message> decode(std::string_view body);

/// Takes whole frames out of bytes as they come.
class FrameReader {
public:
    void add(std::string_view bytes);
    /// The body of the next frame, which lives until the next call; nullopt: it is not all there.
    /// Error: Invalid for a frame that is too long.
    [[nodiscard]] Result<std::optional<std::string_view>> next();

private:
    std::string bytes_;
    std::size_t taken_ = 0;
};

}  // namespace periodic
