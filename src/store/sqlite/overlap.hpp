#pragma once

/// @file
/// What an unfinished earlier job of an entry means for a new one, and skips that share a job.

#include <optional>
#include <vector>

#include "store/sqlite/row.hpp"

namespace periodic::sqlite {

/// Decides on overlap, within the caller's transaction.
class OverlapRule {
public:
    OverlapRule(Database& database, Time now, std::string_view by)
        : database_(database), now_(now), by_(by) {}

    struct Decision {
        bool skip = false;
        Serial serial = 0;  ///< whom it waits for
    };

    /// Decides for a job of `entry` before which the jobs below `id` came. `replace` ends those
    /// that wait and asks those that run to stop.
    Decision decide(std::int64_t entry, JobId id, Overlap overlap);

    /// Inserts a job as skipped, or counts it in the skipped job that its entry's latest
    /// occurrence became for the same reason. Answers the job that stands for it.
    JobId insert_skipped(Job job, Reason reason);

    /// Decides for all jobs planned ahead whose time has come; answers how many occurrences were
    /// skipped. If it has come only almost, for those alone that nothing holds up.
    std::int64_t decide_due(bool early);

    /// Running jobs that were asked to stop.
    [[nodiscard]] std::vector<JobId>& to_stop() noexcept { return to_stop_; }
    /// Occurrences of waiting jobs that were replaced; those of `decide_due` are in its answer.
    [[nodiscard]] std::int64_t replaced() const noexcept { return replaced_; }

private:
    [[nodiscard]] std::vector<std::pair<JobId, JobState>> unfinished_before(std::int64_t entry,
                                                                            JobId id);
    void replace(JobId id, JobState state);
    std::int64_t skip_queued(JobId id);
    /// The skipped job that the entry's latest occurrence became, if its reason is this one.
    [[nodiscard]] std::optional<Job> skip_to_share(std::int64_t entry, Reason reason, JobId but);
    void write_skipped(const Job& job);

    Database& database_;
    Time now_;
    std::string_view by_;
    std::vector<JobId> to_stop_{};
    std::int64_t replaced_ = 0;
};

}  // namespace periodic::sqlite
