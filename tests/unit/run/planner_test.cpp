#include "run/planner.hpp"

#include <map>

#include <gtest/gtest.h>

namespace periodic {
namespace {

using namespace std::chrono_literals;
using std::chrono::sys_seconds;

// A Monday, 00:00 UTC.
const sys_seconds kMonday = std::chrono::sys_days(std::chrono::year(2026) / 3 / 2);

/// A home in memory: a crontab, tasks, marks.
class PlannerTest : public ::testing::Test {
protected:
    void use(std::string_view text) {
        crontab_ = Crontab();
        crontab_.add(text, "crontab", TimeZone::utc());
    }

    Task& task(const std::string& name) {
        Task& made = tasks_[name];
        made.name = name;
        return made;
    }

    void mark(sys_seconds watermark, std::int64_t start = 0) {
        marks_.assign(
            1,
            EntryMark{.id = crontab_.entries().at(0).id(), .watermark = watermark, .start = start});
    }

    Planning plan(sys_seconds now) {
        PlanningInput input;
        input.crontab = &crontab_;
        input.marks = &marks_;
        input.now = now;
        input.horizon = now;
        input.start = 77;
        input.start_time = start_time_;
        input.pauses = pauses_;
        if (stands_since_)
            input.stands_since = [this](const CrontabEntry&) { return stands_since_; };
        input.find_task = [this](std::string_view name) -> Result<const Task*> {
            ++asked_;
            const auto found = tasks_.find(std::string(name));
            if (found == tasks_.end()) return failure(ErrorCode::NotFound, "no such task");
            return &found->second;
        };
        input.find_definition = [this](std::int64_t) { return definition_; };
        return plan_entries(input);
    }

