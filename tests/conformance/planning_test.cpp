#include "conformance/store_fixture.hpp"

namespace periodic {
namespace {

using namespace std::chrono_literals;
using testing::ValuesIn;

class Planning : public StoreTest {};
INSTANTIATE_TEST_SUITE_P(Stores, Planning, ValuesIn(all_stores()), store_name);

EntryPlan plan_of(std::int64_t entry, std::optional<EntryMark> seen,
                  std::optional<EntryMark> next) {
    EntryPlan plan;
    plan.id = entry;
    plan.definition = "definition of " + std::to_string(entry);
    plan.seen = seen;
    plan.mark = next;
    return plan;
}

TEST_P(Planning, KeepsTheMarkOfANewEntry) {
    const auto result =
        store().plan({plan_of(7, {}, EntryMark{7, second(5), 99})}, kNow, "planner");
    EXPECT_EQ(result.stale, 0);
    EXPECT_EQ(store().entry_marks(), (std::vector<EntryMark>{{7, second(5), 99}}));
    EXPECT_EQ(store().entry_definition(7), "definition of 7");
    EXPECT_EQ(store().entry_definition(8), "");
}

TEST_P(Planning, AnswersMarksInOrderOfId) {
    static_cast<void>(store().plan(
        {plan_of(9, {}, mark(9, 1)), plan_of(-3, {}, mark(-3, 1)), plan_of(4, {}, mark(4, 1))},
        kNow, "planner"));
    EXPECT_EQ(store().entry_marks(), (std::vector<EntryMark>{mark(-3, 1), mark(4, 1), mark(9, 1)}));
}

TEST_P(Planning, MovesAMarkThatIsAsItWasSeen) {
    static_cast<void>(store().plan({plan_of(7, {}, mark(7, 1))}, kNow, "planner"));
    EXPECT_EQ(store().plan({plan_of(7, mark(7, 1), mark(7, 2))}, kNow, "planner").stale, 0);
    EXPECT_EQ(store().entry_marks(), std::vector{mark(7, 2)});
    EXPECT_EQ(store().entry_definition(7), "definition of 7");
}

TEST_P(Planning, KeepsAMarkThatStaysAndInsertsItsJobs) {
    static_cast<void>(store().plan({plan_of(7, {}, mark(7, 1))}, kNow, "planner"));
    EntryPlan plan = plan_of(7, mark(7, 1), mark(7, 1));
    plan.jobs.push_back(occurrence(7, 1, Overlap::Skip));
    EXPECT_EQ(store().plan({plan}, kNow, "planner").inserted, 1);
    EXPECT_EQ(store().entry_marks(), std::vector{mark(7, 1)});
}

struct StaleCase {
    const char* why;
    std::optional<EntryMark> seen;
    std::optional<EntryMark> next;
};

TEST_P(Planning, RefusesAWholePlanOfWhichTheMarkHasMoved) {
    static_cast<void>(store().plan({plan_of(7, {}, mark(7, 5))}, kNow, "planner"));
    const std::vector<StaleCase> cases{
        {"seen as new, but known", {}, mark(7, 6)},
        {"seen with an older watermark", mark(7, 4), mark(7, 6)},
        {"seen with another start", EntryMark{7, second(5), 1}, mark(7, 6)},
        {"seen with an older watermark, to be dropped", mark(7, 4), {}},
        {"seen with an older watermark, to be kept", mark(7, 4), mark(7, 4)},
        {"seen as new, to be dropped", {}, {}},
    };
    for (const StaleCase& stale : cases) {
        SCOPED_TRACE(stale.why);
        EntryPlan plan = plan_of(7, stale.seen, stale.next);
        plan.note = "never kept";
        plan.jobs.push_back(occurrence(7, 6, Overlap::Skip));
        const auto result = store().plan({plan}, kNow, "planner");
        EXPECT_EQ(result.stale, 1);
        EXPECT_EQ(result.inserted, 0);
        EXPECT_EQ(store().entry_marks(), std::vector{mark(7, 5)});
        EXPECT_EQ(store().count({}), 0);
        EXPECT_TRUE(store().entry_events(7).empty());
    }
}

TEST_P(Planning, RefusesOnlyTheStalePlanOfSeveral) {
    static_cast<void>(store().plan({plan_of(7, {}, mark(7, 5))}, kNow, "planner"));
    EntryPlan stale = plan_of(7, {}, mark(7, 6));
    stale.jobs.push_back(occurrence(7, 6, Overlap::Skip));
    EntryPlan sound = plan_of(8, {}, mark(8, 6));
    sound.jobs.push_back(occurrence(8, 6, Overlap::Skip));
    const auto result = store().plan({stale, sound}, kNow, "planner");
    EXPECT_EQ(std::pair(result.stale, result.inserted),
              std::pair(std::int64_t{1}, std::int64_t{1}));
    ASSERT_EQ(store().count({}), 1);
    EXPECT_EQ(find(1).entry, 8);
}

TEST_P(Planning, TakesTheFirstOfTwoPlansOfOneEntry) {
    const auto result =
        store().plan({plan_of(7, {}, mark(7, 1)), plan_of(7, {}, mark(7, 2))}, kNow, "planner");
    EXPECT_EQ(result.stale, 1);
    EXPECT_EQ(store().entry_marks(), std::vector{mark(7, 1)});
}

TEST_P(Planning, DropsTheMarkOfARemovedEntryButNotItsOccurrences) {
    plan(7, {occurrence(7, 1, Overlap::Allow)});
    EXPECT_EQ(store().plan({plan_of(7, mark(7, 1), {})}, kNow, "planner").stale, 0);
    EXPECT_TRUE(store().entry_marks().empty());
    EntryPlan again = plan_of(7, {}, mark(7, 9));
    again.jobs.push_back(occurrence(7, 1, Overlap::Allow));
    const auto result = store().plan({again}, kNow, "planner");
    EXPECT_EQ(std::pair(result.inserted, result.refused),
              std::pair(std::int64_t{0}, std::int64_t{1}));
}

TEST_P(Planning, NotesWhatWasSaidOfAnEntry) {
    EntryPlan plan = plan_of(7, {}, mark(7, 1));
    plan.note = "the clock was set back";
    static_cast<void>(store().plan({plan}, kNow, "planner"));
    EXPECT_EQ(store().entry_events(7),
              (std::vector<JobEvent>{{kNow, "note", "planner", "the clock was set back"}}));
    EXPECT_TRUE(store().entry_events(8).empty());
}

TEST_P(Planning, KeepsAllThatAPlannedJobHas) {
    Job job = occurrence(7, 1, Overlap::Wait);
    job.group = "backup";
    job.topic = "mail";
    job.phase = "registered";
    job.priority = -5;
    job.max_attempts = 4;
    job.missed = 3;
    job.parameters = {{"list", "a\"b\n"}, {"n", Value("12", Value::Kind::Integer)}};
    job.attributes = {{"x", "y"}};
    job.comment = "comment";
    job.key = "key";
    job.interval_seconds = 60;
    job.zone = "Europe/Berlin";
    job.on_lost = OnLost::Retry;
    job.concurrency = 2;
    job.concurrency_value = "a";
    job.task_digest = "digest";
    job.parent = 77;
    plan(7, {job});
    job.id = 1;
    job.waiting_for = WaitingFor::Slot;
    EXPECT_EQ(find(1), job);
    EXPECT_EQ(store().events(1), (std::vector<JobEvent>{{kNow, "created", "planner", ""}}));
}

TEST_P(Planning, GivesIdsInTheOrderOfThePlans) {
    EntryPlan high = plan_of(900, {}, mark(900, 1));
    high.jobs.push_back(occurrence(900, 1, Overlap::Skip));
    EntryPlan low = plan_of(5, {}, mark(5, 1));
    low.jobs.push_back(occurrence(5, 1, Overlap::Skip));
    static_cast<void>(store().plan({high, low}, kNow, "planner"));
    EXPECT_EQ(find(1).entry, 900);
    EXPECT_EQ(find(2).entry, 5);
}

TEST_P(Planning, InsertsAnOccurrenceOnceForEver) {
    plan(7, {occurrence(7, 1, Overlap::Allow)});
    EXPECT_EQ(plan(7, {occurrence(7, 1, Overlap::Allow)}, kNow + 1s).refused, 1);
    EXPECT_EQ(store().count({}), 1);
    const auto events = store().events(1);
    ASSERT_EQ(words_of(events), (std::vector<std::string>{"created", "refused"}));
    EXPECT_EQ(events[1].by, "planner");
    EXPECT_EQ(events[1].time, kNow + 1s);

    const auto jobs = claim(1);
    settle(jobs.at(0), JobState::Succeeded);
    ASSERT_EQ(store().prune("task-7", {.age = 1s, .jobs = 0}, kNow + 1h, 10), 1);
    const auto result = plan(7, {occurrence(7, 1, Overlap::Allow)});
    EXPECT_EQ(std::pair(result.inserted, result.refused),
              std::pair(std::int64_t{0}, std::int64_t{1}));
    EXPECT_EQ(store().count({}), 0);
}

TEST_P(Planning, NotesTheMissedOnesOfAJobThatWasRefused) {
    plan(7, {occurrence(7, 3, Overlap::Allow)});
    Job again = occurrence(7, 3, Overlap::Allow);
    again.missed = 2;
    EXPECT_EQ(plan(7, {again}, kNow + 1s).refused, 1);
    const auto events = store().entry_events(7);
    ASSERT_EQ(words_of(events), std::vector<std::string>{"note"});
    EXPECT_EQ(events[0].detail.substr(0, 7), "2 more ");
}

TEST_P(Planning, TellsTheJobThatAStalePlanMet) {
    plan(7, {occurrence(7, 1, Overlap::Allow)});
    EntryPlan late = plan_of(7, {}, mark(7, 1));
    late.jobs.push_back(occurrence(7, 1, Overlap::Allow));
    const auto result = store().plan({late}, kNow, "another planner");
    EXPECT_EQ(std::pair(result.stale, result.refused), std::pair(std::int64_t{1}, std::int64_t{1}));
    EXPECT_EQ(words_of(store().events(1)), (std::vector<std::string>{"created", "refused"}));
}

TEST_P(Planning, RecordsAJobThatCantStartAsFailed) {
    Job job = occurrence(7, 1, Overlap::Skip);
    job.state = JobState::Failed;
    job.reason = Reason::Invalid;
    job.error = "tasks/mail.xml:3:4: unknown element";
    const auto result = plan(7, {job});
    EXPECT_EQ(result.inserted, 1);
    EXPECT_EQ(result.failed, std::vector<JobId>{1});
    const Job stored = find(1);
    EXPECT_EQ(stored.state, JobState::Failed);
    EXPECT_EQ(stored.reason, Reason::Invalid);
    EXPECT_EQ(stored.error, job.error);
    EXPECT_EQ(stored.finished, kNow);
    EXPECT_EQ(store().events(1), (std::vector<JobEvent>{{kNow, "failed", "planner", job.error}}));
    EXPECT_TRUE(claim(5).empty());
}

TEST_P(Planning, RefusesJobsThatNoPlannerMakes) {
    Job elsewhere = occurrence(8, 1, Overlap::Skip);
    Job timeless = occurrence(7, 1, Overlap::Skip);
    timeless.scheduled.reset();
    Job running = occurrence(7, 1, Overlap::Skip);
    running.state = JobState::Running;
    Job idle = occurrence(7, 1, Overlap::Skip);
    idle.state = JobState::Idle;
    for (const Job& wrong : {elsewhere, timeless, running, idle}) {
        EntryPlan plan = plan_of(7, {}, mark(7, 1));
        plan.jobs.push_back(wrong);
        EXPECT_THROW(static_cast<void>(store().plan({plan}, kNow, "planner")),
                     std::invalid_argument);
        EXPECT_TRUE(store().entry_marks().empty());
    }
}

}  // namespace
}  // namespace periodic
