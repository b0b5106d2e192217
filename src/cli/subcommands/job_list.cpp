/// job list: which jobs there are, newest first.

#include <algorithm>
#include <charconv>

#include "cli/exit_codes.hpp"
#include "cli/history.hpp"
#include "cli/job_document.hpp"
#include "cli/subcommands/all.hpp"
#include "cli/table.hpp"

namespace periodic::cli {
namespace {

constexpr std::int64_t kLargestPage = 5'000;
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

// Adds the ids that a word names; answers false if it names none but is a task's name.
Result<bool> add_ids(std::string_view word, std::vector<JobId>& ids) {
    const auto ends = range_ends(word);
    if (!ends && !is_digits(word)) return false;
    const auto first = parse_job_id(ends ? ends->first : word);
    const auto last = parse_job_id(ends ? ends->second : word);
    if (!first) return Failure(first.error());
    if (!last) return Failure(last.error());
    if (*last < *first || *last - *first >= kLargestRange) {
        return failure(ErrorCode::Usage, "'" + std::string(word) + "' is no range of ids",
                       "it goes from the lower to the higher, over at most 10000 ids");
    }
    for (JobId id = *first; id <= *last; ++id) ids.push_back(id);
    return true;
}

Result<std::vector<JobState>> parse_states(std::string_view list) {
    std::vector<JobState> states;
    while (true) {
        const auto comma = list.find(',');
        const auto word = list.substr(0, comma);
        const auto state = job_state_from(word);
        if (!state) {
            return failure(
                ErrorCode::Usage, "'" + std::string(word) + "' is no state",
                "states are idle, queued, running, succeeded, aborted, failed, stopped, skipped");
        }
        states.push_back(*state);
        if (comma == std::string_view::npos) return states;
        list.remove_prefix(comma + 1);
    }
}

class JobList final : public Subcommand {
public:
    void declare(Arguments& arguments) override {
        arguments.rest("TASK|ID|ID-ID", words_);
        arguments.text("--task", "TASK", task_, "jobs of this task");
        arguments.text("--group", "GROUP", group_, "jobs of this group");
        arguments.text("--topic", "TOPIC", topic_, "jobs of this topic");
        arguments.text("--phase", "PHASE", phase_, "jobs in this phase");
        arguments.text("--key", "KEY", key_, "jobs with this key");
        arguments.text("--state", "STATE[,STATE]", states_, "jobs in one of these states");
        arguments.number("-n,--limit", "N", limit_, {1, kLargestPage},
                         "jobs on a page (default 50)");
        arguments.text("--after", "CURSOR", after_,
                       "the page after this one: next_cursor of the page before");
        arguments.flag("--total", total_, "also count all that match");
    }

    Result<int> execute(Session& session) override {
        auto filter = make_filter();
        if (!filter) return Failure(filter.error());
        const auto store = open_history(session);
        if (!store) return Failure(store.error());
        const auto zone = session.zone();
        if (!zone) return Failure(zone.error());

        const int limit = filter->limit;
        ++filter->limit;  // one more tells whether there is a next page
        auto jobs = (*store)->page(*filter, session.clock().now());
        const bool more = jobs.size() > static_cast<std::size_t>(limit);
        if (more) jobs.pop_back();
        std::optional<std::int64_t> total;
        if (total_) {
            filter->before.reset();
            total = (*store)->count(*filter);
        }
        Zones zones(*zone);
        session.print(session.json() ? document(jobs, more, total, zones)
                                     : text(jobs, more, total, zones, session));
        return kFine;
    }

private:
    [[nodiscard]] Result<JobFilter> make_filter() const {
        JobFilter filter;
        filter.task = task_.value_or("");
        for (const auto& word : words_) {
            const auto ids = add_ids(word, filter.ids);
            if (!ids) return Failure(ids.error());
            if (*ids) continue;
            if (!filter.task.empty()) {
                return failure(ErrorCode::Usage, "unexpected argument '" + word + "'",
                               "one task at most");
            }
            filter.task = word;
        }
        if (states_) {
            auto states = parse_states(*states_);
            if (!states) return Failure(states.error());
            filter.states = std::move(*states);
        }
        if (after_) {
            const auto cursor = parse_job_id(*after_);
            if (!cursor)
                return failure(ErrorCode::Usage, "'" + *after_ + "' is no cursor",
                               "next_cursor of a page is");
            filter.before = *cursor;
        }
        filter.group = group_.value_or("");
        filter.topic = topic_.value_or("");
        filter.phase = phase_.value_or("");
        filter.key = key_.value_or("");
        filter.limit = static_cast<int>(limit_.value_or(50));
        return filter;
    }

    [[nodiscard]] static std::string document(const std::vector<Job>& jobs, bool more,
                                              std::optional<std::int64_t> total, Zones& zones) {
        JsonWriter json;
        json.object().key("jobs").array();
        for (const auto& job : jobs) write_job(json, job, zones);
        json.end().key("next_cursor");
        more ? json.integer(jobs.back().id) : json.null();
        json.key("total");
        total ? json.integer(*total) : json.null();
        return json.end().document();
    }

    [[nodiscard]] static std::string text(const std::vector<Job>& jobs, bool more,
                                          std::optional<std::int64_t> total, Zones& zones,
                                          Session& session) {
        Table table(
            {"ID", "STATE", "TASK", "GROUP", "TRY", "SCHEDULED", "STARTED", "TOOK", "REMARK"});
        table.align(0, Table::Align::Right);
        for (const auto& job : jobs) {
            const TimeZone& zone = zones.find(job.zone);
            table.add({std::to_string(job.id), std::string(to_string(job.state)), job.task,
                       job.group,
                       std::to_string(job.attempt) + '/' + std::to_string(job.max_attempts),
                       local_text(job.scheduled, zone), local_text(job.started, zone),
                       took_text(job, session.clock().now()), remark(job)});
        }
        std::string text = table.empty() ? std::string() : table.text(session.out());
        if (session.quiet()) return text;
        if (table.empty() && session.out().interactive) text += "No job matches.\n";
        if (more) text += "More: --after " + std::to_string(jobs.back().id) + '\n';
        if (total) text += "In all: " + std::to_string(*total) + '\n';
        return text;
    }

    std::vector<std::string> words_{};
    std::optional<std::string> task_{}, group_{}, topic_{}, phase_{}, key_{}, states_{}, after_{};
    std::optional<std::int64_t> limit_{};
    bool total_ = false;
};

}  // namespace

const SubcommandType kJobListCommand{.name = "job list",
                                     .summary = "Which jobs there are, newest first",
                                     .details =
                                         "Digits, and digits-digits, are always ids; any other "
                                         "word is a task. A filter that matches "
                                         "nothing is no error.",
                                     .examples =
                                         "periodic job list\n"
                                         "periodic job list backup --state failed,stopped\n"
                                         "periodic job list 100-120 --output json",
                                     .make = &make_subcommand<JobList>};

}  // namespace periodic::cli
