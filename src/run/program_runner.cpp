#include "run/program_runner.hpp"

#include <algorithm>
#include <csignal>
#include <cstring>
#include <filesystem>
#include <utility>

#include "run/output_lines.hpp"
#include "run/program_environment.hpp"
#include "run/program_files.hpp"
#include "run/program_watch.hpp"
#include "run/program_words.hpp"

namespace periodic {
namespace {

constexpr int kTemporaryFailure = 75;  // EX_TEMPFAIL of sysexits.h

Outcome outcome_of(const Program& program, int code) {
    for (const auto& [known, outcome] : program.exits)
        if (known == code) return outcome;
    if (code == 0) return Outcome::Success;
    return code == kTemporaryFailure ? Outcome::Reschedule : Outcome::Fail;
}

std::string exit_text(const std::string& name, const Process::Exit& exit) {
    if (!exit.signalled) return name + " ended with exit code " + std::to_string(exit.code);
    const int signal = exit.code - 128;
    const char* const text = ::sigdescr_np(signal);
    return name + " was ended by signal " + std::to_string(signal) +
           (text == nullptr ? "" : std::string(" (") + text + ")");
}

std::string ended_text(const std::string& name, Reason reason) {
    if (reason == Reason::Timeout) return name + " was ended at the deadline";
    return name + (reason == Reason::Killed ? " was killed" : " was stopped");
}

void judge(const Program& program, const WatchResult& watched, ProgramResult& result) {
    const std::string name = std::filesystem::path(program.path).filename().string();
    result.exit_code = watched.exit.code;
    result.outcome = outcome_of(program, watched.exit.code);
    if (watched.ended_by != Reason::None) {
        result.outcome = Outcome::Fail;
        result.reason = watched.ended_by;
        result.error = ended_text(name, watched.ended_by);
    } else if (result.outcome == Outcome::Fail) {
        result.reason = Reason::Exit;
        result.error = exit_text(name, watched.exit);
    }
}

ProcessSpec spec_of(const Program& program, const ProgramSettings& settings,
                    const CommandContext& context, const ProgramFiles& files,
                    const ProcessRecord::Slot& slot) {
    ProcessSpec spec;
    spec.program = program.path;
    spec.arguments = program.arguments;
    spec.environment = program_environment(settings, context, files);
    spec.directory = context.directory();
    spec.user = settings.user;
    spec.nice = settings.nice;
    spec.leave = program.leave;
    spec.record_fd = slot.fd();
    spec.record_offset = slot.offset();
    spec.record_label = record_label(context.job().id, context.job().claim);
    return spec;
}

// It stands in tables and mails; where the error has more lines, they are its hint.
std::string on_one_line(const Error& error) {
    std::string text = error.file.empty() ? error.message : error.file + ": " + error.message;
    return error.hint.empty() ? text : text + "; " + error.hint;
}

}  // namespace

ProgramResult ProgramRunner::run(const Program& program, const ProgramSettings& settings,
                                 CommandContext& context) {
    ProgramResult result;
    if (context.stop_token().stop_requested()) {
        result.reason = why_stopped(settings);
        result.error = "the job was to end before " + program.path + " began";
        return result;
    }
    ProgramFiles files = files_.take(settings.files, to_json(context.parameters()), settings.user);
    ProcessRecord::Slot slot = records_.take();
    auto started = launcher_.start(spec_of(program, settings, context, files, slot));
    if (!started) {
        result.reason = Reason::Exception;
        result.error = on_one_line(started.error());
        return result;
    }
    Process& process = **started;
    result.pid = process.identity().pid;
    if (settings.started) settings.started(result.pid);
    ProgramWords words(files, context);
    ProgramWatch watch(process, program, settings, context, words);
    judge(program, watch.run(), result);
    words.finish();
    // What is left of it may still write to them.
    if (!program.leave) files_.give_back(std::move(files), settings.user);
    return result;
}

}  // namespace periodic
