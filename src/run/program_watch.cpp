#include "run/program_watch.hpp"

#include <algorithm>
#include <csignal>
#include <stop_token>
#include <string>

namespace periodic {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kEndingTurn{100};  // how often an ending looks whether it has become a kill
constexpr milliseconds kShortestTurn{1};  // how often leftovers are looked at: first,
constexpr milliseconds kLongestTurn{50};  // and later
constexpr milliseconds kReportedTurn{1000};  // and once it is known that they don't end
constexpr int kLastReads = 64;  // what pipes can hold; somebody unknown may go on writing

}  // namespace

ProgramWatch::ProgramWatch(Process& process, const Program& program,
                           const ProgramSettings& settings, CommandContext& context,
                           ProgramWords& words)
    : process_(process),
      program_(program),
      settings_(settings),
      context_(context),
      words_(words),
      look_at_(now() + kLookForWords),
      output_(LogLevel::Info,
              [&context](LogLevel level, std::string_view line) {
                  context.log(level, line, LogStream::Stdout);
              }),
      errors_(LogLevel::Warning, [&context](LogLevel level, std::string_view line) {
          context.log(level, line, LogStream::Stderr);
      }) {
    if (const auto deadline = context.deadline())
        deadline_ = now() + std::max(*deadline - context.clock().now(), milliseconds{0});
}

WatchResult ProgramWatch::run() {
    const std::stop_callback wake(context_.stop_token(), [this] { process_.wake(); });
    watch_program();
    result_.exit = *process_.exit();
    if (program_.leave && result_.ended_by == Reason::None)
        process_.release();
    else
        watch_leftovers();
    for (int turn = 0; turn < kLastReads && wait(milliseconds{0}); ++turn) {
    }
    output_.finish();
    errors_.finish();
    return result_;
}

bool ProgramWatch::wait(milliseconds longest) {
    const auto event =
        process_.wait_for(longest, [this](Process::Stream stream, std::string_view bytes) {
            (stream == Process::Stream::Out ? output_ : errors_).add(bytes);
        });
    return event == Process::Event::Output;
}

void ProgramWatch::watch_program() {
    for (;;) {
        end_if_asked();
        if (process_.exit()) return;
        milliseconds longest = kLookForWords;
        if (terminated_ || killed_)
            longest = kEndingTurn;
        else if (deadline_)
            longest = std::clamp(std::chrono::ceil<milliseconds>(*deadline_ - now()),
                                 milliseconds{0}, kLookForWords);
        wait(longest);
        if (process_.exit()) return;
        go_on_ending();
        look_for_words();
    }
}

void ProgramWatch::look_for_words() {
    if (now() < look_at_) return;
    look_at_ = now() + kLookForWords;
    words_.look();
}

void ProgramWatch::watch_leftovers() {
    const Instant exited = now();
    milliseconds turn = kShortestTurn;
    while (process_.has_survivors()) {
        end_if_asked();
        if (!terminated_ && !killed_ && now() - exited >= settings_.leftover_grace) {
            context_.log(LogLevel::Warning,
                         "the program has left processes behind: they are ended");
            begin_ending(SIGTERM);
        }
        go_on_ending();
        report_unended();
        wait(turn);
        turn = std::min(turn * 2, reported_ ? kReportedTurn : kLongestTurn);
    }
}

// A stop, a kill or the deadline. A kill may follow a stop.
void ProgramWatch::end_if_asked() {
    if (context_.stop_token().stop_requested())
        end(why_stopped(settings_));
    else if (deadline_ && now() >= *deadline_)
        end(Reason::Timeout);
}

void ProgramWatch::end(Reason reason) {
    const bool is_kill = reason == Reason::Killed;
    // What it left is ended too, but it has ended by itself.
    if (!process_.exit() && (result_.ended_by == Reason::None || is_kill))
        result_.ended_by = reason;
    if (is_kill && !killed_) begin_ending(SIGKILL);
    if (!terminated_ && !killed_) begin_ending(SIGTERM);
}

void ProgramWatch::begin_ending(int signal) {
    process_.signal_all(signal);
    (signal == SIGKILL ? killed_ : terminated_) = now();
}

void ProgramWatch::go_on_ending() {
    if (killed_) return process_.signal_all(SIGKILL);  // also what was started meanwhile
    if (terminated_ && now() - *terminated_ >= settings_.kill_after) begin_ending(SIGKILL);
}

// One that waits for a broken disk, or is another user's. The job goes on until it is gone: its
// group must not run beside it.
void ProgramWatch::report_unended() {
    if (reported_ || !killed_ || now() - *killed_ < settings_.kill_patience) return;
    reported_ = true;
    if (settings_.unended) settings_.unended();
}

}  // namespace periodic
