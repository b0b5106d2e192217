#include <future>
#include <thread>

#include "conformance/store_fixture.hpp"

namespace periodic {
namespace {

using namespace std::chrono_literals;
using testing::IsEmpty;
using testing::ValuesIn;

// Longer than any of these takes: who waits so long hangs.
constexpr auto kLong = std::chrono::milliseconds(60'000);

class Watch : public StoreTest {};
INSTANTIATE_TEST_SUITE_P(Stores, Watch, ValuesIn(all_stores()), store_name);

TEST_P(Watch, EachKindOfChangeIsSeen) {
    std::int64_t seen = store().version();
    const auto changed = [&](const char* what) {
        const std::int64_t now = store().version();
        EXPECT_NE(now, seen) << what;
        seen = now;
    };
    const JobId id = add(job_of("t"));
    changed("add");
    store().add_event(id, {kNow, "noted", "ada", ""});
    changed("event");
    const Job claimed = claim(1).at(0);
    changed("claim");
    update({.id = id, .claim = claimed.claim, .progress = 5});
    changed("update");
    store().change({{id, JobAction::Stop, {}, "ada"}}, kNow);
    changed("request");
    settle(claimed, JobState::Stopped);
    changed("end");
    store().append(id, {{.time = kNow, .text = "line"}}, "");
    changed("line");
    plan(1, {occurrence(1, 1, Overlap::Skip)});
    changed("plan");
    store().pause({.scope = {PauseScope::Kind::All, ""}, .since = kNow});
    changed("pause");
    store().resume({PauseScope::Kind::All, ""}, kNow, "ada");
    changed("resume");
    const auto generation = store().begin_generation({.host = "here"});
    changed("generation");
    store().end_generation(generation, kNow, "done");
    changed("its end");
    store().prune("t", {.age = 1s, .jobs = 0}, kNow + 1h, 10);
    changed("prune");
}

TEST_P(Watch, ReadingIsNoChange) {
    const JobId id = add(job_of("t"));
    const std::int64_t seen = store().version();
    find(id);
    static_cast<void>(store().page({}, kNow));
    static_cast<void>(store().pauses(kNow));
    EXPECT_EQ(store().version(), seen);
    EXPECT_EQ(store().wait_for_change(seen, 0ms, {}), seen);
    EXPECT_EQ(store().wait_for_change(seen, 30ms, {}), seen);
}

TEST_P(Watch, WhatChangedBeforeIsNotWaitedFor) {
    const std::int64_t seen = store().version();
    add(job_of("t"));
    EXPECT_NE(store().wait_for_change(seen, kLong, {}), seen);
}

TEST_P(Watch, AChangeByAnotherThreadIsSeenWhileTheStoreIsUsed) {
    const std::int64_t seen = store().version();
    auto waited =
        std::async(std::launch::async, [&] { return store().wait_for_change(seen, kLong, {}); });
    for (int i = 0; i < 20; ++i) EXPECT_THAT(store().page({}, kNow), IsEmpty());
    add(job_of("t"));
    EXPECT_NE(waited.get(), seen);
}

TEST_P(Watch, AStopEndsTheWait) {
    const std::int64_t seen = store().version();
    std::stop_source stop;
    auto waited = std::async(std::launch::async, [&] {
        return store().wait_for_change(seen, std::chrono::milliseconds::max(), stop.get_token());
    });
    stop.request_stop();
    EXPECT_EQ(waited.get(), seen);
}

TEST_P(Watch, RunningJobsOfAnOwnerAreFound) {
    add(job_of("t"));
    add(job_of("t"));
    add(job_of("t"));
    Turn turn;
    turn.claims = {{.owner = 2, .worker = 7, .now = kNow, .limit = 1}};
    const auto theirs = store().turn(turn).claimed;
    const auto ours = claim(1);
    EXPECT_EQ(store().running_of(kOwner), ours);
    EXPECT_EQ(ids_of(store().running_of(2)), ids_of(theirs));
    EXPECT_THAT(store().running_of(3), IsEmpty());
    settle(ours.at(0), JobState::Succeeded);
    EXPECT_THAT(store().running_of(kOwner), IsEmpty());
}

}  // namespace
}  // namespace periodic
