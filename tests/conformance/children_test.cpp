#include "conformance/store_fixture.hpp"

namespace periodic {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;
using testing::ValuesIn;

class ChildrenOf : public StoreTest {
protected:
    JobId add_child(JobId parent) {
        Job job = job_of("child");
        job.parent = parent;
        return add(job);
    }
};
INSTANTIATE_TEST_SUITE_P(Stores, ChildrenOf, ValuesIn(all_stores()), store_name);

TEST_P(ChildrenOf, AreTheNewestFirstAndAllAreCounted) {
    const JobId parent = add(job_of("t"));
    const JobId other = add(job_of("t"));
    for (int i = 0; i < 3; ++i) add_child(parent);
    add_child(other);
    EXPECT_THAT(store().children(parent, 2).newest, ElementsAre(5, 4));
    EXPECT_EQ(store().children(parent, 2).count, 3);
    EXPECT_THAT(store().children(parent, 9).newest, ElementsAre(5, 4, 3));
    EXPECT_THAT(store().children(other, 9).newest, ElementsAre(6));
}

TEST_P(ChildrenOf, NobodyAreNone) {
    const JobId childless = add(job_of("t"));
    for (const JobId id : {JobId{0}, childless, JobId{99}}) {
        EXPECT_EQ(store().children(id, 9).count, 0) << id;
        EXPECT_THAT(store().children(id, 9).newest, IsEmpty()) << id;
    }
}

TEST_P(ChildrenOf, AreKnownAlsoWhenTheParentIsDeletedAndNotWhenTheyAre) {
    const JobId parent = add(job_of("t"));
    const JobId first = add_child(parent);
    const JobId second = add_child(parent);
    store().change({{.id = parent, .action = JobAction::Delete, .by = "ada"},
                    {.id = second, .action = JobAction::Delete, .by = "ada"}},
                   kNow);
    EXPECT_THAT(store().children(parent, 9).newest, ElementsAre(first));
    EXPECT_EQ(store().children(parent, 9).count, 1);
}

TEST_P(ChildrenOf, AreWhatFollowsFromItsEndToo) {
    add(job_of("t"));
    Settlement end = end_of(claim(1).at(0), JobState::Succeeded);
    end.follow_ups = {job_of("next")};
    end.follow_ups[0].parent = 1;
    store().turn({.settlements = {end}});
    EXPECT_THAT(store().children(1, 9).newest, ElementsAre(2));
}

}  // namespace
}  // namespace periodic
