#include <random>

#include "conformance/store_fixture.hpp"

namespace periodic {
namespace {

using std::chrono::milliseconds;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::ValuesIn;

class List : public StoreTest {};
INSTANTIATE_TEST_SUITE_P(Stores, List, ValuesIn(all_stores()), store_name);

TEST_P(List, EachFilterAlone) {
    Job job = job_of("a");
    job.group = "g";
    job.topic = "mail";
    job.key = "k";
    job.phase = "sending";
    job.state = JobState::Idle;
    add(job);                      // 1
    for (int i = 0; i < 3; ++i) {  // 2 to 4
        Job other = job_of("b");
        other.created = kNow + milliseconds(i);
        add(other);
    }
    const auto list = [this](JobFilter filter) {
        EXPECT_EQ(store().count(filter),
                  static_cast<std::int64_t>(store().page(filter, kNow).size()));
        return ids_of(store().page(filter, kNow));
    };
    EXPECT_THAT(list({}), ElementsAre(4, 3, 2, 1));
    EXPECT_THAT(list({.ids = {3, 1, 9}}), ElementsAre(3, 1));
    EXPECT_THAT(list({.not_ids = {3, 1, 9}}), ElementsAre(4, 2));
    EXPECT_THAT(list({.task = "a"}), ElementsAre(1));
    EXPECT_THAT(list({.task = "none"}), IsEmpty());
    EXPECT_THAT(list({.group = "g"}), ElementsAre(1));
    EXPECT_THAT(list({.topic = "mail"}), ElementsAre(1));
    EXPECT_THAT(list({.key = "k"}), ElementsAre(1));
    EXPECT_THAT(list({.phase = "sending"}), ElementsAre(1));
    EXPECT_THAT(list({.states = {JobState::Idle}}), ElementsAre(1));
    EXPECT_THAT(list({.states = {JobState::Idle, JobState::Idle, JobState::Queued}}),
                ElementsAre(4, 3, 2, 1));
    EXPECT_THAT(list({.above = 3}), ElementsAre(4));
    EXPECT_THAT(list({.below = 3}), ElementsAre(2, 1));
    EXPECT_THAT(list({.created_before = kNow + milliseconds(1)}), ElementsAre(2, 1));
    EXPECT_THAT(list({.created_after = kNow}), ElementsAre(4, 3));
    EXPECT_THAT(list({.above = 1, .below = 4, .newest_first = false}), ElementsAre(2, 3));
}

TEST_P(List, RunningAndQueuedAreToldApart) {
    for (int i = 0; i < 4; ++i) {
        Job job = job_of("t");
        job.phase = "sending";
        add(job);
    }
    claim(2);
    for (const std::string& phase : {std::string(), std::string("sending")}) {
        const auto list = [&](std::vector<JobState> states) {
            return ids_of(store().page({.phase = phase, .states = std::move(states)}, kNow));
        };
        EXPECT_THAT(list({JobState::Running}), ElementsAre(2, 1));
        EXPECT_THAT(list({JobState::Queued}), ElementsAre(4, 3));
        EXPECT_THAT(list({JobState::Running, JobState::Failed}), ElementsAre(2, 1));
        EXPECT_THAT(list({JobState::Queued, JobState::Running}), ElementsAre(4, 3, 2, 1));
    }
}

TEST_P(List, TheCountDoesNotHeedTheCursor) {
    for (int i = 0; i < 5; ++i) add(job_of("t"));
    EXPECT_EQ(store().count({.before = 3, .limit = 1}), 5);
    EXPECT_EQ(store().count({.above = 2, .after = 4, .limit = 1}), 3);
    EXPECT_EQ(store().page({.above = 1, .before = 4, .limit = 1}, kNow).at(0).id, 3);
}

// More jobs than those that a store may keep a summary of, created in no strict order.
class ManyJobs : public StoreTest {
protected:
    static constexpr int kJobs = 3'000;

    ManyJobs() : model_(make_memory_store()) {
        std::vector<EntryPlan> plans;
        for (int i = 0; i < kJobs; ++i) {
            EntryPlan& plan = plans.emplace_back();
            plan.id = i + 1;
            Job job = job_of(word("task-", 3));
            job.entry = plan.id;
            job.scheduled = second(1);
            job.overlap = Overlap::Allow;
            job.created = kNow + milliseconds(i * 10 - below(i % 100 == 0 ? 20'000 : 30));
            if (below(3) == 0) job.group = word("group-", 3);
            if (below(3) == 0) job.topic = word("topic-", 3);
            if (below(3) == 0) job.phase = word("phase-", 3);
            if (below(3) == 0) {
                job.state = JobState::Failed;
                job.reason = Reason::Invalid;
            }
            plan.jobs = {job};
        }
        for (JobStore* each : {model_.get(), &store()}) {
            static_cast<void>(each->plan(plans, kNow, "planner"));
            Turn turn;
            turn.claims = {
                {.owner = 1, .worker = 1, .now = kNow + std::chrono::hours(1), .limit = 60}};
            Turn ends;
            for (const Job& job : each->turn(turn).claimed) {
                if (job.id % 3 != 0) ends.settlements.push_back(end_of(job, kEnds[job.id % 3]));
            }
            each->turn(ends);
            std::vector<JobChange> deleted;
            for (JobId id = 1'100; id < 1'200; ++id)
                deleted.push_back({id, JobAction::Delete, {}, "ada"});
            each->change(deleted, kNow);
        }
    }

    int below(int limit) { return std::uniform_int_distribution(0, limit - 1)(random_); }
    std::string word(const char* prefix, int count) {
        return prefix + std::to_string(below(count));
    }

    JobFilter random_filter() {
        JobFilter filter;
        if (below(5) == 0) filter.task = word("task-", 4);
        if (below(5) == 0) filter.group = word("group-", 4);
        if (below(5) == 0) filter.topic = word("topic-", 4);
        if (below(5) == 0) filter.phase = word("phase-", 4);
        for (int states = below(3); states > 0; --states)
            filter.states.push_back(static_cast<JobState>(below(8)));
        if (below(3) == 0) filter.created_before = kNow + milliseconds(below(kJobs * 10));
        if (below(3) == 0) filter.created_after = kNow + milliseconds(below(kJobs * 10));
        if (below(4) == 0) filter.above = below(kJobs);
        if (below(4) == 0) filter.below = below(kJobs);
        if (below(4) == 0) filter.before = below(kJobs);
        if (below(4) == 0) filter.after = below(kJobs);
        filter.limit = 1 + below(100);
        filter.newest_first = below(2) == 0;
        return filter;
    }

    static constexpr JobState kEnds[] = {JobState::Succeeded, JobState::Aborted, JobState::Stopped};
    std::mt19937 random_{20261121};
    std::unique_ptr<JobStore> model_;
};
INSTANTIATE_TEST_SUITE_P(Stores, ManyJobs, ValuesIn(all_stores()), store_name);

TEST_P(ManyJobs, AreListedAsInTheNaiveModel) {
    std::size_t listed = 0;
    for (int i = 0; i < 400; ++i) {
        SCOPED_TRACE("filter " + std::to_string(i));
        const JobFilter filter = random_filter();
        const auto expected = ids_of(model_->page(filter, kNow));
        listed += expected.size();
        ASSERT_EQ(ids_of(store().page(filter, kNow)), expected);
        ASSERT_EQ(store().count(filter), model_->count(filter));
    }
    EXPECT_GT(listed, 1'000U) << "the filters were too narrow to show anything";
}

}  // namespace
}  // namespace periodic
