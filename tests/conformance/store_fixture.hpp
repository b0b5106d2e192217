#pragma once

/// @file
/// What the tests that every store must pass share.

#include <functional>
#include <map>
#include <memory>
#include <ostream>
#include <string>
#include <utility>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "periodic/job_store.hpp"
#include "store/sqlite/open_store.hpp"
#include "temporary_directory.hpp"

namespace periodic {

/// A kind of store under test. A new engine adds itself to `all_stores()` and passes, or is not
/// one.
struct StoreKind {
    std::string name;
    std::function<std::unique_ptr<JobStore>(const TemporaryDirectory&)> open;
};

inline void PrintTo(const StoreKind& kind, std::ostream* out) {
    *out << kind.name;
}

inline std::vector<StoreKind> all_stores() {
    return {{"sqlite",
             [](const TemporaryDirectory& directory) {
                 return open_sqlite_store({.path = directory.file("periodic.db")});
             }},
            {"sqlite_by_lanes",
             [](const TemporaryDirectory& directory) {
                 return sqlite::open_store({.path = directory.file("periodic.db")}, 0);
             }},
            {"memory", [](const TemporaryDirectory&) { return make_memory_store(); }}};
}

inline std::string store_name(const testing::TestParamInfo<StoreKind>& info) {
    return info.param.name;
}

inline constexpr Time kNow{std::chrono::milliseconds(1'700'000'000'000)};
inline constexpr std::int64_t kOwner = 1;
inline constexpr std::int64_t kWorker = 4242;

constexpr std::chrono::sys_seconds second(std::int64_t number) {
    return std::chrono::sys_seconds(std::chrono::seconds(1'600'000'000 + number));
}

constexpr EntryMark mark(std::int64_t entry, std::int64_t at) {
    return {.id = entry, .watermark = second(at)};
}

/// A queued job without a limit, as `job add` makes it.
inline Job job_of(std::string task) {
    Job job;
    job.task = std::move(task);
    job.concurrency = 0;
    job.created = kNow;
    return job;
}

/// An occurrence of an entry, queued and available.
inline Job occurrence(std::int64_t entry, std::int64_t at, Overlap overlap) {
    Job job = job_of("task-" + std::to_string(entry));
    job.entry = entry;
    job.scheduled = second(at);
    job.available = kNow;
    job.overlap = overlap;
    return job;
}

inline std::vector<JobId> ids_of(const std::vector<Job>& jobs) {
    std::vector<JobId> ids;
    for (const Job& job : jobs) ids.push_back(job.id);
    return ids;
}

inline std::vector<std::string> words_of(const std::vector<JobEvent>& events) {
    std::vector<std::string> words;
    for (const JobEvent& event : events) words.push_back(event.event);
    return words;
}

/// The end of an attempt of a claimed job.
inline Settlement end_of(Job job, JobState state, Reason reason = Reason::None, Time at = kNow) {
    Settlement end;
    job.state = state;
    job.reason = reason;
    if (is_final(state)) job.finished = at;
    end.job = std::move(job);
    end.event = {at, std::string(to_string(state)), "executor 1 pid 4242", ""};
    return end;
}

class StoreTest : public testing::TestWithParam<StoreKind> {
protected:
    StoreTest() : store_(GetParam().open(directory_)) {}

    JobStore& store() { return *store_; }

    JobId add(const Job& job) { return store().add(job, "somebody").id; }

    /// Adds many in one transaction, each as the only occurrence of an entry of its own.
    void add_all(int count, const Job& job) {
        std::vector<EntryPlan> plans;
        for (int i = 0; i < count; ++i) {
            EntryPlan& plan = plans.emplace_back();
            plan.id = ++last_entry_;
            plan.mark = mark(plan.id, 1);
            plan.jobs = {job};
            plan.jobs[0].entry = plan.id;
            plan.jobs[0].scheduled = second(1);
        }
        ASSERT_EQ(store().plan(plans, kNow, "planner").inserted, count);
    }

    std::vector<Job> claim(int limit, Time now = kNow, std::vector<std::string> topics = {}) {
        Turn turn;
        turn.claims = {{.owner = kOwner,
                        .worker = kWorker,
                        .now = now,
                        .limit = limit,
                        .topics = std::move(topics)}};
        return store().turn(turn).claimed;
    }

    std::vector<Job> claim_only(JobId id, Time now = kNow) {
        Turn turn;
        turn.claims = {{.owner = kOwner, .worker = kWorker, .now = now, .limit = 1, .only = id}};
        return store().turn(turn).claimed;
    }

    TurnResult settle(const Job& claimed, JobState state, Reason reason = Reason::None,
                      Time at = kNow) {
        Turn turn;
        turn.settlements.push_back(end_of(claimed, state, reason, at));
        return store().turn(turn);
    }

    TurnResult update(LiveUpdate update) {
        Turn turn;
        turn.updates.push_back(std::move(update));
        return store().turn(turn);
    }

    /// Plans jobs of one entry, moving its mark on by one.
    PlanResult plan(std::int64_t entry, std::vector<Job> jobs, Time now = kNow) {
        EntryPlan plan;
        plan.id = entry;
        plan.definition = "definition of " + std::to_string(entry);
        std::int64_t& at = marks_[entry];
        if (at != 0) plan.seen = mark(entry, at);
        plan.mark = mark(entry, ++at);
        plan.jobs = std::move(jobs);
        return store().plan({plan}, now, "planner");
    }

    Job find(JobId id, Time now = kNow) {
        auto job = store().find(id, now);
        EXPECT_TRUE(job.has_value()) << "job " << id;
        return job.value_or(Job{});
    }

    JobState state_of(JobId id) { return find(id).state; }

    TemporaryDirectory directory_{};

private:
    std::unique_ptr<JobStore> store_;
    std::map<std::int64_t, std::int64_t> marks_{};
    std::int64_t last_entry_ = 1'000'000;
};

}  // namespace periodic
