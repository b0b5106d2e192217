#include "notify/told_program.hpp"

#include <algorithm>
#include <csignal>
#include <string_view>

#include <unistd.h>

#include "base/utf8.hpp"

namespace periodic {
namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr std::size_t kShownOfErrors = 200;

std::vector<std::pair<std::string, std::string>> environment_with(
    const std::vector<std::pair<std::string, std::string>>& variables) {
    auto all = variables;
    for (char** each = ::environ; *each != nullptr; ++each) {
        const std::string_view text(*each);
        const std::size_t equals = text.find('=');
        if (equals == std::string_view::npos || text.starts_with("PERIODIC_")) continue;
        const std::string name(text.substr(0, equals));
        const bool is_known = std::any_of(all.begin(), all.end(),
                                          [&](const auto& pair) { return pair.first == name; });
        if (!is_known) all.emplace_back(name, text.substr(equals + 1));
    }
    return all;
}

}  // namespace

Result<void> run_told_program(ProcessLauncher& launcher, const std::string& command,
                              const std::string& directory,
                              const std::vector<std::pair<std::string, std::string>>& variables,
                              milliseconds limit, const std::stop_token& stop) {
    auto started = launcher.start({.program = "/bin/sh",
                                   .arguments = {"-c", command},
                                   .environment = environment_with(variables),
                                   .directory = directory});
    if (!started) return Failure(started.error());
    Process& process = **started;
    const std::stop_callback wake(stop, [&process] { process.wake(); });
    std::string errors;
    const auto sink = [&errors](Process::Stream stream, std::string_view bytes) {
        if (stream != Process::Stream::Err) return;
        errors.append(bytes);
        if (errors.size() > kShownOfErrors) errors.erase(0, errors.size() - kShownOfErrors);
    };
    const auto end = steady_clock::now() + limit;
    while (!process.exit()) {
        const auto left = std::chrono::ceil<milliseconds>(end - steady_clock::now());
        if (left.count() <= 0 || stop.stop_requested()) {
            process.signal_group(SIGKILL);
            return failure(ErrorCode::Io, stop.stop_requested()
                                              ? "the program was ended"
                                              : "the program took too long, and was ended");
        }
        (void)process.wait_for(left, sink);
    }
    if (process.exit()->code == 0) return {};
    std::replace(errors.begin(), errors.end(), '\n', ' ');
    return failure(ErrorCode::Io, "the program ended with " + std::to_string(process.exit()->code) +
                                      (errors.empty() ? "" : ": " + valid_utf8(errors)));
}

}  // namespace periodic
