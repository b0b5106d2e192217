#include "periodic/job.hpp"

#include <array>
#include <cstddef>

namespace periodic {
namespace {

// The words of an enumeration, in the order of its enumerators.
constexpr std::array<std::string_view, 8> kStates{"idle",    "queued", "running", "succeeded",
                                                  "aborted", "failed", "stopped", "skipped"};
constexpr std::array<std::string_view, 12> kReasons{"",       "exit",    "timeout", "exception",
                                                    "lost",   "invalid", "overlap", "missed",
                                                    "paused", "stopped", "killed",  "removed"};
constexpr std::array<std::string_view, 6> kWaitingFor{"",     "time",  "group", "concurrency",
                                                      "slot", "paused"};
constexpr std::array<std::string_view, 4> kOverlaps{"skip", "wait", "allow", "replace"};
constexpr std::array<std::string_view, 2> kOnLost{"fail", "retry"};
constexpr std::array<std::string_view, 6> kActions{"start", "stop", "kill",
                                                   "retry", "edit", "delete"};
constexpr std::array<std::string_view, 3> kStreams{"stdout", "stderr", "task"};

template <std::size_t N, class Enumerator>
constexpr std::string_view word_of(const std::array<std::string_view, N>& words,
                                   Enumerator value) noexcept {
    const auto index = static_cast<std::size_t>(value);
    return index < N ? words[index] : std::string_view();
}

}  // namespace

std::string_view to_string(JobState state) noexcept {
    return word_of(kStates, state);
}
std::string_view to_string(Reason reason) noexcept {
    return word_of(kReasons, reason);
}
std::string_view to_string(WaitingFor reason) noexcept {
    return word_of(kWaitingFor, reason);
}
std::string_view to_string(Overlap overlap) noexcept {
    return word_of(kOverlaps, overlap);
}
std::string_view to_string(OnLost on_lost) noexcept {
    return word_of(kOnLost, on_lost);
}
std::string_view to_string(JobAction action) noexcept {
    return word_of(kActions, action);
}
std::string_view to_string(LogStream stream) noexcept {
    return word_of(kStreams, stream);
}

std::optional<JobState> job_state_from(std::string_view word) noexcept {
    for (std::size_t i = 0; i < kStates.size(); ++i) {
        if (kStates[i] == word) return static_cast<JobState>(i);
    }
    return std::nullopt;
}

}  // namespace periodic
