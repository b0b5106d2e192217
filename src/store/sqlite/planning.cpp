#include "store/sqlite/planning.hpp"

#include <algorithm>
#include <limits>
#include <numeric>
#include <utility>

#include "store/plan_rules.hpp"

namespace periodic::sqlite {

PlanResult Planning::carry_out(const std::vector<EntryPlan>& plans) {
    check_plans(plans);
    // Marks are moved in order of id, so that a first planning of very many appends to the table;
    // jobs are inserted in the order of the plans, because a claim prefers lower ids.
    std::vector<std::size_t> order(plans.size());
    std::iota(order.begin(), order.end(), 0U);
    std::sort(order.begin(), order.end(), [&plans](std::size_t a, std::size_t b) {
        return std::pair(plans[a].id, a) < std::pair(plans[b].id, b);
    });
    std::vector<bool> accepted(plans.size());
    for (const std::size_t i : order) accepted[i] = move_mark(plans[i]);

    for (std::size_t i = 0; i < plans.size(); ++i) {
        if (accepted[i]) {
            insert_jobs(plans[i]);
            note(plans[i].id, plans[i].note);
            continue;
        }
        ++result_.stale;
        for (const Job& job : plans[i].jobs) static_cast<void>(refuse_known(job));
    }
    result_.to_stop = std::move(overlap_.to_stop());
    result_.skipped += overlap_.replaced();
    return std::move(result_);
}

bool Planning::move_mark(const EntryPlan& plan) {
    if (plan.seen && plan.mark && *plan.seen == *plan.mark) {
        return database_
            .query("SELECT 1 FROM entry WHERE id = ?1 AND watermark = ?2 AND start = ?3", plan.id,
                   plan.seen->watermark, plan.seen->start)
            .step();
    }
    if (plan.seen && plan.mark) {
        return database_.run(
                   "UPDATE entry SET watermark = ?4, start = ?5"
                   " WHERE id = ?1 AND watermark = ?2 AND start = ?3",
                   plan.id, plan.seen->watermark, plan.seen->start, plan.mark->watermark,
                   plan.mark->start) == 1;
    }
    if (plan.seen) {
        return database_.run("DELETE FROM entry WHERE id = ?1 AND watermark = ?2 AND start = ?3",
                             plan.id, plan.seen->watermark, plan.seen->start) == 1;
    }
    if (plan.mark) {
        return database_.run(
                   "INSERT OR IGNORE INTO entry (id, watermark, start, definition) VALUES (?1, ?2, "
                   "?3, ?4)",
                   plan.id, plan.mark->watermark, plan.mark->start, plan.definition) == 1;
    }
    return !database_.query("SELECT 1 FROM entry WHERE id = ?1", plan.id).step();
}

bool Planning::refuse_known(const Job& job) {
    JobId met = 0;
    {
        auto row = database_.query("SELECT job FROM occurrence WHERE entry = ?1 AND scheduled = ?2",
                                   job.entry, *job.scheduled);
        if (!row.step()) return false;
        met = row.integer(0);
    }
    ++result_.refused;
    if (database_.query("SELECT 1 FROM job WHERE id = ?1", met).step()) {
        insert_event(database_, met, now_, "refused", by_, kRefusedOccurrence);
    }
    return true;
}

void Planning::insert_jobs(const EntryPlan& plan) {
    first_of_plan_ = 0;
    for (const Job& job : plan.jobs) {
        if (refuse_known(job)) {
            note(plan.id, note_of_refused(job));
            continue;
        }
        if (job.state == JobState::Queued) {
            insert_queued(job);
        } else {
            insert_final(job);
        }
    }
}

void Planning::insert_queued(const Job& job) {
    const bool ahead = job.available.value_or(job.created) > now_ && job.overlap != Overlap::Allow;
    const JobId before = first_of_plan_ != 0 ? first_of_plan_ : std::numeric_limits<JobId>::max();
    OverlapRule::Decision decision;
    if (!ahead) decision = overlap_.decide(job.entry, before, job.overlap);
    if (decision.skip) {
        occupy(job, overlap_.insert_skipped(job, Reason::Overlap));
        result_.skipped += occurrences_of(job);
        return;
    }
    Serial serial = ahead ? kUndecided : decision.serial;
    if (serial == 0) serial = first_of_plan_;
    const JobId id = insert_job(database_, job, serial);
    if (first_of_plan_ == 0) first_of_plan_ = id;
    insert_first_event(database_, id, now_, birth_event(job.state), by_, "");
    occupy(job, id);
    ++result_.inserted;
}

void Planning::insert_final(const Job& job) {
    if (job.state == JobState::Skipped) {
        occupy(job, overlap_.insert_skipped(job, job.reason));
        result_.skipped += occurrences_of(job);
        return;
    }
    const JobId id = insert_job(database_, job, 0);
    insert_first_event(database_, id, now_, birth_event(job.state), by_, job.error);
    occupy(job, id);
    result_.failed.push_back(id);
    ++result_.inserted;
}

void Planning::occupy(const Job& job, JobId id) {
    database_.run("INSERT INTO occurrence (entry, scheduled, job) VALUES (?1, ?2, ?3)", job.entry,
                  *job.scheduled, id);
}

void Planning::note(std::int64_t entry, const std::string& text) {
    if (text.empty()) return;
    database_.run(
        "INSERT INTO entry_event (entry, time, event, by, detail) VALUES (?1, ?2, 'note', ?3, ?4)",
        entry, now_, by_, text);
}

}  // namespace periodic::sqlite
