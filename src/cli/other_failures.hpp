#pragma once

/// @file
/// What a run for one job met besides that job, and has to tell people.

#include <vector>

#include "cli/session.hpp"
#include "periodic/executor.hpp"

namespace periodic::cli {

/// Whoever runs one job has the home's lock, and does what is due when it is woken for that:
/// another `run` left it to him in silence, so that he has to say what became of it. Collected
/// while a job's log is shown, and told afterwards. Used by one thread.
class OtherFailures {
public:
    /// `own` is the job that is told of in another way.
    explicit OtherFailures(JobId own) : own_(own) {}

    /// Takes the failures and problems of one run; each is told once.
    void add(const RunReport& report);

    /// Prints to standard error what `run` prints there. Throws StorageError.
    void report(Session& session, const Jobs& jobs) const;

private:
    JobId own_;
    std::vector<JobId> failures_{};
    std::vector<Problem> problems_{};
};

}  // namespace periodic::cli
