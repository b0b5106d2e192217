#include "cli/occurrences.hpp"

#include <optional>
#include <queue>

namespace periodic::cli {
namespace {

using std::chrono::sys_seconds;

std::optional<sys_seconds> step(const Schedule& schedule, sys_seconds from, Direction direction) {
    return direction == Direction::Forward ? schedule.expression.next(from, schedule.zone)
                                           : schedule.expression.previous(from, schedule.zone);
}

}  // namespace

std::vector<Occurrence> merged_occurrences(const std::vector<Schedule>& schedules, sys_seconds from,
                                           Direction direction, std::size_t count) {
    const auto comes_later = [direction](const Occurrence& a, const Occurrence& b) {
        if (a.time == b.time) return a.schedule > b.schedule;
        return (a.time > b.time) == (direction == Direction::Forward);
    };
    std::priority_queue<Occurrence, std::vector<Occurrence>, decltype(comes_later)> heads(
        comes_later);
    for (std::size_t i = 0; i < schedules.size(); ++i) {
        if (const auto first = step(schedules[i], from, direction)) heads.push({*first, i});
    }
    std::vector<Occurrence> merged;
    while (merged.size() < count && !heads.empty()) {
        const Occurrence head = heads.top();
        heads.pop();
        merged.push_back(head);
        if (const auto after = step(schedules[head.schedule], head.time, direction)) {
            heads.push({*after, head.schedule});
        }
    }
    return merged;
}

}  // namespace periodic::cli
