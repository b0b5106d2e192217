#include "store/sqlite/overlap.hpp"

#include <algorithm>
#include <utility>

namespace periodic::sqlite {
namespace {

// How many occurrences a job stands for.
std::int64_t occurrences_of(const Job& job) noexcept {
    return job.state == JobState::Skipped ? std::max<std::int64_t>(job.missed, 1) : job.missed + 1;
}

// Skipped jobs say how many they stand for only if it is several.
void become_skipped(Job& job, Reason reason) {
    const std::int64_t count = occurrences_of(job);
    job.missed = count > 1 ? count : 0;
    if (count > 1 && !job.last_scheduled) job.last_scheduled = job.scheduled;
    job.state = JobState::Skipped;
    job.reason = reason;
}

}  // namespace

OverlapRule::Decision OverlapRule::decide(std::int64_t entry, JobId id, Overlap overlap) {
    if (overlap == Overlap::Allow) return {};
    std::vector<std::pair<JobId, JobState>> earlier;
    {
        auto rows = database_.query(
            "SELECT id, state FROM job WHERE entry = ?1 AND state < 3 AND id < ?2 ORDER BY id",
            entry, id);
        while (rows.step()) {
            earlier.emplace_back(rows.integer(0), static_cast<JobState>(rows.integer(1)));
        }
    }
    if (earlier.empty()) return {};
    if (overlap == Overlap::Skip) return {.skip = true};
    if (overlap == Overlap::Replace) {
        for (const auto& [old, state] : earlier) replace(old, state);
    }
    return {.serial = kWaitsForAll};
}

void OverlapRule::replace(JobId id, JobState state) {
    if (state == JobState::Running) {
        const auto asked = database_.run("UPDATE job SET asked = ?2 WHERE id = ?1 AND asked = 0",
                                         id, static_cast<int>(Reason::Stopped));
        if (asked == 0) return;  // somebody asked it to end before
        database_.run("UPDATE job_detail SET asked_by = 'replace' WHERE id = ?1", id);
        insert_event(database_, id, now_, "asked", by_, "stop: replaced by the next occurrence");
        to_stop_.push_back(id);
        return;
    }
    const JobState end = state == JobState::Idle ? JobState::Stopped : JobState::Skipped;
    database_.run("UPDATE job SET state = ?2, reason = ?3, finished = ?4 WHERE id = ?1", id,
                  static_cast<int>(end), static_cast<int>(Reason::Overlap), now_);
    insert_event(database_, id, now_, to_string(end), by_,
                 "overlap: replaced by the next occurrence");
}

JobId OverlapRule::skip_to_share(std::int64_t entry, Reason reason, JobId but) {
    auto row = database_.query(
        "SELECT j.id, j.state, j.reason FROM occurrence AS o JOIN job AS j ON j.id = o.job"
        " WHERE o.entry = ?1 AND o.job <> ?2 ORDER BY o.scheduled DESC LIMIT 1",
        entry, but);
    if (!row.step()) return 0;
    const bool same = row.integer(1) == static_cast<int>(JobState::Skipped) &&
                      row.integer(2) == static_cast<int>(reason);
    return same ? row.integer(0) : 0;
}

void OverlapRule::count_in(JobId skipped, std::int64_t count, std::chrono::sys_seconds last) {
    database_.run(
        "UPDATE job_detail SET missed = max(missed, 1) + ?2,"
        " last_scheduled = max(coalesce(last_scheduled, ?3), ?3) WHERE id = ?1",
        skipped, count, last);
    database_.run("UPDATE job SET finished = ?2 WHERE id = ?1", skipped, now_);
}

JobId OverlapRule::insert_skipped(Job job, Reason reason) {
    if (const JobId shared = skip_to_share(job.entry, reason, 0); shared != 0) {
        count_in(shared, occurrences_of(job), job.last_scheduled.value_or(*job.scheduled));
        return shared;
    }
    become_skipped(job, reason);
    job.finished = now_;
    const JobId id = insert_job(database_, job, 0);
    insert_event(database_, id, now_, "skipped", by_, to_string(reason));
    return id;
}

void OverlapRule::skip_queued(JobId id, std::int64_t entry) {
    Job job = load_job(database_, id).value();
    if (const JobId shared = skip_to_share(entry, Reason::Overlap, id); shared != 0) {
        count_in(shared, occurrences_of(job), *job.scheduled);
        database_.run("UPDATE occurrence SET job = ?3 WHERE entry = ?1 AND scheduled = ?2", entry,
                      *job.scheduled, shared);
        delete_job(database_, id);
        return;
    }
    become_skipped(job, Reason::Overlap);
    database_.run("UPDATE job SET state = ?2, reason = ?3, finished = ?4 WHERE id = ?1", id,
                  static_cast<int>(job.state), static_cast<int>(job.reason), now_);
    database_.run("UPDATE job_detail SET missed = ?2, last_scheduled = ?3 WHERE id = ?1", id,
                  job.missed, job.last_scheduled);
    insert_event(database_, id, now_, "skipped", by_, to_string(job.reason));
}

std::int64_t OverlapRule::decide_due() {
    struct Due {
        JobId id;
        std::int64_t entry;
        Overlap overlap;
    };
    std::vector<Due> due;
    {
        auto rows = database_.query(
            "SELECT j.id, j.entry, d.overlap FROM job AS j CROSS JOIN job_detail AS d ON d.id = "
            "j.id"
            " WHERE j.state = 1 AND j.serial < 0 AND j.available <= ?1 ORDER BY j.id",
            now_);
        while (rows.step()) {
            due.push_back(
                {rows.integer(0), rows.integer(1), static_cast<Overlap>(rows.integer(2))});
        }
    }
    std::int64_t skipped = 0;
    for (const auto& [id, entry, overlap] : due) {
        const Decision decision = decide(entry, id, overlap);
        if (decision.skip) {
            skip_queued(id, entry);
            ++skipped;
            continue;
        }
        const Job job = load_job(database_, id).value();
        database_.run("UPDATE job SET serial = ?2, lane = ?3 WHERE id = ?1", id, decision.serial,
                      lane_of(job, decision.serial));
    }
    return skipped;
}

}  // namespace periodic::sqlite
