#pragma once

/// @file
/// What a program says in its files, PERIODIC_RESPONSE and PERIODIC_OUTPUT, passed on to its job
/// while it runs.

#include <chrono>
#include <cstdint>
#include <string>

#include "periodic/command.hpp"
#include "run/program_files.hpp"

namespace periodic {

/// How often a program's files are looked at while it runs.
inline constexpr std::chrono::milliseconds kLookForWords{500};

/// One program's words. Used by one thread.
class ProgramWords {
public:
    /// Both must outlive this.
    ProgramWords(const ProgramFiles& files, CommandContext& context)
        : files_(files), context_(context) {}

    /// Passes on what has come since the last look: whole lines of the response; progress, message,
    /// code, comment and attributes. What decides how the job goes on (phase, parameters, interval,
    /// delete) counts at the end alone.
    void look();

    /// Passes on all the rest, with what is wrong in it. Once, when the program has ended.
    void finish();

private:
    void look_at_response();
    void look_at_output();

    const ProgramFiles& files_;
    CommandContext& context_;
    std::size_t passed_on_ = 0;  ///< bytes of the response
    std::string output_;         ///< as it was at the last look
};

}  // namespace periodic
