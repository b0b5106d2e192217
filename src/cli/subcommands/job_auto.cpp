/// job auto: a few attempts of due jobs, one after the other.

#include "cli/exit_codes.hpp"
#include "cli/failed_jobs.hpp"
#include "cli/job_changes.hpp"
#include "cli/open_executor.hpp"
#include "cli/report_text.hpp"
#include "cli/stop_signals.hpp"
#include "cli/subcommands/all.hpp"
#include "periodic/executor.hpp"

namespace periodic::cli {
namespace {

Result<StepRule> parse_rule(const std::string& text) {
    const auto colon = text.rfind(':');
    const std::string order = colon == std::string::npos ? "" : text.substr(colon + 1);
    if (colon == 0 || (order != "oldest" && order != "newest")) {
        return failure(ErrorCode::Usage, "'" + text + "' is no rule",
                       "a rule is PHASE:oldest or PHASE:newest");
    }
    return StepRule{.phase = text.substr(0, colon), .newest = order == "newest"};
}

class JobAuto final : public Subcommand {
public:
    void declare(Arguments& arguments) override {
        arguments.number("--execute", "N", execute_, {1, 1'000'000}, "attempts (default 1)");
        arguments.texts(
            "--rule", "PHASE:oldest|newest", rules_,
            "which phase's jobs go first, and which of them; of several rules the first "
            "that has a due job counts");
        arguments.flag("--latest", latest_, "the newest job first, instead of the oldest");
        arguments.flag("--dry-run", dry_run_, "only say which jobs it would be");
    }

    Result<int> execute(Session& session) override {
        StepOptions options{.jobs = execute_.value_or(1), .latest = latest_, .dry_run = dry_run_};
        for (const auto& text : rules_) {
            auto rule = parse_rule(text);
            if (!rule) return Failure(rule.error());
            options.rules.push_back(std::move(*rule));
        }
        StopSignals signals;
        signals.start();
        options.stop = signals.token();
        const bool log_to_people = session.err().interactive && !session.quiet() && !dry_run_;
        auto executor =
            open_executor(session, {.log_to_people = log_to_people, .hurry = signals.hurry()});
        if (!executor) return Failure(executor.error());
        const auto step = executor->step(options);
        if (!step) return Failure(step.error());
        tell(session, executor->jobs(), *step);
        int code = session.report_errors(step->report.problems);
        const RunReport& report = step->report;
        const bool bad = report.failed > 0 || report.stopped > 0 || !report.failures.empty();
        if (bad || options.stop.stop_requested()) code = graver(code, kFailed);
        return graver(code, report_failed_jobs(session, executor->jobs(), report.failures));
    }

private:
    // As 'run' does, it keeps silent where nobody reads: it is called each minute.
    void tell(Session& session, const Jobs& jobs, const StepReport& step) const {
        if (session.json()) {
            JsonWriter json;
            write_changes(json, step.jobs);
            session.print(json.document());
        } else if (dry_run_) {
            for (const JobId id : step.jobs.ids) session.print(job_line(jobs, id));
        } else if (session.out().interactive && !session.quiet()) {
            session.print(step.report.locked
                              ? "Another executor is at work: " + step.report.holder + ".\n"
                              : report_summary(step.report));
        }
    }

    [[nodiscard]] static std::string job_line(const Jobs& jobs, JobId id) {
        std::string text = std::to_string(id);
        if (const auto job = jobs.find(id)) {
            text += "  " + job->task;
            if (job->phase) text += "  " + *job->phase;
        }
        return printable(text) + '\n';
    }

    std::optional<std::int64_t> execute_{};
    std::vector<std::string> rules_{};
    bool latest_ = false;
    bool dry_run_ = false;
};

}  // namespace

const SubcommandType kJobAutoCommand{
    .name = "job auto",
    .summary =
        "Runs a few due jobs, one attempt each: the step for hosts that allow short work only",
    .details =
        "One job by default, idle ones too: the highest priority, then the oldest. A job with "
        "phases does one phase. The crontab is not planned; 'periodic run' does that. Off a "
        "terminal it is as silent as 'run', and if another executor is at work it does nothing.\n"
        "Exit codes: 0 also if nothing was due; 1 an attempt failed for good or was stopped.",
    .examples =
        "* * * * * /usr/bin/periodic -C ~/jobs job auto   # in the system's crontab\n"
        "periodic job auto --execute 5 --latest\n"
        "periodic job auto --rule sending:oldest --rule registered:newest --dry-run",
    .make = &make_subcommand<JobAuto>};

}  // namespace periodic::cli
