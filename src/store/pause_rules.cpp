#include "store/pause_rules.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

namespace periodic {
namespace {

constexpr std::array<std::string_view, 4> kKinds{"all", "task", "group", "topic"};

}  // namespace

std::string_view to_string(PauseScope::Kind kind) noexcept {
    const auto index = static_cast<std::size_t>(kind);
    return index < kKinds.size() ? kKinds[index] : std::string_view();
}

Paused::Paused(const std::vector<Pause>& pauses, Time at) {
    for (const Pause& pause : pauses) {
        if (pause.holds(at)) scopes_.push_back(pause.scope);
    }
}

bool Paused::has(PauseScope::Kind kind, const std::string& name) const noexcept {
    return std::any_of(scopes_.begin(), scopes_.end(), [kind, &name](const PauseScope& scope) {
        return scope.kind == kind && scope.name == name;
    });
}

bool holds_from(const Pause& pause, Time at) noexcept {
    const auto is_over = [&pause, at](const std::optional<Time>& end) {
        return end && (*end <= at || *end <= pause.since);
    };
    return !is_over(pause.until) && !is_over(pause.ended);
}

}  // namespace periodic
