#pragma once

/// @file
/// Runs one program of a command: what `CommandContext::run_program` does.

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/process_record.hpp"
#include "periodic/command.hpp"
#include "periodic/process_launcher.hpp"
#include "periodic/time_zone.hpp"
#include "run/program_files.hpp"

namespace periodic {

/// How a task wants its programs to run, besides what the context says (job, parameters, home,
/// directory, deadline, stop token, log, response).
struct ProgramSettings {
    /// A directory that is there; files for the program are made below it, in one of its own for
    /// each program. Those of another user's are made elsewhere, and noted there.
    std::string files{};
    std::optional<ProcessUser> user{};
    int nice = 0;
    std::vector<std::pair<std::string, std::string>> environment{};  ///< the task's
    std::chrono::milliseconds kill_after{10'000};
    std::chrono::milliseconds kill_patience{10'000};  ///< before what got SIGKILL is reported
    std::chrono::milliseconds leftover_grace{1000};   ///< before what it left gets SIGTERM
    TimeZone zone = TimeZone::utc();                  ///< of the times in its environment
    /// Why the stop token was set: Timeout, Stopped or Killed (SIGKILL at once). May change while a
    /// program ends; looked at about ten times a second then. Empty: Stopped.
    std::function<Reason()> asked{};
    /// Told once the program runs and is on record.
    std::function<void(std::int64_t pid)> started{};
    /// Told once if something that it left does not end; the run goes on until that is gone.
    std::function<void()> unended{};
};

/// What became of a program.
struct ProgramResult {
    Outcome outcome = Outcome::Fail;
    /// None after success; Exit; Timeout, Stopped or Killed if it was made to end; Exception if it
    /// could not be started.
    Reason reason = Reason::None;
    std::optional<int> exit_code{};  ///< 128 + N after signal N; none if it never ran
    std::int64_t pid = 0;            ///< 0 if it never ran
    std::string error{};             ///< for people: "backup.sh ended with 3"; empty after success
};

/// Starts programs, passes their output on while they run, ends them with all that they started,
/// and takes what they say in PERIODIC_OUTPUT and PERIODIC_RESPONSE.
///
/// The environment begins small, as cron's does: PATH, HOME, USER, LOGNAME, SHELL, LANG and TZ of
/// this process (HOME, USER, LOGNAME and SHELL of the task's user if it names one); then the task's
/// own variables; then PERIODIC_*, which neither can replace.
///
/// May be used from several threads at once; whoever runs many programs keeps one, as it uses
/// their files again.
class ProgramRunner {
public:
    /// All of them must outlive the runner.
    ProgramRunner(ProcessLauncher& launcher, ProcessRecord& records)
        : launcher_(launcher), records_(records) {}

    /// Runs a program to its end and returns when nothing of it is left (unless it may leave
    /// something). Throws std::system_error if its files or its record can't be written.
    [[nodiscard]] ProgramResult run(const Program& program, const ProgramSettings& settings,
                                    CommandContext& context);

private:
    ProcessLauncher& launcher_;
    ProcessRecord& records_;
    ProgramFilesStock files_;
};

}  // namespace periodic
