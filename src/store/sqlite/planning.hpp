#pragma once

/// @file
/// Carries out plans: marks move, occurrences become jobs.

#include <string_view>
#include <vector>

#include "periodic/job_store.hpp"
#include "store/sqlite/overlap.hpp"

namespace periodic::sqlite {

/// One planning, within the caller's transaction.
class Planning {
public:
    Planning(Database& database, Time now, std::string_view by)
        : database_(database), now_(now), by_(by), overlap_(database, now, by) {}

    [[nodiscard]] PlanResult carry_out(const std::vector<EntryPlan>& plans);

private:
    [[nodiscard]] bool move_mark(const EntryPlan& plan);
    void insert_jobs(const EntryPlan& plan);
    void insert_queued(const Job& job);
    void insert_final(const Job& job);
    [[nodiscard]] bool refuse_known(const Job& job);
    void occupy(const Job& job, JobId id);
    void note(std::int64_t entry, const std::string& text);

    Database& database_;
    Time now_;
    std::string_view by_;
    OverlapRule overlap_;
    PlanResult result_{};
    JobId first_of_plan_ = 0;  ///< of the queued ones of the present plan
};

}  // namespace periodic::sqlite
