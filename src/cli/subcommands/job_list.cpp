/// job list: which jobs there are, newest first.

#include <algorithm>
#include <utility>

#include "base/utf8.hpp"
#include "cli/exit_codes.hpp"
#include "cli/history.hpp"
#include "cli/job_document.hpp"
#include "cli/selectors.hpp"
#include "cli/subcommands/all.hpp"
#include "cli/table.hpp"

namespace periodic::cli {
namespace {

constexpr std::int64_t kLargestPage = 5'000;

// "to=ada n=3": short ones are told apart by it.
std::string parameters_text(const Values& values) {
    constexpr std::size_t kLongest = 60;
    std::string text;
    for (const auto& [name, value] : values) {
        if (text.size() > kLongest) break;
        if (!text.empty()) text += ' ';
        text.append(name).append(1, '=').append(value.text, 0, kLongest);
    }
    return text.size() <= kLongest ? text : text.substr(0, utf8_cut(text, kLongest)) + "…";
}

class JobList final : public Subcommand {
public:
    void declare(Arguments& arguments) override {
        selectors_.declare(arguments);
        arguments.number("-n,--limit", "N", limit_, {1, kLargestPage},
                         "jobs on a page (default 50)");
        arguments.text("--after", "CURSOR", after_,
                       "the page after this one: next_cursor of the page before");
        arguments.flag("--total", total_, "also count all that match");
    }

    Result<int> execute(Session& session) override {
        const Time now = session.clock().now();
        const auto selection = selectors_.read(now);
        if (!selection) return Failure(selection.error());
        auto filter = make_filter(*selection);
        if (!filter) return Failure(filter.error());
        const auto store = open_history(session);
        if (!store) return Failure(store.error());
        const auto known = check_task(session, *selection, [&](const JobFilter& wanted) {
            return (*store)->page(wanted, now);
        });
        if (!known) return Failure(known.error());
        const auto zone = session.zone_of_jobs();
        if (!zone) return Failure(zone.error());

        const int limit = filter->limit;
        ++filter->limit;  // one more tells whether there is a next page
        auto jobs = (*store)->page(*filter, now);
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
    [[nodiscard]] Result<JobFilter> make_filter(const Selection& selection) const {
        JobFilter filter = selection.filter;
        if (after_) {
            const auto cursor = parse_job_id(*after_);
            if (!cursor)
                return failure(ErrorCode::Usage, "'" + *after_ + "' is no cursor",
                               "next_cursor of a page is");
            filter.before = *cursor;
        }
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
        const bool phases =
            std::ranges::any_of(jobs, [](const Job& job) { return job.phase.has_value(); });
        std::vector<std::string> head{"ID",        "STATE",   "TASK", "GROUP",      "TRY",
                                      "SCHEDULED", "STARTED", "TOOK", "PARAMETERS", "REMARK"};
        if (phases) head.insert(head.begin() + 3, "PHASE");
        Table table(std::move(head));
        table.align(0, Table::Align::Right);
        table.leave_out_empty();
        for (const auto& job : jobs) {
            const TimeZone& zone = zones.find(job.zone);
            std::vector<std::string> cells{
                std::to_string(job.id),
                std::string(to_string(job.state)),
                job.task,
                job.group,
                std::to_string(job.attempt) + '/' + std::to_string(job.max_attempts),
                local_text(job.scheduled, zone),
                local_text(job.started, zone),
                took_text(job, session.clock().now()),
                parameters_text(job.parameters),
                remark(job, &zone)};
            if (phases) cells.insert(cells.begin() + 3, job.phase.value_or(""));
            table.add(std::move(cells));
        }
        std::string text = table.empty() ? std::string() : table.text(session.out());
        if (session.quiet()) return text;
        if (table.empty() && session.out().interactive) text += "No job matches.\n";
        if (more) text += "More: --after " + std::to_string(jobs.back().id) + '\n';
        if (total) text += "In all: " + std::to_string(*total) + '\n';
        return text;
    }

    Selectors selectors_{};
    std::optional<std::string> after_{};
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
                                         "periodic job list --newer-than 1h --group mail\n"
                                         "periodic job list 100-120 --output json",
                                     .make = &make_subcommand<JobList>};

}  // namespace periodic::cli
