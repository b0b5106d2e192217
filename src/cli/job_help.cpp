#include "cli/job_help.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include "cli/subcommand.hpp"

namespace periodic::cli {
namespace {

constexpr std::string_view kWhat =
    R"(Usage: periodic job COMMAND [ARGUMENT...]

A job is one task, tasks/TASK.xml, to be run once with parameters. It is on the
disk before 'job add' answers, and stays there with its log until its retention
is over. Nothing runs by itself: jobs are run by whoever executes. That is
'periodic run' in the system's crontab (it plans the crontab's jobs, runs all
that is due, and ends), 'periodic daemon' (each job on its instant; 'periodic
start' puts it into the background), 'job auto' where only short work is
allowed, or 'job run' by hand.

)";

constexpr std::string_view kFirstSteps =
    R"(  periodic init ~/jobs && cd ~/jobs          # a home: crontab, tasks/, var/
  periodic new mail                          # tasks/mail.xml; its comments tell all
  periodic run mail to=ada@example.org       # now: scripts find $PERIODIC_PARAM_TO
  periodic job add mail to=ada@example.org   # or queue it, and let cron run it:
  * * * * * /usr/bin/periodic -C ~/jobs run  # what is queued or due, each minute
)";

constexpr std::string_view kStates =
    R"(  job add --idle      job add, the crontab
        |                     |                   +--> succeeded
        v      job start      v                   +--> aborted   nothing to do
      idle --------------> queued ---> running ---+--> failed    no retry is left
                            | ^ ^         |       +--> stopped   job stop, job kill
                            | | |         |
                            | | +---------+     retry, reschedule, the next phase
                            | |
                            | +-- job retry, of what has ended: one of these five
                            |
                            +---> skipped       missed, overlapped or paused
)";

struct Section {
    std::string_view title;
    std::array<std::string_view, 5> names;  ///< of subcommands; empty: none
};

constexpr std::array<Section, 6> kSections{{
    {"Add and look", {"job add", "job list", "job show", "status", ""}},
    {"What it said", {"job log", "job response", "", "", ""}},
    {"Let run", {"job start", "job run", "job auto", "run", "daemon"}},
    {"End, and try again", {"job stop", "job kill", "job retry", "job edit", ""}},
    {"Tidy up", {"job delete", "job reset", "prune", "", ""}},
    {"Hold back", {"pause", "resume", "", "", ""}},
}};

constexpr std::string_view kSelectors =
    R"(  7 5-9             ids, and ranges of them     --task --group --topic --key
  mail              a task's name               --phase --state failed,stopped
  --not-id 7,9      but not these               --above ID  --below ID
  --older-than 7d   by when they were made      --newer-than 2026-01-31T12:00:00Z
  --all             all; else, without any selector, nothing is changed
  --dry-run         only says how many it would be
Without ids and --state: stop, kill and edit take what has not ended, start what
is idle, retry what failed or was stopped.
)";

constexpr std::string_view kExamples =
    R"(  periodic job add mail to=ada@example.org           # queue one; prints its id
  periodic job add report --wait && echo it is done  # exits with the job's result
  periodic job list --state failed --newer-than 1d   # what went wrong
  periodic job retry --state failed --task mail      # try those again
  periodic job log -f mail                           # follow the latest mail job
  periodic job show 12                               # why it failed, or waits
  periodic job stop 12                               # SIGTERM, later SIGKILL
  periodic job delete --state failed                 # forget what failed
  periodic pause --topic mail --until 2h             # hold a queue back
)";

constexpr std::string_view kElsewhere =
    R"(  dispatch, perform_async    job add mail to=ada@example.org
  delay(600), later()        job add mail --in 10m
  ShouldBeUnique             job add mail --key ada
  onQueue('mail')            the task's <topic>mail</topic>
  tries, backoff, timeout    the task's <retries> and <timeout>
  chains, batches            the task's <onSuccess>, or phases
  queue:work                 start, or daemon in the foreground
  queue:work --once          job auto
  --stop-when-empty          run
  queue:monitor, Horizon     status, job list --state queued,running, job log -f
  queue:failed               job list --state failed
  queue:retry 5, all         job retry 5, job retry --state failed
  queue:forget 5, flush      job delete 5, job delete --state failed
  queue:prune-failed         prune, job delete --state failed --older-than 2d
  queue:clear                job delete --state queued
  queue:pause, queue:resume  pause --topic mail, resume --topic mail
  a line of cron             a line of the home's crontab; see 'periodic next'
)";

std::string_view summary_of(std::string_view name) {
    const auto all = subcommands();
    const auto found =
        std::find_if(all.begin(), all.end(), [&](const auto* type) { return type->name == name; });
    return found == all.end() ? std::string_view() : (*found)->summary;
}

}  // namespace

std::string job_help(const Terminal& terminal) {
    constexpr std::size_t kIndent = 16;
    const std::size_t columns =
        terminal.width == 0 ? 100 : std::min<std::size_t>(terminal.width, 100);
    std::string text(kWhat);
    text.append(bold(terminal, "First steps:")).append("\n").append(kFirstSteps);
    text.append("\n").append(bold(terminal, "States:")).append("\n\n").append(kStates);
    for (const auto& section : kSections) {
        text += '\n' + bold(terminal, std::string(section.title) + ':') + '\n';
        for (const auto name : section.names) {
            if (name.empty()) continue;
            std::string line = "  " + std::string(name);
            line.append(kIndent - std::min(kIndent - 1, line.size()), ' ');
            text += wrapped(line.append(summary_of(name)), columns, kIndent) + '\n';
        }
    }
    text += '\n' + bold(terminal, "Which jobs, for list, start, stop, kill, retry, edit, delete:") +
            '\n' + std::string(kSelectors);
    text += '\n' + bold(terminal, "Examples:") + '\n' + std::string(kExamples);
    text += '\n' + bold(terminal, "For those who know queues and cron:") + '\n' +
            std::string(kElsewhere);
    return text +
           "\nExit codes: 0 fine; 1 a job failed or was stopped, an id or task does not exist,\n"
           "or its state forbids what was asked; 2 wrong usage, a refused parameter, nothing\n"
           "selected. --output json gives what is printed as a document; errors go to\n"
           "standard error. 'periodic job COMMAND --help' says more.\n";
}

}  // namespace periodic::cli