    Crontab crontab_;
    std::map<std::string, Task> tasks_;
    std::vector<EntryMark> marks_;
    std::vector<Pause> pauses_;
    std::string definition_;
    std::optional<sys_seconds> stands_since_;
    sys_seconds start_time_ = kMonday - std::chrono::hours(24);
    int asked_ = 0;
};

TEST_F(PlannerTest, BeginsANewEntryWhereItWasWritten) {
    use("50 14 * * * noop");
    task("noop");
    const sys_seconds written = kMonday + 14h + 49min + 2s;
    stands_since_ = written;
    const Planning planning = plan(kMonday + 14h + 50min + 1s);
    ASSERT_EQ(planning.plans.size(), 1U);
    EXPECT_FALSE(planning.plans[0].seen);
    ASSERT_EQ(planning.plans[0].jobs.size(), 1U);
    EXPECT_EQ(planning.plans[0].jobs[0].scheduled, kMonday + 14h + 50min);
    EXPECT_EQ(planning.plans[0].jobs[0].state, JobState::Queued);
    EXPECT_EQ(planning.plans[0].jobs[0].missed, 0);
    EXPECT_EQ(planning.plans[0].mark->watermark, kMonday + 14h + 50min + 1s);
}

TEST_F(PlannerTest, BeginsANewEntryNowIfTheClockWasAheadWhenItWasWritten) {
    use("* * * * * noop");
    task("noop");
    stands_since_ = kMonday + 48h;
    const Planning planning = plan(kMonday + 14h);
    ASSERT_EQ(planning.plans.size(), 1U);
    EXPECT_TRUE(planning.plans[0].jobs.empty());
    EXPECT_EQ(planning.plans[0].mark->watermark, kMonday + 14h);
}

TEST_F(PlannerTest, StartsANewEntryAtNowWithoutRunningThePast) {
    use("@hourly backup\n");
    const Planning planning = plan(kMonday + 90min);
    ASSERT_EQ(planning.plans.size(), 1U);
    EXPECT_FALSE(planning.plans[0].seen.has_value());
    EXPECT_EQ(planning.plans[0].mark->watermark, kMonday + 90min);
    EXPECT_TRUE(planning.plans[0].jobs.empty());
    EXPECT_EQ(planning.plans[0].definition, crontab_.entries()[0].definition());
    EXPECT_EQ(planning.next_due, kMonday + 2h);
    EXPECT_EQ(asked_, 0) << "a task is read only when it is due";
}

TEST_F(PlannerTest, WritesNothingWhileNothingIsDue) {
    use("@hourly backup\n");
    mark(kMonday);
    const Planning planning = plan(kMonday + 59min);
    EXPECT_TRUE(planning.plans.empty());
    EXPECT_EQ(planning.next_due, kMonday + 1h);
    EXPECT_EQ(asked_, 0);
}

TEST_F(PlannerTest, MakesOneJobOfADueOccurrence) {
    use("@hourly night:backup day=1\n");
    task("backup").priority = 5;
    mark(kMonday);
    const Planning planning = plan(kMonday + 1h);
    ASSERT_EQ(planning.plans.size(), 1U);
    EXPECT_EQ(planning.plans[0].mark->watermark, kMonday + 1h);
    ASSERT_EQ(planning.plans[0].jobs.size(), 1U);
    const Job& job = planning.plans[0].jobs[0];
    EXPECT_EQ(job.task, "backup");
    EXPECT_EQ(job.group, "night");
    EXPECT_EQ(job.priority, 5);
    EXPECT_EQ(job.scheduled, kMonday + 1h);
    EXPECT_EQ(job.available, Time(kMonday + 1h));
    EXPECT_EQ(job.missed, 0);
    EXPECT_EQ(job.parameters.at("day").text, "1");
    EXPECT_EQ(job.state, JobState::Queued);
}

TEST_F(PlannerTest, CatchesUpOnceWithTheLatestAndCountsTheOthers) {
    use("@hourly backup\n");
    task("backup");
    mark(kMonday);
    const Planning planning = plan(kMonday + 5h + 1s);
    ASSERT_EQ(planning.plans[0].jobs.size(), 1U);
    EXPECT_EQ(planning.plans[0].jobs[0].scheduled, kMonday + 5h);
    EXPECT_EQ(planning.plans[0].jobs[0].last_scheduled, kMonday + 1h) << "the other end";
    EXPECT_EQ(planning.plans[0].jobs[0].missed, 4);
}

TEST_F(PlannerTest, CatchesUpAllUpToTheLimitAndSkipsTheOlderOnRecord) {
    use("@hourly backup\n");
    task("backup").catch_up = {.kind = CatchUpPolicy::Kind::All, .limit = 3};
    mark(kMonday);
    const Planning planning = plan(kMonday + 10h);
    const auto& jobs = planning.plans[0].jobs;
    ASSERT_EQ(jobs.size(), 4U);
    EXPECT_EQ(jobs[0].state, JobState::Skipped);
    EXPECT_EQ(jobs[0].reason, Reason::Missed);
    EXPECT_EQ(jobs[0].scheduled, kMonday + 1h);
    EXPECT_EQ(jobs[0].last_scheduled, kMonday + 7h);
    EXPECT_EQ(jobs[0].missed, 7);
    EXPECT_EQ(jobs[1].scheduled, kMonday + 8h);
    EXPECT_EQ(jobs[3].scheduled, kMonday + 10h);
    EXPECT_EQ(jobs[3].missed, 0);
}

TEST_F(PlannerTest, CatchesUpNoneButWhatIsStillFresh) {
    use("@hourly backup\n");
    task("backup").catch_up = {.kind = CatchUpPolicy::Kind::None, .grace = 60s};
    mark(kMonday);
    Planning planning = plan(kMonday + 3h + 60s);
    ASSERT_EQ(planning.plans[0].jobs.size(), 2U);
    EXPECT_EQ(planning.plans[0].jobs[0].state, JobState::Skipped);
    EXPECT_EQ(planning.plans[0].jobs[0].missed, 2);
    EXPECT_EQ(planning.plans[0].jobs[1].scheduled, kMonday + 3h);

    planning = plan(kMonday + 3h + 61s);
    ASSERT_EQ(planning.plans[0].jobs.size(), 1U);
    EXPECT_EQ(planning.plans[0].jobs[0].state, JobState::Skipped);
    EXPECT_EQ(planning.plans[0].jobs[0].missed, 3);
    EXPECT_EQ(planning.plans[0].jobs[0].last_scheduled, kMonday + 3h);
}

TEST_F(PlannerTest, ForgetsOnRecordWhatIsOlderThanWithin) {
    use("@hourly backup\n");
    task("backup").catch_up = {.kind = CatchUpPolicy::Kind::Once, .within = 2h};
    mark(kMonday);
    const Planning planning = plan(kMonday + 10h);
    const auto& jobs = planning.plans[0].jobs;
    ASSERT_EQ(jobs.size(), 2U);
    EXPECT_EQ(jobs[0].state, JobState::Skipped);
    EXPECT_EQ(jobs[0].missed, 7);
    EXPECT_EQ(jobs[1].scheduled, kMonday + 10h);
    EXPECT_EQ(jobs[1].missed, 2);
}

TEST_F(PlannerTest, CountsYearsOfMissedMinutesWithoutListingThem) {
    use("* * * * * backup\n");
    task("backup");
    mark(kMonday);
    const Planning planning = plan(kMonday + std::chrono::days(3650));
    EXPECT_EQ(planning.plans[0].jobs[0].missed, 3650 * 1440 - 1);
}

TEST_F(PlannerTest, RecordsADueTaskThatIsBrokenAsOneFailedJob) {
    use("@hourly nothere\n");
    mark(kMonday);
    const Planning planning = plan(kMonday + 3h);
    ASSERT_EQ(planning.plans[0].jobs.size(), 1U);
    const Job& job = planning.plans[0].jobs[0];
    EXPECT_EQ(job.state, JobState::Failed);
    EXPECT_EQ(job.reason, Reason::Invalid);
    EXPECT_EQ(job.missed, 2);
    EXPECT_EQ(job.error, "no such task");
    ASSERT_EQ(planning.errors.size(), 1U);
}

TEST_F(PlannerTest, RecordsRefusedParametersAsAFailedJob) {
    use("@hourly backup day=x\n");
    task("backup").declares_parameters = true;
    mark(kMonday);
    const Planning planning = plan(kMonday + 1h);
    EXPECT_EQ(planning.plans[0].jobs.at(0).reason, Reason::Invalid);
    EXPECT_EQ(planning.errors.at(0).line, 1U);
}

TEST_F(PlannerTest, WaitsForAClockThatWentBackALittle) {
    use("@hourly backup\n");
    task("backup");
    mark(kMonday + 2h);
    EXPECT_TRUE(plan(kMonday + 1h).plans.empty());
    EXPECT_TRUE(plan(kMonday + 2h + 59min).plans.empty());
    EXPECT_EQ(plan(kMonday + 3h).plans.size(), 1U);
}

TEST_F(PlannerTest, BelievesAClockThatWentBackByThreeHours) {
    use("@hourly backup\n");
    mark(kMonday + 4h);
    const Planning planning = plan(kMonday + 1h);
    ASSERT_EQ(planning.plans.size(), 1U);
    EXPECT_EQ(planning.plans[0].mark->watermark, kMonday + 1h);
    EXPECT_TRUE(planning.plans[0].jobs.empty());
    EXPECT_NE(planning.plans[0].note, "");
    EXPECT_EQ(planning.next_due, kMonday + 2h);
}

TEST_F(PlannerTest, RecordsWhatARemovedEntryStillOwed) {
    use("@hourly backup\n");
    mark(kMonday);
    definition_ = crontab_.entries()[0].definition();
    use("");
    const Planning planning = plan(kMonday + 3h);
    ASSERT_EQ(planning.plans.size(), 1U);
    EXPECT_FALSE(planning.plans[0].mark.has_value());
    ASSERT_EQ(planning.plans[0].jobs.size(), 1U);
    EXPECT_EQ(planning.plans[0].jobs[0].reason, Reason::Removed);
    EXPECT_EQ(planning.plans[0].jobs[0].missed, 3);
    EXPECT_EQ(planning.plans[0].jobs[0].entry, marks_[0].id);
}

TEST_F(PlannerTest, RemovesNothingWhileALineDoesNotParse) {
    use("@hourly backup\n");
    mark(kMonday);
    use("@hourli backup\n");
    EXPECT_TRUE(plan(kMonday + 3h).plans.empty());
}

TEST_F(PlannerTest, RunsRebootEntriesOnceForEachStart) {
    use("@reboot warm-up\n");
    task("warm-up");
    mark(kMonday, 76);
    Planning planning = plan(kMonday + 1h);
    ASSERT_EQ(planning.plans.size(), 1U);
    ASSERT_EQ(planning.plans[0].jobs.size(), 1U);
    EXPECT_EQ(planning.plans[0].jobs[0].scheduled, start_time_);
    EXPECT_EQ(planning.plans[0].mark->start, 77);
    mark(kMonday, 77);
    EXPECT_TRUE(plan(kMonday + 1h).plans.empty());
}

TEST_F(PlannerTest, RunsAnUnseenRebootEntryOnlySoonAfterTheStart) {
    use("@reboot warm-up\n");
    task("warm-up");
    start_time_ = kMonday;
    EXPECT_EQ(plan(kMonday + 10min).plans.at(0).jobs.size(), 1U);
    EXPECT_EQ(plan(kMonday + 10min + 1s).plans.at(0).jobs.size(), 0U);
}

TEST_F(PlannerTest, CountsTheConcurrencyForEachValueOfItsKey) {
    use("@hourly sync host=a\n");
    task("sync").concurrency_key = "host";
    mark(kMonday);
    EXPECT_EQ(plan(kMonday + 1h).plans.at(0).jobs.at(0).concurrency_value, "host=a");
}

Pause pause_of(PauseScope scope, Time since, std::optional<Time> until = {}) {
    return {.scope = std::move(scope), .since = since, .until = until};
}

TEST_F(PlannerTest, SkipsWhatFallsInAPauseAndCatchesUpWithTheRest) {
    use("@hourly backup\n");
    task("backup");
    mark(kMonday);
    // The pause holds at 03:00, 04:00 and 05:00, no more at 06:00.
    pauses_ = {pause_of({}, kMonday + 2h + 1ms, kMonday + 6h)};
    const Planning planning = plan(kMonday + 8h);
    ASSERT_EQ(planning.plans[0].jobs.size(), 2U);
    const Job& paused = planning.plans[0].jobs[0];
    EXPECT_EQ(paused.state, JobState::Skipped);
    EXPECT_EQ(paused.reason, Reason::Paused);
    EXPECT_EQ(paused.scheduled, kMonday + 3h);
    EXPECT_EQ(paused.last_scheduled, kMonday + 5h);
    EXPECT_EQ(paused.missed, 3);
    const Job& job = planning.plans[0].jobs[1];
    EXPECT_EQ(job.state, JobState::Queued);
    EXPECT_EQ(job.scheduled, kMonday + 8h);
    EXPECT_EQ(job.missed, 4) << "01:00, 02:00, 06:00 and 07:00";
}

TEST_F(PlannerTest, SkipsAllThatIsDueWhileAPauseHolds) {
    use("@hourly backup\n");
    mark(kMonday);
    pauses_ = {pause_of({PauseScope::Kind::Task, "backup"}, kMonday)};
    const Planning planning = plan(kMonday + 2h);
    ASSERT_EQ(planning.plans[0].jobs.size(), 1U);
    EXPECT_EQ(planning.plans[0].jobs[0].reason, Reason::Paused);
    EXPECT_EQ(planning.plans[0].mark->watermark, kMonday + 2h);
    EXPECT_EQ(asked_, 0) << "a task that nothing is wanted of is not read";
    EXPECT_TRUE(planning.errors.empty());
}

TEST_F(PlannerTest, MakesOneSkippedJobOfEachRunOfPausedOccurrences) {
    use("@hourly backup\n");
    task("backup").catch_up.kind = CatchUpPolicy::Kind::All;
    mark(kMonday);
    // Two that overlap, and one later.
    pauses_ = {pause_of({}, kMonday + 6h, kMonday + 7h),
               pause_of({}, kMonday + 90min, kMonday + 4h + 1s),
               pause_of({PauseScope::Kind::Task, "backup"}, kMonday + 30min, kMonday + 3h)};
    const Planning planning = plan(kMonday + 7h);
    std::vector<std::pair<std::chrono::sys_seconds, JobState>> jobs;
    for (const Job& job : planning.plans[0].jobs) jobs.emplace_back(*job.scheduled, job.state);
    const std::vector<std::pair<std::chrono::sys_seconds, JobState>> expected{
        {kMonday + 1h, JobState::Skipped},
        {kMonday + 5h, JobState::Queued},
        {kMonday + 6h, JobState::Skipped},
        {kMonday + 7h, JobState::Queued}};
    EXPECT_EQ(jobs, expected);
    EXPECT_EQ(planning.plans[0].jobs[0].missed, 4);
}

struct ScopeCase {
    const char* reason;
    PauseScope scope;
    bool concerned;
};

class PauseScopeTest : public PlannerTest, public ::testing::WithParamInterface<ScopeCase> {};

TEST_P(PauseScopeTest, ConcernsAnEntryOrNot) {
    use("@hourly night:backup\n");
    task("backup").topic = "mail";
    mark(kMonday);
    pauses_ = {pause_of(GetParam().scope, kMonday)};
    const auto job = plan(kMonday + 1h).plans[0].jobs.at(0);
    EXPECT_EQ(job.state == JobState::Skipped, GetParam().concerned) << GetParam().reason;
}

INSTANTIATE_TEST_SUITE_P(
    Scopes, PauseScopeTest,
    ::testing::Values(ScopeCase{"all is all", {}, true},
                      ScopeCase{"its task", {PauseScope::Kind::Task, "backup"}, true},
                      ScopeCase{"another task", {PauseScope::Kind::Task, "night"}, false},
                      ScopeCase{"its group", {PauseScope::Kind::Group, "night"}, true},
                      ScopeCase{"another group", {PauseScope::Kind::Group, "backup"}, false},
                      ScopeCase{"the topic of its task", {PauseScope::Kind::Topic, "mail"}, true},
                      ScopeCase{"another topic", {PauseScope::Kind::Topic, "default"}, false}));

TEST_F(PlannerTest, CountsAnEndedPauseUntilItsEnd) {
    use("@hourly backup\n");
    task("backup");
    mark(kMonday);
    pauses_ = {pause_of({}, kMonday)};
    pauses_[0].ended = kMonday + 2h;
    const Planning planning = plan(kMonday + 3h);
    ASSERT_EQ(planning.plans[0].jobs.size(), 2U);
    EXPECT_EQ(planning.plans[0].jobs[0].missed, 1) << "01:00 alone";
    EXPECT_EQ(planning.plans[0].jobs[1].missed, 1) << "02:00";
}

TEST_F(PlannerTest, CountsAPauseOfYearsWithoutListingIt) {
    use("\"* * * * * *\" backup\n");
    task("backup");
    mark(kMonday);
    pauses_ = {pause_of({}, kMonday + 1s)};
    const auto years = std::chrono::days(3650);
    const Planning planning = plan(kMonday + years);
    ASSERT_EQ(planning.plans[0].jobs.size(), 1U);
    EXPECT_EQ(planning.plans[0].jobs[0].missed, std::chrono::seconds(years).count());
}

TEST_F(PlannerTest, SkipsAStartOfTheMachineInAPause) {
    use("@reboot warm-up\n");
    task("warm-up");
    mark(kMonday - 48h, 5);
    pauses_ = {pause_of({}, start_time_, start_time_ + 1s)};
    const auto jobs = plan(kMonday).plans.at(0).jobs;
    ASSERT_EQ(jobs.size(), 1U);
    EXPECT_EQ(jobs[0].reason, Reason::Paused);
}

}  // namespace
}  // namespace periodic
