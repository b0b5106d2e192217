/// job reset: deletes all jobs that do not run.

#include <iostream>

#include "cli/caller.hpp"
#include "cli/exit_codes.hpp"
#include "cli/job_changes.hpp"
#include "cli/json_writer.hpp"
#include "cli/open_executor.hpp"
#include "cli/password.hpp"
#include "cli/subcommands/all.hpp"
#include "periodic/executor.hpp"

namespace periodic::cli {
namespace {

JobFilter all_but_running() {
    JobFilter filter;
    filter.states = {JobState::Idle,   JobState::Queued,  JobState::Succeeded, JobState::Aborted,
                     JobState::Failed, JobState::Stopped, JobState::Skipped};
    return filter;
}

class JobReset final : public Subcommand {
public:
    void declare(Arguments& arguments) override {
        arguments.flag("--yes", yes_, "do not ask for the word");
        arguments.text("--password-file", "FILE", password_file_,
                       "the password is the first line of this file; - is standard input");
        arguments.flag("--dry-run", dry_run_, "only say how many it would be");
        arguments.flag("--hash", hash_,
                       "instead: read a new password, and print its hash for periodic.xml");
    }

    Result<int> execute(Session& session) override {
        if (hash_) return print_hash(session);
        const auto configuration = session.configuration();
        if (!configuration) return Failure(configuration.error());
        auto executor = open_executor(session, {});
        if (!executor) return Failure(executor.error());
        Jobs& jobs = executor->jobs();
        if (!dry_run_) {
            auto allowed = configuration->reset_hash.empty()
                               ? ask_word(session, jobs)
                               : ask_for_password(configuration->reset_hash);
            if (!allowed) return Failure(allowed.error());
        }
        const auto changes = change_jobs(session, jobs, JobAction::Delete, all_but_running(),
                                         {.by = caller(), .dry_run = dry_run_});
        return tell_changes(session, changes, {}, "deleted", dry_run_);
    }

private:
    [[nodiscard]] Result<int> print_hash(Session& session) const {
        const auto password = ask_password("New password: ", password_file_);
        if (!password) return Failure(password.error());
        if (!password_file_) {
            const auto again = ask_password("Once more: ", std::nullopt);
            if (!again) return Failure(again.error());
            if (*again != *password) return failure(ErrorCode::Usage, "the two are not the same");
        }
        const auto hash = hash_password(*password);
        if (!hash) return Failure(hash.error());
        if (session.json()) {
            JsonWriter json;
            session.print(json.object().key("hash").text(*hash).end().document());
        } else {
            session.print(*hash + '\n');
        }
        return kFine;
    }

    [[nodiscard]] Result<void> ask_for_password(const std::string& hash) const {
        const auto password = ask_password("Password: ", password_file_);
        if (!password) return Failure(password.error());
        const auto fits = password_fits(*password, hash);
        if (!fits) return Failure(fits.error());
        if (!*fits) return failure(ErrorCode::Conflict, "the password is wrong");
        return {};
    }

    [[nodiscard]] Result<void> ask_word(Session& session, const Jobs& jobs) const {
        if (yes_) return {};
        if (!session.err().interactive || !look_at_terminal(0).interactive) {
            return failure(ErrorCode::Usage, "this deletes all jobs that do not run",
                           "--yes says that it is meant");
        }
        session.complain("This deletes " + std::to_string(jobs.count(all_but_running())) +
                         " jobs with their logs. Type the word reset to go on: ");
        std::string word;
        std::getline(std::cin, word);
        if (word != "reset") return failure(ErrorCode::Usage, "nothing was deleted");
        return {};
    }

    std::optional<std::string> password_file_{};
    bool yes_ = false;
    bool dry_run_ = false;
    bool hash_ = false;
};

}  // namespace

const SubcommandType kJobResetCommand{
    .name = "job reset",
    .summary = "Deletes all jobs but those that run",
    .details =
        "With their logs, responses and events; what was due and has had its job is not run "
        "again. It asks for the word 'reset', unless --yes is given.\n"
        "Where periodic.xml has <reset hash=\"...\"/>, it asks for that password instead, and "
        "--yes "
        "does not help; --hash makes the hash.",
    .examples =
        "periodic job reset\n"
        "periodic job reset --yes --output json\n"
        "periodic job reset --hash",
    .make = &make_subcommand<JobReset>};

}  // namespace periodic::cli
