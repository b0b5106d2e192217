#include "run/due_spans.hpp"

#include <algorithm>
#include <utility>

namespace periodic {
namespace {

using std::chrono::seconds;
using std::chrono::sys_seconds;

bool concerns(const PauseScope& scope, std::string_view task, std::string_view group,
              std::string_view topic) {
    switch (scope.kind) {
        case PauseScope::Kind::All:
            return true;
        case PauseScope::Kind::Task:
            return scope.name == task;
        case PauseScope::Kind::Group:
            return scope.name == group;
        case PauseScope::Kind::Topic:
            return scope.name == topic;
    }
    return false;
}

// The whole seconds at which a pause holds, as far as they are in `within`.
Stretch stretch_of(const Pause& pause, const Stretch& within) {
    const auto before = [](Time time) { return std::chrono::ceil<seconds>(time) - seconds(1); };
    Stretch stretch{.after = std::max(before(pause.since), within.after), .until = within.until};
    for (const auto& end : {pause.until, pause.ended}) {
        if (end) stretch.until = std::min(stretch.until, before(*end));
    }
    return stretch;
}

}  // namespace

std::int64_t DueSpans::count() const {
    std::int64_t sum = 0;
    for (const Stretch& stretch : stretches_) {
        sum += static_cast<std::int64_t>(
            entry_->expression().count(stretch.after, stretch.until, entry_->zone()));
    }
    return sum;
}

std::optional<sys_seconds> DueSpans::first() const {
    for (const Stretch& stretch : stretches_) {
        const auto first = entry_->expression().next(stretch.after, entry_->zone());
        if (first && *first <= stretch.until) return first;
    }
    return std::nullopt;
}

std::optional<sys_seconds> DueSpans::last() const {
    // NOLINTNEXTLINE(modernize-loop-convert): clang 14 takes no reversed view of libstdc++
    for (auto stretch = stretches_.rbegin(); stretch != stretches_.rend(); ++stretch) {
        const auto last =
            entry_->expression().previous(stretch->until + seconds(1), entry_->zone());
        if (last && *last > stretch->after) return last;
    }
    return std::nullopt;
}

std::vector<sys_seconds> DueSpans::newest(int limit) const {
    std::vector<sys_seconds> found;
    // NOLINTNEXTLINE(modernize-loop-convert): clang 14 takes no reversed view of libstdc++
    for (auto stretch = stretches_.rbegin(); stretch != stretches_.rend(); ++stretch) {
        auto at = entry_->expression().previous(stretch->until + seconds(1), entry_->zone());
        while (at && *at > stretch->after && std::cmp_less(found.size(), limit)) {
            found.push_back(*at);
            at = entry_->expression().previous(*at, entry_->zone());
        }
    }
    std::reverse(found.begin(), found.end());
    return found;
}

DueSpans DueSpans::until(sys_seconds end) const {
    std::vector<Stretch> cut;
    for (const Stretch& stretch : stretches_) {
        if (stretch.after < end) cut.push_back({stretch.after, std::min(stretch.until, end)});
    }
    return {*entry_, std::move(cut)};
}

DueSpans DueSpans::after(sys_seconds begin) const {
    std::vector<Stretch> cut;
    for (const Stretch& stretch : stretches_) {
        if (stretch.until > begin) cut.push_back({std::max(stretch.after, begin), stretch.until});
    }
    return {*entry_, std::move(cut)};
}

Divided divide(const Stretch& due, const std::vector<Pause>& pauses, std::string_view task,
               std::string_view group, std::string_view topic) {
    std::vector<Stretch> held;
    for (const Pause& pause : pauses) {
        if (!concerns(pause.scope, task, group, topic)) continue;
        const Stretch stretch = stretch_of(pause, due);
        if (stretch.after < stretch.until) held.push_back(stretch);
    }
    std::sort(held.begin(), held.end(),
              [](const Stretch& a, const Stretch& b) { return a.after < b.after; });
    Divided divided;
    sys_seconds free_from = due.after;
    for (const Stretch& stretch : held) {
        if (!divided.paused.empty() && stretch.after <= divided.paused.back().until) {
            auto& last = divided.paused.back();
            last.until = std::max(last.until, stretch.until);
        } else {
            if (free_from < stretch.after) divided.free.push_back({free_from, stretch.after});
            divided.paused.push_back(stretch);
        }
        free_from = divided.paused.back().until;
    }
    if (free_from < due.until) divided.free.push_back({free_from, due.until});
    return divided;
}

}  // namespace periodic
