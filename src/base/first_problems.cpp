#include "base/first_problems.hpp"

#include <algorithm>
#include <utility>

namespace periodic {
namespace {

// Moves up to `room` problems of a severity to the places that they have in the list.
void pick(std::vector<Problem>& from, Severity severity, std::size_t room,
          std::vector<bool>& picked) {
    for (std::size_t i = 0; i < from.size() && room > 0; ++i) {
        if (from[i].severity != severity || from[i].left_out != 0) continue;
        picked[i] = true;
        --room;
    }
}

}  // namespace

Problem more_problems(std::size_t count, std::string file) {
    Error error;
    error.message =
        "and " + std::to_string(count) + (count == 1 ? " more problem" : " more problems");
    error.hint = "mend those above first";
    error.file = std::move(file);
    return {Severity::Error, std::move(error), count};
}

std::size_t count_mistakes(const std::vector<Problem>& problems) {
    std::size_t count = 0;
    for (const Problem& each : problems) count += std::max<std::size_t>(each.left_out, 1);
    return count;
}

std::vector<Problem> first_problems(std::vector<Problem> problems, std::size_t most) {
    if (problems.size() <= most) return problems;
    std::vector<bool> picked(problems.size());
    pick(problems, Severity::Error, most, picked);
    const auto errors = static_cast<std::size_t>(std::count(picked.begin(), picked.end(), true));
    pick(problems, Severity::Warning, most - errors, picked);
    const std::size_t all = count_mistakes(problems);
    std::vector<Problem> first;
    for (std::size_t i = 0; i < problems.size(); ++i) {
        if (picked[i]) first.push_back(std::move(problems[i]));
    }
    Problem rest = more_problems(all - first.size(), "");
    // One line, as nothing else stands in it.
    rest.error.message.append("; ").append(std::exchange(rest.error.hint, {}));
    first.push_back(std::move(rest));
    return first;
}

}  // namespace periodic
