#include "cli/selectors.hpp"

#include <algorithm>
#include <string_view>
#include <utility>

#include "cli/history.hpp"
#include "cli/task_lookup.hpp"
#include "periodic/duration.hpp"
#include "periodic/time_zone.hpp"
#include "periodic/value.hpp"

namespace periodic::cli {
namespace {

constexpr std::int64_t kLargestRange = 10'000;

bool is_digits(std::string_view text) {
    return !text.empty() && text.find_first_not_of("0123456789") == std::string_view::npos;
}

// "5-9": both ends, if both are digits.
std::optional<std::pair<std::string_view, std::string_view>> range_ends(std::string_view word) {
    const auto dash = word.find('-');
    if (dash == std::string_view::npos) return std::nullopt;
    const auto first = word.substr(0, dash);
    const auto last = word.substr(dash + 1);
    if (!is_digits(first) || !is_digits(last)) return std::nullopt;
    return std::pair(first, last);
}

Result<void> add_range(std::string_view word, std::string_view from, std::string_view to,
                       std::vector<JobId>& ids) {
    const auto first = parse_job_id(from);
    const auto last = parse_job_id(to);
    if (!first) return Failure(first.error());
    if (!last) return Failure(last.error());
    if (*last < *first || *last - *first >= kLargestRange) {
        return failure(ErrorCode::Usage, "'" + std::string(word) + "' is no range of ids",
                       "it goes from the lower to the higher, over at most 10000 ids");
    }
    for (JobId id = *first; id <= *last; ++id) ids.push_back(id);
    return {};
}

// The words of a list with commas.
std::vector<std::string_view> split(std::string_view list) {
    std::vector<std::string_view> words;
    while (true) {
        const auto comma = list.find(',');
        words.push_back(list.substr(0, comma));
        if (comma == std::string_view::npos) return words;
        list.remove_prefix(comma + 1);
    }
}

Result<void> add_states(std::string_view list, std::vector<JobState>& states) {
    for (const auto word : split(list)) {
        const auto state = job_state_from(word);
        if (!state) {
            return failure(
                ErrorCode::Usage, "'" + std::string(word) + "' is no state",
                "states are idle, queued, running, succeeded, aborted, failed, stopped, skipped");
        }
        states.push_back(*state);
    }
    return {};
}

// A moment, or how long ago it was: "2h" is the same as "-2h" here.
Result<void> read_past(std::string_view option, const std::optional<std::string>& text, Time now,
                       std::optional<Time>& target) {
    if (!text) return {};
    if (const auto age = parse_duration(*text)) {
        target = now - *age;
        return {};
    }
    auto time = parse_time(*text, now);
    if (!time) {
        time.error().message = std::string(option) + ": " + time.error().message;
        time.error().hint =
            "a duration back from now: 2h, 7d; or 2026-03-29T03:00:00+02:00, or @1774746000 "
            "(seconds "
            "since 1970)";
        return Failure(time.error());
    }
    target = *time;
    return {};
}

Result<void> read_bound(const std::optional<std::string>& text, std::optional<JobId>& target) {
    if (!text) return {};
    const auto id = parse_job_id(*text);
    if (!id) return Failure(id.error());
    target = *id;
    return {};
}

void sort_without_repeats(std::vector<JobId>& ids) {
    std::sort(ids.begin(), ids.end());
    ids.erase(std::unique(ids.begin(), ids.end()), ids.end());
}

}  // namespace

void Selectors::declare(Arguments& arguments, std::string phase_option) {
    arguments.rest("ID|ID-ID|TASK", words_);
    arguments.text("--task", "TASK", task_, "jobs of this task");
    arguments.texts("--state", "STATE[,STATE]", states_, "jobs in one of these states");
    arguments.text(std::move(phase_option), "PHASE", phase_, "jobs in this phase");
    arguments.text("--group", "GROUP", group_, "jobs of this group");
    arguments.text("--topic", "TOPIC", topic_, "jobs of this topic");
    arguments.text("--key", "KEY", key_, "jobs with this key");
    arguments.texts("--not-id", "ID[,ID-ID]", not_ids_, "but not these");
    arguments.text("--above", "ID", above_, "jobs with higher ids");
    arguments.text("--below", "ID", below_, "jobs with lower ids");
    arguments.text("--older-than", "TIME", older_than_,
                   "jobs made before: a duration back (2h, 7d), RFC 3339 or @SECONDS");
    arguments.text("--newer-than", "TIME", newer_than_, "jobs made after");
}

void Selectors::declare_for_change(Arguments& arguments, std::string phase_option) {
    declare(arguments, std::move(phase_option));
    arguments.flag("--all", all_, "all jobs; without any selector nothing is done");
}

// Whether there is any. One with an empty value would select everything, which is never meant.
Result<bool> Selectors::has_options() const {
    bool any = !not_ids_.empty() || !states_.empty();
    for (const auto* option :
         {&task_, &group_, &topic_, &phase_, &key_, &above_, &below_, &older_than_, &newer_than_}) {
        if (!*option) continue;
        if ((*option)->empty()) return failure(ErrorCode::Usage, "a selector has an empty value");
        any = true;
    }
    return any;
}

Result<void> Selectors::read_words(Selection& selection) const {
    JobFilter& filter = selection.filter;
    for (const auto& word : words_) {
        if (const auto ends = range_ends(word)) {
            if (auto added = add_range(word, ends->first, ends->second, filter.ids); !added)
                return added;
        } else if (is_digits(word)) {
            const auto id = parse_job_id(word);
            if (!id) return Failure(id.error());
            filter.ids.push_back(*id);
            selection.named.push_back(*id);
        } else if (!is_task_name(word)) {
            return failure(ErrorCode::Usage, "'" + word + "' is neither an id nor a task's name",
                           "ids have blanks between them: 7 5-9");
        } else if (filter.task.empty()) {
            filter.task = word;
        } else {
            return failure(ErrorCode::Usage, "unexpected argument '" + word + "'",
                           "one task at most; several ids have blanks between them: 7 5-9");
        }
    }
    sort_without_repeats(filter.ids);
    sort_without_repeats(selection.named);
    if (static_cast<std::int64_t>(filter.ids.size()) > kLargestRange) {
        return failure(ErrorCode::Usage, "these are more than 10000 ids",
                       "--above and --below select many");
    }
    return {};
}

Result<void> Selectors::read_ids(JobFilter& filter) const {
    for (const auto& list : not_ids_) {
        for (const auto word : split(list)) {
            const auto ends = range_ends(word).value_or(std::pair(word, word));
            if (auto added = add_range(word, ends.first, ends.second, filter.not_ids); !added)
                return added;
        }
    }
    sort_without_repeats(filter.not_ids);
    if (auto read = read_bound(above_, filter.above); !read) return read;
    return read_bound(below_, filter.below);
}

Result<void> Selectors::read_times(JobFilter& filter, Time now) const {
    if (auto read = read_past("--older-than", older_than_, now, filter.created_before); !read)
        return read;
    return read_past("--newer-than", newer_than_, now, filter.created_after);
}

Result<Selection> Selectors::read(Time now) const {
    const auto options = has_options();
    if (!options) return Failure(options.error());
    Selection selection;
    JobFilter& filter = selection.filter;
    filter.task = task_.value_or("");
    if (auto words = read_words(selection); !words) return Failure(words.error());
    for (const auto& list : states_) {
        if (auto added = add_states(list, filter.states); !added) return Failure(added.error());
    }
    if (auto ids = read_ids(filter); !ids) return Failure(ids.error());
    if (auto times = read_times(filter, now); !times) return Failure(times.error());
    filter.group = group_.value_or("");
    filter.topic = topic_.value_or("");
    filter.phase = phase_.value_or("");
    filter.key = key_.value_or("");
    selection.narrow = *options || !words_.empty();
    const bool is_one = !*options && words_.size() == 1 && selection.named.size() == 1;
    if (is_one) selection.only_id = selection.named.front();
    return selection;
}

Result<Selection> Selectors::read_some(Time now) const {
    auto selection = read(now);
    if (!selection) return selection;
    if (selection->narrow && all_) {
        return failure(ErrorCode::Usage, "--all and other selectors exclude each other");
    }
    if (!selection->narrow && !all_) {
        return failure(ErrorCode::Usage, "no job is selected",
                       "give ids (7 5-9), a task, or options such as --state failed; --all is all");
    }
    return selection;
}

Result<void> check_task(Session& session, const Selection& selected,
                        const std::function<std::vector<Job>(const JobFilter&)>& history) {
    const std::string& task = selected.filter.task;
    if (task.empty()) return {};
    const auto home = session.home_of_jobs();
    if (!home) return Failure(home.error());
    const auto names = list_tasks(*home);
    if (names && std::find(names->begin(), names->end(), task) != names->end()) return {};
    if (!history({.task = task, .limit = 1}).empty()) return {};
    if (!names) return Failure(names.error());
    return no_such_task(task, *names);
}

}  // namespace periodic::cli
