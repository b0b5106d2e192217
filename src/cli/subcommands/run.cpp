/// run: plans and runs what is due; with a task, one job of it here and now.

#include <optional>
#include <string>
#include <vector>

#include "cli/caller.hpp"
#include "cli/exit_codes.hpp"
#include "cli/failed_jobs.hpp"
#include "cli/key_values.hpp"
#include "cli/new_job_options.hpp"
#include "cli/open_executor.hpp"
#include "cli/report_text.hpp"
#include "cli/run_task.hpp"
#include "cli/stop_signals.hpp"
#include "cli/subcommands/all.hpp"
#include "periodic/executor.hpp"

namespace periodic::cli {
namespace {

// With `--output json` a run prints its document in any case, also where it could not begin or
// broke off.
struct PromisedDocument {
    explicit PromisedDocument(Session& its_session) : session(its_session) {}
    PromisedDocument(const PromisedDocument&) = delete;
    PromisedDocument& operator=(const PromisedDocument&) = delete;
    ~PromisedDocument() {
        if (session.json()) session.print(report_document(report));
    }

    Session& session;
    RunReport report{};
};

class Run final : public Subcommand {
public:
    void declare(Arguments& arguments) override {
        arguments.optional("TASK", task_);
        arguments.rest("KEY=VALUE", parameters_);
        arguments.duration("--budget", budget_,
                           "start no more jobs after this time; those that run go on");
        arguments.number("--max-jobs", "N", max_jobs_, {0, 1'000'000'000}, "start at most N jobs");
        arguments.number("--concurrency", "N", concurrency_, {1, 1024},
                         "jobs at once (default: four for each core, from 8 to 64)");
        arguments.flag("--fail-if-locked", fail_if_locked_,
                       "exit 75, naming the holder, if another executor is at work");
        job_.declare(arguments);
    }

    Result<int> execute(Session& session) override {
        if (task_ && !is_task_name(*task_)) {
            return failure(ErrorCode::NotFound, "'" + *task_ + "' can't be a task's name",
                           "'periodic tasks' lists the tasks");
        }
        if (auto fits = check_fits(); !fits) return Failure(fits.error());
        auto options = job_.read();
        if (!options) return Failure(options.error());
        auto parameters = parse_key_values(parameters_, "parameter");
        if (!parameters) return Failure(parameters.error());
        std::optional<PromisedDocument> document;
        if (!task_) document.emplace(session);
        StopSignals signals;
        // What is due may be nothing, and then a thread would be a tenth of the run.
        if (task_) signals.start();
        Executor* at_work = nullptr;
        const auto last_words = [&](const RunReport& report) {
            if (!document) return kFailed;
            document->report = report;
            document.reset();
            if (!report.broken_by.empty()) return kFailed;  // nothing can be looked up
            return graver(tell(session, *at_work, report), kFailed);
        };
        auto executor = open_executor(
            session, {.concurrency = static_cast<int>(concurrency_.value_or(0)),
                      .log_to_people = session.err().interactive && !session.quiet() && !task_,
                      .hurry = signals.hurry(),
                      .first_wait = [&signals] { signals.start(); },
                      .last_words = last_words});
        if (!executor) return Failure(executor.error());
        at_work = &*executor;
        return task_ ? run_task(session, *executor, std::move(*parameters), std::move(*options),
                                signals.token())
                     : run_due(session, *executor, signals.token(), *document);
    }

private:
    // Whether the options are of a job, or of all that is due.
    [[nodiscard]] Result<void> check_fits() const {
        if (!task_ && !job_.first_given().empty()) {
            return failure(ErrorCode::Usage, job_.first_given() + " is for a single job",
                           "name its task: periodic run TASK");
        }
        const bool limits = budget_ || max_jobs_ || fail_if_locked_;
        if (task_ && limits) {
            return failure(
                ErrorCode::Usage,
                "--budget, --max-jobs and --fail-if-locked are for a run of all that is due",
                "leave them out, or the task");
        }
        return {};
    }

    Result<int> run_due(Session& session, Executor& executor, const std::stop_token& stop,
                        PromisedDocument& document) {
        const auto report = executor.run(
            {.budget = budget_,
             .max_jobs = max_jobs_,
             .stop = stop,
             .broken_off = [&](const RunReport& so_far) { document.report = so_far; }});
        if (!report) return Failure(report.error());
        document.report = *report;
        const int code = tell(session, executor, *report);
        return stop.stop_requested() && !report->locked ? graver(code, kFailed) : code;
    }

    [[nodiscard]] int tell(Session& session, Executor& executor, const RunReport& report) const {
        if (!session.json() && session.out().interactive && !session.quiet())
            session.print(report_summary(report));
        if (report.locked) return locked(session, report);
        int code = session.report_errors(report.problems);
        const bool bad = report.failed > 0 || report.stopped > 0 || !report.failures.empty();
        if (bad) code = graver(code, kFailed);
        return graver(code, report_failed_jobs(session, executor.jobs(), report.failures));
    }

    [[nodiscard]] int locked(Session& session, const RunReport& report) const {
        if (!fail_if_locked_) return kFine;
        return session.report(Error{.code = ErrorCode::Locked,
                                    .message = "another executor has the home: " + report.holder});
    }

    Result<int> run_task(Session& session, Executor& executor, Values parameters,
                         JobOptions options, std::stop_token stop) {
        options.by = caller();
        const Time begun = session.clock().now();
        const auto id = executor.jobs().add(*task_, std::move(parameters), options);
        if (!id) return Failure(id.error());
        if (const auto older = job_.tell_older(session, executor.jobs(), *id, begun)) {
            if (older->task == *task_) return run_and_tell(session, executor, *older, stop);
            return failure(ErrorCode::Conflict, "the key '" + older->key + "' is another task's",
                           "'periodic job show " + std::to_string(*id) + "' shows its job");
        }
        // Another executor may have begun it already: what counts is its first attempt.
        Job job;
        job.id = *id;
        return run_and_tell(session, executor, job, stop);
    }

    std::optional<std::string> task_{};
    std::vector<std::string> parameters_{};
    std::optional<std::chrono::seconds> budget_{};
    std::optional<std::int64_t> max_jobs_{}, concurrency_{};
    bool fail_if_locked_ = false;
    NewJobOptions job_{};
};

}  // namespace

const SubcommandType kRunCommand{
    .name = "run",
    .summary = "Plans and runs everything that is due, then exits; with TASK, one job of it now",
    .details =
        "Without TASK this is what the system's crontab calls each minute. Off a terminal it is "
        "silent "
        "but for what is broken, and for each job that finally failed one line and the end of its "
        "log. If "
        "another executor is at work, that one is told, and this one exits 0.\n"
        "SIGTERM and SIGINT stop what runs: such a job ends as stopped, or waits for the next run "
        "if its task says <onLost>retry</onLost>. A second one kills it. What does not end at all "
        "is left running 10 s later, and the next start settles it. --budget stops new starts in "
        "time.\n"
        "With TASK one job is added and one attempt of it is run, its log shown as it comes; the "
        "exit code is that of the attempt: 1 also where a retry is to come. --key, --group, "
        "--priority, --interval, --comment and --attribute are for that job, as with 'job add'; "
        "where an unfinished job of the task has the key, that one is run. --budget, --max-jobs "
        "and --fail-if-locked are for a run without TASK.\n"
        "Exit codes: 0 fine; 1 a job failed or was stopped; 2 wrong usage; 74 the store or disk is "
        "broken; 75 locked; 78 something in the home is broken, what was sound ran.",
    .examples =
        "* * * * * /usr/bin/periodic -C /srv/jobs run        # a line of the system's crontab\n"
        "periodic run --budget 50s --output json\n"
        "periodic run backup list=customers\n"
        "periodic run import file=/tmp/a.csv --key import-a --group imports",
    .make = &make_subcommand<Run>};

}  // namespace periodic::cli
