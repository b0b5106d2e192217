#pragma once

/// @file
/// Watches a running program to its end, and over what it leaves.

#include <chrono>
#include <optional>

#include "periodic/command.hpp"
#include "periodic/process_launcher.hpp"
#include "run/output_lines.hpp"
#include "run/program_runner.hpp"
#include "run/program_words.hpp"

namespace periodic {

/// How it ended.
struct WatchResult {
    Process::Exit exit{};
    Reason ended_by = Reason::None;  ///< Timeout, Stopped or Killed if it was made to end
};

/// Why a set stop token was set.
[[nodiscard]] inline Reason why_stopped(const ProgramSettings& settings) {
    const Reason asked = settings.asked ? settings.asked() : Reason::Stopped;
    return asked == Reason::None ? Reason::Stopped : asked;
}

/// One program's watch: passes its output on, ends it at the deadline or when the attempt is to
/// end, then ends what it left (unless it may). Used by one thread.
class ProgramWatch {
public:
    ProgramWatch(Process& process, const Program& program, const ProgramSettings& settings,
                 CommandContext& context, ProgramWords& words);

    [[nodiscard]] WatchResult run();

private:
    using Instant = std::chrono::steady_clock::time_point;

    // Whether output came.
    bool wait(std::chrono::milliseconds longest);
    void watch_program();
    void look_for_words();
    void watch_leftovers();
    void end_if_asked();
    void end(Reason reason);
    void begin_ending(int signal);
    void go_on_ending();
    void report_unended();
    [[nodiscard]] Instant now() const { return context_.clock().steady_now(); }

    Process& process_;
    const Program& program_;
    const ProgramSettings& settings_;
    CommandContext& context_;
    ProgramWords& words_;
    Instant look_at_;  // when its words are looked at next
    OutputLines output_;
    OutputLines errors_;
    std::optional<Instant> deadline_;    // the clock that can't be set
    std::optional<Instant> terminated_;  // when SIGTERM was sent
    std::optional<Instant> killed_;      // when SIGKILL was first sent
    bool reported_ = false;              // that something does not end
    WatchResult result_;
};

}  // namespace periodic
