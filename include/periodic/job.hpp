#pragma once

/// @file
/// A job: one task to be run once, and what became of it.

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "periodic/clock.hpp"
#include "periodic/logger.hpp"
#include "periodic/value.hpp"

namespace periodic {

/// Names a job in its store: from 1, never reused.
using JobId = std::int64_t;

enum class JobState : std::uint8_t {
    Idle,       ///< created, not to be started yet
    Queued,     ///< waits for its time, group, concurrency and a slot
    Running,    ///< an executor has it
    Succeeded,  ///< final, as all below
    Aborted,
    Failed,
    Stopped,
    Skipped,
};

/// Why a job is in its state; None where a command itself said so, or nothing needs saying.
enum class Reason : std::uint8_t {
    None,
    Exit,
    Timeout,
    Exception,
    Lost,
    Invalid,
    Overlap,
    Missed,
    Paused,
    Stopped,
    Killed,
    Removed,
};

/// Why a queued job has not started.
enum class WaitingFor : std::uint8_t { None, Time, Group, Concurrency, Slot, Paused };

/// What an occurrence does while an earlier job of its entry is unfinished.
enum class Overlap : std::uint8_t { Skip, Wait, Allow, Replace };

/// What happens to a job whose executor died.
enum class OnLost : std::uint8_t { Fail, Retry };

/// How long the final jobs of a task are kept; failed ones are counted apart.
struct RetentionPolicy {
    std::chrono::seconds age{std::chrono::days(180)};  ///< 0: no limit
    std::int64_t jobs = 1000;                          ///< of the task; 0: no limit
};

/// What people and programs do with a job that they do not run. Which state allows what, and where
/// it leads, is one table: `transitions.hpp` of the store, shown in docs/jobs.md.
enum class JobAction : std::uint8_t {
    Start,   ///< an idle job is queued
    Stop,    ///< a running one is asked to end; one that does not run is stopped at once
    Kill,    ///< the same, but what runs is killed at once
    Retry,   ///< a final one is queued again: attempt 1, no crashes
    Edit,    ///< what a JobEdit says, in a job that does not run
    Delete,  ///< one that does not run, with all that belongs to it
};

/// The JSON words of these; empty for None.
[[nodiscard]] std::string_view to_string(JobState state) noexcept;
[[nodiscard]] std::string_view to_string(Reason reason) noexcept;
[[nodiscard]] std::string_view to_string(WaitingFor reason) noexcept;
[[nodiscard]] std::string_view to_string(Overlap overlap) noexcept;
[[nodiscard]] std::string_view to_string(OnLost on_lost) noexcept;
[[nodiscard]] std::string_view to_string(JobAction action) noexcept;
[[nodiscard]] std::optional<JobState> job_state_from(std::string_view word) noexcept;

/// Whether nothing more happens to a job by itself.
[[nodiscard]] constexpr bool is_final(JobState state) noexcept {
    return state >= JobState::Succeeded;
}

/// A job as the store has it.
struct Job {
    JobId id = 0;
    std::string task{};
    std::string group{};  ///< empty: none
    std::string topic{"default"};
    JobState state = JobState::Queued;
    std::optional<std::string> phase{};  ///< none for a task without phases
    int priority = 0;                    ///< higher runs first
    std::int64_t claim = 0;              ///< the fence: raised by each claim, never given back
    int attempt = 1;                     ///< of this phase, from 1
    int max_attempts = 1;                ///< 1 + retries max
    int crashes = 0;
    /// Occurrences that this job stands for besides its own; of a skipped one all, if several.
    std::int64_t missed = 0;
    int progress = 0;  ///< 0 to 100
    Values parameters{};
    Values attributes{};
    std::string comment{};
    std::string key{};  ///< unique among the unfinished; empty: none
    std::optional<std::int64_t> interval_seconds{};
    std::string result_code{};
    std::string message{};
    Reason reason = Reason::None;
    std::string error{};
    std::string error_detail{};

    std::int64_t entry = 0;  ///< the crontab entry's id; 0: not from the crontab
    std::string zone{};      ///< the entry's zone, for showing its times
    std::optional<std::chrono::sys_seconds> scheduled{};
    /// Where it stands for several occurrences, the other end: the last of a skipped job's, the
    /// first of another's.
    std::optional<std::chrono::sys_seconds> last_scheduled{};
    std::optional<Time> available{};
    Time created{};
    std::optional<Time> started{};
    std::optional<Time> finished{};
    std::optional<Time> first_failed{};
    std::optional<Time> last_failed{};

    std::int64_t worker = 0;  ///< pid of the process that runs or ran it; 0: none
    std::int64_t pid = 0;     ///< of the program it started; 0: none
    std::optional<int> exit_code{};
    std::string task_digest{};  ///< of the task file that ran
    JobId parent = 0;           ///< 0: none
    std::int64_t log_bytes = 0;
    std::int64_t log_seq = 0;  ///< of its last log line; only in a job just claimed
    std::int64_t response_bytes = 0;

    Overlap overlap = Overlap::Allow;
    OnLost on_lost = OnLost::Fail;
    int concurrency = 1;              ///< of its task; 0 is no limit
    std::string concurrency_value{};  ///< the value that the limit counts for; empty: all
    std::int64_t owner = 0;           ///< generation of the executor that has it; 0: none
    /// A request that was not met yet: None, Stopped or Killed.
    Reason asked = Reason::None;
    WaitingFor waiting_for = WaitingFor::None;  ///< computed when it is read

    friend bool operator==(const Job&, const Job&) = default;
};

/// Something that happened to a job.
struct JobEvent {
    Time time{};
    std::string event{};  ///< one word: created claimed retried lost ...
    std::string by{};     ///< who: "planner", "executor 12 pid 4242", a user's name
    std::string detail{};

    friend bool operator==(const JobEvent&, const JobEvent&) = default;
};

/// One execution of a job, over.
struct JobAttempt {
    std::int64_t claim = 0;  ///< the fence that it ran under
    int attempt = 1;
    std::optional<std::string> phase{};
    std::int64_t owner = 0;   ///< generation
    std::int64_t worker = 0;  ///< pid
    std::int64_t pid = 0;     ///< of its program; 0: none
    std::optional<Time> started{};
    Time ended{};
    JobState state = JobState::Queued;  ///< what it left the job in
    Reason reason = Reason::None;
    std::optional<int> exit_code{};
    std::string error{};

    friend bool operator==(const JobAttempt&, const JobAttempt&) = default;
};

/// Where a log line came from.
enum class LogStream : std::uint8_t { Stdout, Stderr, Task };
[[nodiscard]] std::string_view to_string(LogStream stream) noexcept;

/// One line of a job's log.
struct LogLine {
    std::int64_t seq = 0;  ///< from 1 within the job, rising; given by the runner
    Time time{};
    LogLevel level = LogLevel::Info;
    LogStream stream = LogStream::Task;
    std::string text{};  ///< UTF-8, without a line end, at most 64 KiB

    friend bool operator==(const LogLine&, const LogLine&) = default;
};

}  // namespace periodic
