#include "base/first_problems.hpp"

#include <algorithm>
#include <charconv>
#include <string_view>
#include <utility>

namespace periodic {
namespace {

constexpr std::string_view kBefore = "and ";
constexpr std::string_view kAfter = " more problems";
constexpr std::string_view kAdvice = "mend those above first";

std::string more_text(std::size_t count) {
    return std::string(kBefore).append(std::to_string(count)).append(kAfter);
}

// What `more_problems` counted, read back: a problem passes through many hands, and has nothing but
// texts. 0 for any other.
std::size_t counted_in(const Error& error) {
    std::string_view text = error.message;
    if (error.line != 0 || !text.starts_with(kBefore)) return 0;
    text.remove_prefix(kBefore.size());
    std::size_t count = 0;
    const auto [rest, problem] = std::from_chars(text.data(), text.data() + text.size(), count);
    return problem == std::errc{} && error.message.starts_with(more_text(count)) ? count : 0;
}

// Moves up to `room` problems of a severity to the places that they have in the list.
void pick(std::vector<Problem>& from, Severity severity, std::size_t room,
          std::vector<bool>& picked) {
    for (std::size_t i = 0; i < from.size() && room > 0; ++i) {
        if (from[i].severity != severity || counted_in(from[i].error) != 0) continue;
        picked[i] = true;
        --room;
    }
}

}  // namespace

Problem more_problems(std::size_t count, std::string file) {
    Error error;
    error.message = more_text(count);
    error.hint = kAdvice;
    error.file = std::move(file);
    return {Severity::Error, std::move(error)};
}

std::size_t count_mistakes(const std::vector<Problem>& problems) {
    std::size_t count = 0;
    for (const Problem& each : problems) count += std::max<std::size_t>(counted_in(each.error), 1);
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
