#pragma once

/// @file
/// Which jobs a subcommand works on: the same words and options for all of them.

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "cli/arguments.hpp"
#include "cli/session.hpp"
#include "periodic/clock.hpp"
#include "periodic/error.hpp"
#include "periodic/job_store.hpp"

namespace periodic::cli {

/// What was selected.
struct Selection {
    JobFilter filter{};
    std::vector<JobId> named{};      ///< ids given one by one, not as a range: they must exist
    bool narrow = false;             ///< something was given; else it is all jobs
    std::optional<JobId> only_id{};  ///< one id, if that is all that was given
};

/// The selectors of one command line.
///
///     selectors.declare(arguments);
///     const auto selection = selectors.read_some(session.clock().now());
///     jobs.change(JobAction::Stop, selection->filter);
class Selectors {
public:
    /// For what shows jobs.
    void declare(Arguments& arguments) { declare(arguments, "--phase"); }
    /// For what changes jobs: none of them is an error, `--all` selects all. `--phase` may have
    /// another name where it means the new one.
    void declare_for_change(Arguments& arguments, std::string phase_option = "--phase");

    /// Error: Usage.
    [[nodiscard]] Result<Selection> read(Time now) const;
    /// The same, but something must have been selected.
    [[nodiscard]] Result<Selection> read_some(Time now) const;

private:
    void declare(Arguments& arguments, std::string phase_option);
    [[nodiscard]] Result<bool> has_options() const;
    [[nodiscard]] Result<void> read_words(Selection& selection) const;
    [[nodiscard]] Result<void> read_ids(JobFilter& filter) const;
    [[nodiscard]] Result<void> read_times(JobFilter& filter, Time now) const;

    std::vector<std::string> words_{}, not_ids_{}, states_{};
    std::optional<std::string> task_{}, group_{}, topic_{}, phase_{}, key_{};
    std::optional<std::string> above_{}, below_{}, older_than_{}, newer_than_{};
    bool all_ = false;
};

/// A task that was selected must be there: in the home, or in its history. Error: NotFound, with
/// the nearest one.
[[nodiscard]] Result<void> check_task(
    Session& session, const Selection& selected,
    const std::function<std::vector<Job>(const JobFilter&)>& history);

}  // namespace periodic::cli
