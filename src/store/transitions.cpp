#include "store/transitions.hpp"

#include <array>
#include <cstddef>
#include <string_view>
#include <vector>

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

constexpr std::size_t kActions = 6;

// What an action does to a job: where it leads, if it is possible.
struct Effect {
    bool possible = false;
    std::optional<JobState> state{};  // none: deleted
};
constexpr Effect no{};
constexpr Effect gone{true, std::nullopt};
constexpr Effect becomes(JobState state) noexcept {
    return {true, state};
}

// By the state that it is in, then by the action, both in the order of their enumerators.
constexpr std::array<std::array<Effect, kActions>, kStates> kActs{{
    // Start           Stop              Kill              Retry  Edit               Delete
    {becomes(Queued), becomes(Stopped), becomes(Stopped), no, becomes(Idle), gone},  // Idle
    {no, becomes(Stopped), becomes(Stopped), no, becomes(Queued), gone},             // Queued
    {no, becomes(Running), becomes(Running), no, no, no},                            // Running
    {no, no, no, becomes(Queued), becomes(Succeeded), gone},
    {no, no, no, becomes(Queued), becomes(Aborted), gone},
    {no, no, no, becomes(Queued), becomes(Failed), gone},
    {no, no, no, becomes(Queued), becomes(Stopped), gone},
    {no, no, no, becomes(Queued), becomes(Skipped), gone},
}};

constexpr std::array<std::string_view, kActions> kParticiples{"started", "stopped", "killed",
                                                              "retried", "edited",  "deleted"};

// "start, stop, kill, edit and delete"
std::string possible_in(JobState state) {
    const auto& row = kActs[static_cast<std::size_t>(state)];
    std::vector<std::string_view> words;
    for (std::size_t i = 0; i < kActions; ++i) {
        if (row[i].possible) words.push_back(to_string(static_cast<JobAction>(i)));
    }
    std::string text;
    for (std::size_t i = 0; i < words.size(); ++i) {
        if (i > 0) text += i + 1 == words.size() ? " and " : ", ";
        text += words[i];
    }
    return text;
}

constexpr std::uint16_t kBegins = to(Idle, Queued, Skipped, Failed);

}  // namespace

bool may_begin(JobState state) noexcept {
    return (kBegins & bit(state)) != 0;
}

bool may_go(JobState from, JobState to) noexcept {
    return (kGoesTo[static_cast<std::size_t>(from)] & bit(to)) != 0;
}

bool may_delete(JobState state) noexcept {
    return kActs[static_cast<std::size_t>(state)][static_cast<std::size_t>(JobAction::Delete)]
        .possible;
}

Result<std::optional<JobState>> state_after(JobAction action, JobId id, JobState state) {
    const Effect& effect = kActs[static_cast<std::size_t>(state)][static_cast<std::size_t>(action)];
    if (effect.possible) return effect.state;
    return failure(ErrorCode::Conflict,
                   "job " + std::to_string(id) + " is " + std::string(to_string(state)) +
                       " and can't be " +
                       std::string(kParticiples[static_cast<std::size_t>(action)]) +
                       ": possible are " + possible_in(state));
}

Result<void> check_transition(JobId id, JobState from, JobState to) {
    if (may_go(from, to)) return {};
    return failure(ErrorCode::Conflict, "job " + std::to_string(id) + " is " +
                                            std::string(to_string(from)) + " and can't become " +
                                            std::string(to_string(to)));
}

}  // namespace periodic
