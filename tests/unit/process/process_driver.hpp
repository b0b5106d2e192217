#pragma once

/// @file
/// Runs programs to their end, for tests.

#include <chrono>
#include <functional>
#include <string>
#include <thread>
#include <utility>

#include <gtest/gtest.h>

#include "base/process_table.hpp"
#include "periodic/process_launcher.hpp"

namespace periodic {

/// How long a test waits for what must happen.
inline constexpr std::chrono::seconds kPatience{60};

/// How a program ended, and what it said.
struct Ended {
    ProcessIdentity identity{};
    Process::Exit exit{.code = -1};
    std::string out{}, err{};
};

inline ProcessSpec shell_spec(std::string script) {
    return {.program = "/bin/sh",
            .arguments = {"-c", std::move(script)},
            .environment = {{"PATH", "/usr/bin:/bin"}}};
}

/// Whether exactly this process is still there; one that nobody has waited for is dead.
inline bool lives(const ProcessEntry& process) {
    const auto now = read_process(process.pid);
    return now && now->start_ticks == process.start_ticks && now->is_alive();
}

/// Whether something becomes true while a test has patience.
inline bool eventually(const std::function<bool()>& condition) {
    const auto until = std::chrono::steady_clock::now() + kPatience;
    while (!condition()) {
        if (std::chrono::steady_clock::now() > until) return false;
        std::this_thread::yield();
    }
    return true;
}

inline Ended run_to_end(ProcessLauncher& launcher, const ProcessSpec& spec) {
    Ended ended;
    auto started = launcher.start(spec);
    if (!started) {
        ADD_FAILURE() << to_string(started.error());
        return ended;
    }
    Process& process = **started;
    ended.identity = process.identity();
    const auto until = std::chrono::steady_clock::now() + kPatience;
    while (!process.exit() && std::chrono::steady_clock::now() < until)
        process.wait_for(std::chrono::seconds(1),
                         [&](Process::Stream stream, std::string_view bytes) {
                             (stream == Process::Stream::Out ? ended.out : ended.err) += bytes;
                         });
    if (process.exit()) ended.exit = *process.exit();
    return ended;
}

}  // namespace periodic
