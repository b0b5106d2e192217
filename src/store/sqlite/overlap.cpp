#include "store/sqlite/overlap.hpp"

#include <utility>

#include "store/plan_rules.hpp"

namespace periodic::sqlite {
OverlapRule::Decision OverlapRule::decide(std::int64_t entry, JobId id, Overlap overlap) {
    if (overlap == Overlap::Allow) return {};
    const auto earlier = unfinished_before(entry, id);
    if (earlier.empty()) return {};
    if (overlap == Overlap::Skip) return {.skip = true};
    if (overlap == Overlap::Replace) {
        for (const auto& [old, state] : earlier) replace(old, state);
    }
    return {.serial = kWaitsForAll};
}

std::vector<std::pair<JobId, JobState>> OverlapRule::unfinished_before(std::int64_t entry,
                                                                       JobId id) {
    std::vector<std::pair<JobId, JobState>> earlier;
    auto rows = database_.query(
        "SELECT id, state FROM job INDEXED BY job_entry WHERE entry = ?1 AND state < 3 AND id < ?2"
        " ORDER BY id",
        entry, id);
    while (rows.step())
        earlier.emplace_back(rows.integer(0), static_cast<JobState>(rows.integer(1)));
    return earlier;
}

void OverlapRule::replace(JobId id, JobState state) {
    if (state == JobState::Running) {
        const auto asked = database_.run("UPDATE job SET asked = ?2 WHERE id = ?1 AND asked = 0",
                                         id, static_cast<int>(Reason::Stopped));
        if (asked == 0) return;  // somebody asked it to end before
        database_.run("UPDATE job_detail SET asked_by = 'replace' WHERE id = ?1", id);
        insert_event(database_, id, now_, "asked", by_, kAskedByReplace);
        to_stop_.push_back(id);
        return;
    }
    Job job = load_job(database_, id).value();
    if (state == JobState::Idle) {
        job.state = JobState::Stopped;
        job.reason = Reason::Overlap;
        job.finished = now_;
    } else {
        replaced_ += occurrences_of(job);
        become_skipped(job, Reason::Overlap, now_);
    }
    write_skipped(job);
    insert_event(database_, id, now_, to_string(job.state), by_, kReplaced);
}

std::optional<Job> OverlapRule::skip_to_share(std::int64_t entry, Reason reason, JobId but) {
    JobId latest = 0;
    {
        auto row = database_.query(
            "SELECT job FROM occurrence WHERE entry = ?1 AND job <> ?2 ORDER BY scheduled DESC "
            "LIMIT 1",
            entry, but);
        if (!row.step()) return std::nullopt;
        latest = row.integer(0);
    }
    auto job = load_job(database_, latest);
    const bool same = job && job->state == JobState::Skipped && job->reason == reason;
    return same ? std::move(job) : std::nullopt;
}

void OverlapRule::write_skipped(const Job& job) {
    database_.run(
        "UPDATE job SET state = ?2, reason = ?3, finished = ?4, shelf = ?5, scheduled = ?6"
        " WHERE id = ?1",
        job.id, static_cast<int>(job.state), static_cast<int>(job.reason), job.finished,
        shelf_of(job.state), job.scheduled);
    database_.run("UPDATE job_detail SET missed = ?2, last_scheduled = ?3 WHERE id = ?1", job.id,
                  job.missed, job.last_scheduled);
}

JobId OverlapRule::insert_skipped(Job job, Reason reason) {
    if (auto shared = skip_to_share(job.entry, reason, 0)) {
        count_in(*shared, job, now_);
        write_skipped(*shared);
        return shared->id;
    }
    become_skipped(job, reason, now_);
    const JobId id = insert_job(database_, job, 0);
    insert_first_event(database_, id, now_, birth_event(job.state), by_, to_string(reason));
    return id;
}

std::int64_t OverlapRule::skip_queued(JobId id) {
    Job job = load_job(database_, id).value();
    const std::int64_t count = occurrences_of(job);
    if (auto shared = skip_to_share(job.entry, Reason::Overlap, id)) {
        count_in(*shared, job, now_);
        write_skipped(*shared);
        database_.run("UPDATE occurrence SET job = ?3 WHERE entry = ?1 AND scheduled = ?2",
                      job.entry, job.scheduled, shared->id);
        delete_job(database_, id);
        return count;
    }
    become_skipped(job, Reason::Overlap, now_);
    write_skipped(job);
    insert_event(database_, id, now_, "skipped", by_, to_string(job.reason));
    return count;
}

std::int64_t OverlapRule::decide_due(bool early) {
    struct Due {
        JobId id;
        std::int64_t entry;
        Overlap overlap;
    };
    std::vector<Due> due;
    {
        auto rows = database_.query(
            "SELECT j.id, j.entry, d.overlap FROM job AS j INDEXED BY job_undecided"
            " CROSS JOIN job_detail AS d ON d.id = j.id"
            " WHERE j.state = 1 AND j.serial < 0 AND j.available <= ?1 ORDER BY j.id",
            now_);
        while (rows.step()) {
            due.push_back(
                {rows.integer(0), rows.integer(1), static_cast<Overlap>(rows.integer(2))});
        }
    }
    std::int64_t skipped = 0;
    for (const auto& [id, entry, overlap] : due) {
        if (early && overlap != Overlap::Allow && !unfinished_before(entry, id).empty()) continue;
        const Decision decision = decide(entry, id, overlap);
        if (decision.skip) {
            skipped += skip_queued(id);
            continue;
        }
        const Job job = load_job(database_, id).value();
        database_.run("UPDATE job SET serial = ?2, lane = ?3 WHERE id = ?1", id, decision.serial,
                      lane_of(job, decision.serial));
    }
    return skipped + std::exchange(replaced_, 0);
}

}  // namespace periodic::sqlite
