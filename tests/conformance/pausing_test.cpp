#include "conformance/store_fixture.hpp"

namespace periodic {
namespace {

using namespace std::chrono_literals;
using testing::ElementsAre;
using testing::IsEmpty;
using testing::ValuesIn;
using Kind = PauseScope::Kind;

class PauseOf : public StoreTest {
protected:
    void pause(PauseScope scope, Time since = kNow, std::optional<Time> until = {}) {
        store().pause({.scope = std::move(scope),
                       .since = since,
                       .until = until,
                       .reason = "maintenance",
                       .by = "ada"});
    }

    JobId add_in(std::string task, std::string group, std::string topic) {
        Job job = job_of(std::move(task));
        job.group = std::move(group);
        job.topic = std::move(topic);
        return add(job);
    }
};
INSTANTIATE_TEST_SUITE_P(Stores, PauseOf, ValuesIn(all_stores()), store_name);

struct ScopeCase {
    PauseScope scope{};
    std::vector<JobId> goes_on{};
};

TEST_P(PauseOf, EachScopeHoldsItsOwnJobs) {
    for (const auto& [scope, goes_on] :
         std::vector<ScopeCase>{{{Kind::All, ""}, {}},
                                {{Kind::Task, "t"}, {3, 4, 5}},
                                {{Kind::Group, "g"}, {1, 4, 5}},
                                {{Kind::Topic, "mail"}, {1, 2, 3, 5}},
                                {{Kind::Task, "none"}, {1, 2, 3, 4, 5}}}) {
        SCOPED_TRACE(std::string(to_string(scope.kind)) + ' ' + scope.name);
        const auto fresh = GetParam().open(directory_);
        const std::int64_t first = [&] {
            Job job = job_of("t");
            const JobId id = fresh->add(job, "").id;  // 1
            job.group = "g";
            fresh->add(job, "");  // 2
            job.task = "u";
            job.group = "g";
            fresh->add(job, "");  // 3
            job.group = "h";
            job.topic = "mail";
            fresh->add(job, "");  // 4
            job.group = "";
            job.topic = "default";
            fresh->add(job, "");  // 5
            return id;
        }();
        fresh->pause({.scope = scope, .since = kNow});
        for (JobId id = first; id < first + 5; ++id) {
            const JobId number = id - first + 1;
            const bool held = std::find(goes_on.begin(), goes_on.end(), number) == goes_on.end();
            EXPECT_EQ(fresh->find(id, kNow)->waiting_for,
                      held ? WaitingFor::Paused : WaitingFor::Slot)
                << number;
        }
        Turn turn;
        turn.claims = {{.owner = 1, .worker = 1, .now = kNow, .limit = 9}};
        std::vector<JobId> claimed;
        for (const Job& job : fresh->turn(turn).claimed) claimed.push_back(job.id - first + 1);
        std::vector<JobId> expected = goes_on;
        // Two of one group don't run at once.
        if (std::count(expected.begin(), expected.end(), 2) > 0) std::erase(expected, 3);
        EXPECT_EQ(claimed, expected);
        EXPECT_EQ(fresh->counts(kNow).ready, 5 - static_cast<std::int64_t>(claimed.size()));
        for (const Job& job : fresh->running_of(1)) {
            Turn end;
            end.settlements = {end_of(job, JobState::Succeeded)};
            fresh->turn(end);
        }
        fresh->resume(scope, kNow, "");
        for (JobId id = first; id < first + 5; ++id)
            fresh->change({{id, JobAction::Delete, {}, ""}}, kNow);
    }
}

TEST_P(PauseOf, AJobThatIsNamedGoesAheadButNotOneAmongSeveral) {
    const JobId id = add(job_of("t"));
    pause({Kind::All, ""});
    Turn turn;
    turn.claims = {{.owner = kOwner, .worker = kWorker, .now = kNow, .limit = 1, .among = {id}}};
    EXPECT_THAT(store().turn(turn).claimed, IsEmpty());
    EXPECT_EQ(ids_of(claim_only(id)), std::vector{id});
}

TEST_P(PauseOf, AJobBeforeItsTimeWaitsForThat) {
    Job job = job_of("t");
    job.available = kNow + 1h;
    const JobId id = add(job);
    pause({Kind::Task, "t"});
    EXPECT_EQ(find(id).waiting_for, WaitingFor::Time);
    EXPECT_EQ(find(id, kNow + 1h).waiting_for, WaitingFor::Paused);
}

TEST_P(PauseOf, ItEndsByItself) {
    const JobId id = add(job_of("t"));
    pause({Kind::Task, "t"}, kNow, kNow + 1h);
    EXPECT_THAT(claim(1, kNow + 1h - 1ms), IsEmpty());
    EXPECT_EQ(store().next_available(kNow), kNow + 1h) << "then there is something to do";
    EXPECT_EQ(ids_of(claim(1, kNow + 1h)), std::vector{id});
}

TEST_P(PauseOf, OneThatEndedByItselfWasEndedByNobody) {
    pause({Kind::Task, "t"}, kNow, kNow + 1h);
    pause({Kind::Task, "u"}, kNow + 2h);
    EXPECT_EQ(store().pauses(kNow).at(0).ended, std::nullopt);
}

TEST_P(PauseOf, ItsEndMattersOnlyIfItHoldsAJob) {
    for (const Kind kind : {Kind::Task, Kind::Group, Kind::Topic})
        pause({kind, "t"}, kNow, kNow + 1h);
    add(job_of("other"));
    EXPECT_EQ(store().next_available(kNow), std::nullopt);
    pause({Kind::All, ""}, kNow, kNow + 2h);
    EXPECT_EQ(store().next_available(kNow), kNow + 2h);
}

TEST_P(PauseOf, AResumeEndsItAndNothingElse) {
    const JobId id = add(job_of("t"));
    pause({Kind::Task, "t"});
    pause({Kind::Task, "u"});
    EXPECT_FALSE(store().resume({Kind::Group, "t"}, kNow, "bob"));
    EXPECT_FALSE(store().resume({Kind::All, ""}, kNow, "bob"));
    EXPECT_TRUE(store().resume({Kind::Task, "t"}, kNow + 1s, "bob"));
    EXPECT_FALSE(store().resume({Kind::Task, "t"}, kNow + 2s, "bob")) << "it is over";
    EXPECT_EQ(ids_of(claim(1, kNow + 1s)), std::vector{id});
    const auto pauses = store().pauses(kNow);
    ASSERT_EQ(pauses.size(), 2U);
    EXPECT_EQ(pauses[0].ended, kNow + 1s);
    EXPECT_EQ(pauses[1].ended, std::nullopt);
}

TEST_P(PauseOf, OneEndsTheOtherOfItsScope) {
    pause({Kind::Task, "t"}, kNow);
    pause({Kind::Task, "t"}, kNow + 1h, kNow + 3h);
    const auto pauses = store().pauses(kNow);
    ASSERT_EQ(pauses.size(), 2U);
    EXPECT_EQ(pauses[0].ended, kNow + 1h);
    EXPECT_EQ(pauses[1],
              (Pause{{Kind::Task, "t"}, kNow + 1h, kNow + 3h, {}, "maintenance", "ada"}));
    EXPECT_EQ(store().pauses(kNow + 2h), std::vector{pauses[1]});
    EXPECT_THAT(store().pauses(kNow + 3h), IsEmpty());
    EXPECT_FALSE(store().resume({Kind::Task, "t"}, kNow + 3h, "ada"));
}

TEST_P(PauseOf, ThoseThatAreOverAreKeptForALatePlanning) {
    pause({Kind::Task, "t"}, kNow, kNow + 1h);
    pause({Kind::Task, "u"}, kNow + 2h);
    EXPECT_EQ(store().pauses(kNow).size(), 2U);
    pause({Kind::Task, "v"}, kNow + 1h + kPausesKept - 1ms);
    EXPECT_EQ(store().pauses(kNow).size(), 3U);
    pause({Kind::Task, "w"}, kNow + 1h + kPausesKept);
    EXPECT_EQ(store().pauses(kNow).size(), 3U) << "but not for ever";
    EXPECT_EQ(store().pauses(kNow)[0].scope.name, "u") << "what holds is not forgotten";
}

TEST_P(PauseOf, ManyPausedJobsHideNoOther) {
    Job paused = job_of("paused");
    paused.priority = 5;
    add_all(6'000, paused);  // more than a claim looks at before it looks at lanes
    const JobId free = add(job_of("free"));
    pause({Kind::Task, "paused"});
    EXPECT_EQ(ids_of(claim(5)), std::vector{free});
    store().resume({Kind::Task, "paused"}, kNow, "ada");
    EXPECT_EQ(claim(5).size(), 5U);
}

TEST_P(PauseOf, AFreeJobBehindPausedOnesOfItsGroupIsFound) {
    for (int i = 0; i < 10; ++i) add_in("paused", "g", "default");
    const JobId free = add_in("free", "g", "default");
    pause({Kind::Task, "paused"});
    EXPECT_EQ(ids_of(claim(5)), std::vector{free});
}

}  // namespace
}  // namespace periodic
