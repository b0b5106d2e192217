#pragma once

/// @file
/// What people's changes make of a job: pure, so that every store does the same.

#include <string>

#include "periodic/error.hpp"
#include "periodic/job_store.hpp"

namespace periodic {

/// The phase that a job begins in, and the one that ends it.
inline constexpr std::string_view kFirstPhase = "registered";
inline constexpr std::string_view kLastPhase = "terminated";

/// A job after a change.
struct ChangedJob {
    Job job{};
    bool deleted = false;
    std::string event{};  ///< empty: it is as it was
    std::string detail{};
};

/// Carries a change out on a job as it is now. Error: Conflict, for what its state forbids. That no
/// other unfinished job has the key of one that is retried, the store looks after.
[[nodiscard]] Result<ChangedJob> changed_by(const JobChange& change, Job job, Time now);

/// The end of an attempt of a job that was asked to end meanwhile: one that would have it queued
/// again stops it instead, so that no request is lost.
[[nodiscard]] Settlement heeding(Settlement settlement, Reason asked, const std::string& by);

/// "there is no job 7"
[[nodiscard]] std::string no_such_job(JobId id);

/// Why a job is not retried while another has its key.
[[nodiscard]] std::string key_is_taken(const Job& job, JobId other);

/// The answer for a job that was not changed.
[[nodiscard]] JobChanged refused(const Job& job, std::string message);

}  // namespace periodic
