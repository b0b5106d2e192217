#pragma once

/// @file
/// Subcommands that do one thing with all jobs that are selected.

#include <cstdint>
#include <string>
#include <string_view>

#include "cli/json_writer.hpp"
#include "cli/selectors.hpp"
#include "cli/subcommand.hpp"
#include "periodic/jobs.hpp"

namespace periodic::cli {

/// Writes `{"matched", "changed", "ids", "refused"}`.
void write_changes(JsonWriter& json, const JobsChanged& changes);

/// As Jobs::change; on a terminal it shows how far it is.
[[nodiscard]] JobsChanged change_jobs(Session& session, Jobs& jobs, JobAction action,
                                      const JobFilter& filter, const ChangeOptions& options,
                                      const JobEdit& edit = {});

/// Tells what came of a change: on standard output how many, on standard error why not, or all as
/// JSON. `done` is a participle: "stopped"; `running` of them were only asked to. Answers the exit
/// code: 1 if a job that was given by its id was refused, or nothing but refused; an id within a
/// range that no job has is nothing.
[[nodiscard]] int tell_changes(Session& session, JobsChanged changes, const Selection& selection,
                               std::string_view done, bool dry_run, std::int64_t running = 0);

/// A subcommand of selectors and `--dry-run`.
class ChangeJobs : public Subcommand {
public:
    ChangeJobs(JobAction action, std::string_view done) : action_(action), done_(done) {}

    void declare(Arguments& arguments) override { declare_selection(arguments, "--phase"); }
    Result<int> execute(Session& session) override;

protected:
    /// The selectors, with another name for `--phase` where that is the new one.
    void declare_selection(Arguments& arguments, std::string phase_option);

    /// Does it and tells of it.
    [[nodiscard]] Result<int> change(Session& session, Jobs& jobs, const Selection& selection,
                                     const JobEdit& edit = {}) const;

    /// What is done with the selection that `execute` read.
    virtual Result<int> act(Session& session, Jobs& jobs, const Selection& selection);

    /// Tells of it: 1 if a job that was given by its id was refused.
    [[nodiscard]] int tell(Session& session, const JobsChanged& changes,
                           const Selection& selection) const {
        return tell_changes(session, changes, selection, done_, dry_run_);
    }

    [[nodiscard]] bool dry_run() const noexcept { return dry_run_; }

private:
    Selectors selectors_{};
    JobAction action_;
    std::string_view done_;
    bool dry_run_ = false;
};

}  // namespace periodic::cli
