#include "store/transitions.hpp"

#include <array>
#include <cstddef>

namespace periodic {
namespace {

constexpr std::size_t kStates = 8;

constexpr std::uint16_t bit(JobState state) noexcept {
    return static_cast<std::uint16_t>(1U << static_cast<unsigned>(state));
}

template <class... States>
constexpr std::uint16_t to(States... states) noexcept {
    return static_cast<std::uint16_t>((0U | ... | bit(states)));
}

using enum JobState;

// By the state that it leaves, in the order of JobState.
constexpr std::array<std::uint16_t, kStates> kGoesTo{
    to(Queued, Stopped),                              // Idle
    to(Running, Skipped, Stopped, Failed),            // Queued
    to(Succeeded, Aborted, Failed, Stopped, Queued),  // Running
    to(Queued),                                       // Succeeded: a person retries it
    to(Queued),                                       // Aborted
    to(Queued),                                       // Failed
    to(Queued),                                       // Stopped
    to(Queued),                                       // Skipped
};

constexpr std::uint16_t kBegins = to(Idle, Queued, Skipped, Failed);

}  // namespace

bool may_begin(JobState state) noexcept {
    return (kBegins & bit(state)) != 0;
}

bool may_go(JobState from, JobState to) noexcept {
    return (kGoesTo[static_cast<std::size_t>(from)] & bit(to)) != 0;
}

bool may_delete(JobState state) noexcept {
    return state != Running;
}

Result<void> check_transition(JobId id, JobState from, JobState to) {
    if (may_go(from, to)) return {};
    return failure(ErrorCode::Conflict, "job " + std::to_string(id) + " is " +
                                            std::string(to_string(from)) + " and can't become " +
                                            std::string(to_string(to)));
}

}  // namespace periodic
