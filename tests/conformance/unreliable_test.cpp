#include <iostream>
#include <set>

#include "conformance/store_fixture.hpp"
#include "support/unreliable_store.hpp"

namespace periodic {
namespace {

using periodic::testing::UnreliableStore;
using ::testing::IsEmpty;
using ::testing::ValuesIn;
using Fate = UnreliableStore::Fate;

class Unreliable : public ::testing::TestWithParam<StoreKind> {
protected:
    JobStore& inner() { return *inner_; }
    UnreliableStore& store() { return store_; }

    /// Calls with an answer that is lost, then again.
    template <class Call>
    auto call_twice(const Call& call) {
        store_.next(Fate::AnswerLost);
        EXPECT_THROW(call(), StorageError);
        store_.next(Fate::Answered);
        return call();
    }

    /// Calls until there is an answer.
    template <class Call>
    auto insist(const Call& call) {
        for (;;) {
            try {
                return call();
            } catch (const StorageError&) {
                continue;
            }
        }
    }

    static Turn claim_of(int limit) {
        Turn turn;
        turn.claims = {{.owner = kOwner, .worker = kWorker, .now = kNow, .limit = limit}};
        return turn;
    }

private:
    TemporaryDirectory directory_{};
    std::shared_ptr<JobStore> inner_{GetParam().open(directory_)};

protected:
    std::random_device device_{};
    unsigned seed_ = device_();

private:
    UnreliableStore store_{inner_, seed_};
};
INSTANTIATE_TEST_SUITE_P(Stores, Unreliable, ValuesIn(all_stores()), store_name);

TEST_P(Unreliable, ACallThatWasNotHeardDidNothing) {
    store().next(Fate::Failed);
    EXPECT_THROW(store().add(job_of("t"), "ada"), StorageError);
    EXPECT_EQ(inner().count({}), 0);
}

TEST_P(Unreliable, AnEndThatIsRepeatedIsLateAndChangesNothing) {
    inner().add(job_of("t"), "ada");
    Turn turn;
    turn.settlements = {end_of(inner().turn(claim_of(1)).claimed.at(0), JobState::Succeeded)};
    turn.settlements[0].follow_ups = {job_of("next")};
    EXPECT_EQ(call_twice([&] { return store().turn(turn); }).late, std::vector<JobId>{1});
    EXPECT_EQ(inner().find(1, kNow)->state, JobState::Succeeded);
    EXPECT_EQ(inner().attempts(1).size(), 1U);
    EXPECT_EQ(inner().count({.task = "next"}), 1) << "what follows it follows once";
}

TEST_P(Unreliable, AnUpdateThatIsRepeatedSaysNothingTwice) {
    inner().add(job_of("t"), "ada");
    const Job job = inner().turn(claim_of(1)).claimed.at(0);
    Turn turn;
    turn.updates = {{.id = job.id,
                     .claim = job.claim,
                     .lines = {{.seq = 1, .time = kNow, .text = "line"}},
                     .response = "answer",
                     .response_at = 0,
                     .progress = 5}};
    call_twice([&] { return store().turn(turn); });
    turn.updates[0].response = "swered twice";  // what was sent before, and more
    turn.updates[0].response_at = 2;
    store().turn(turn);
    EXPECT_EQ(inner().log(job.id, 0, 10).size(), 1U);
    EXPECT_EQ(inner().response(job.id), "answered twice");
    EXPECT_EQ(inner().find(job.id, kNow)->log_bytes, 4);
    EXPECT_EQ(inner().find(job.id, kNow)->response_bytes, 14);
}

TEST_P(Unreliable, APlanThatIsRepeatedIsStale) {
    EntryPlan plan{.id = 5, .definition = "entry", .mark = mark(5, 1)};
    plan.jobs = {occurrence(5, 1, Overlap::Skip)};
    const auto result = call_twice([&] { return store().plan({plan}, kNow, "planner"); });
    EXPECT_EQ(result.stale, 1);
    EXPECT_EQ(result.inserted, 0);
    EXPECT_EQ(inner().count({}), 1);
}

TEST_P(Unreliable, AnAddWithAKeyThatIsRepeatedIsTheSameJob) {
    Job job = job_of("t");
    job.key = "k";
    EXPECT_EQ(call_twice([&] { return store().add(job, "ada"); }).id, 1);
    EXPECT_EQ(inner().count({}), 1);
}

TEST_P(Unreliable, AChangeThatIsRepeatedIsDoneOnce) {
    for (int i = 0; i < 3; ++i) inner().add(job_of("t"), "ada");
    inner().turn(claim_of(1));
    const auto change = [&](JobId id, JobAction action, JobEdit edit = {}) {
        return call_twice([&] { return store().change({{id, action, edit, "ada"}}, kNow); }).at(0);
    };
    EXPECT_TRUE(change(1, JobAction::Stop).changed) << "it was asked, and is";
    EXPECT_EQ(words_of(inner().events(1)).back(), "stop asked");
    EXPECT_EQ(inner().events(1).size(), 3U);
    EXPECT_TRUE(change(2, JobAction::Edit, {.comment = "new"}).changed);
    EXPECT_EQ(inner().events(2).size(), 2U);
    EXPECT_EQ(change(2, JobAction::Stop).before, JobState::Stopped) << "which tells that it was";
    EXPECT_EQ(change(2, JobAction::Retry).before, JobState::Queued);
    EXPECT_EQ(change(3, JobAction::Delete).before, std::nullopt);
    EXPECT_EQ(inner().count({}), 2);
}

TEST_P(Unreliable, APauseThatIsRepeatedHoldsOnce) {
    const Pause pause{.scope = {PauseScope::Kind::Task, "t"}, .since = kNow, .by = "ada"};
    call_twice([&] {
        store().pause(pause);
        return true;
    });
    EXPECT_EQ(inner().pauses(kNow), std::vector{pause});
    EXPECT_FALSE(call_twice([&] { return store().resume(pause.scope, kNow, "ada"); }));
    EXPECT_THAT(inner().pauses(kNow), IsEmpty());
}

TEST_P(Unreliable, AClaimWhoseAnswerWasLostIsFoundByItsOwner) {
    for (int i = 0; i < 3; ++i) inner().add(job_of("t"), "ada");
    store().next(Fate::AnswerLost);
    EXPECT_THROW(store().turn(claim_of(2)), StorageError);
    store().next(Fate::Answered);
    const auto found = store().running_of(kOwner);
    EXPECT_EQ(ids_of(found), (std::vector<JobId>{1, 2}));
    Turn turn;
    for (const Job& job : found) turn.settlements.push_back(end_of(job, JobState::Succeeded));
    store().next(Fate::Answered);
    EXPECT_THAT(store().turn(turn).late, IsEmpty()) << "they are as if they had been answered";
}

// An executor as it must be: what it is not sure of, it asks for. Each job runs once all the same.
TEST_P(Unreliable, AnExecutorThatAsksRunsEachJobOnce) {
    std::cout << "seed " << seed_ << '\n';
    constexpr int kJobs = 150;
    for (int i = 0; i < kJobs; ++i) inner().add(job_of("t"), "ada");
    store().trouble(3);
    std::map<JobId, int> ran;
    std::map<std::pair<JobId, std::int64_t>, Job> mine;  // by claim: not settled for certain
    const auto take_up = [&](const std::vector<Job>& jobs) {
        for (const Job& job : jobs) {
            if (mine.try_emplace({job.id, job.claim}, job).second) ++ran[job.id];
        }
    };
    for (int step = 0; step < 10'000 && inner().count({.states = {JobState::Succeeded}}) < kJobs;
         ++step) {
        Turn turn = claim_of(5);
        for (const auto& [claim, job] : mine)
            turn.settlements.push_back(end_of(job, JobState::Succeeded));
        try {
            const auto claimed = store().turn(turn).claimed;
            mine.clear();
            take_up(claimed);
        } catch (const StorageError&) {
            // What was to be settled may be, what runs may be new.
            const auto running = insist([&] { return store().running_of(kOwner); });
            std::set<std::pair<JobId, std::int64_t>> still;
            for (const Job& job : running) still.emplace(job.id, job.claim);
            std::erase_if(mine, [&](const auto& one) { return !still.contains(one.first); });
            take_up(running);
        }
    }
    EXPECT_GT(store().troubles(), 0);
    EXPECT_EQ(inner().count({.states = {JobState::Succeeded}}), kJobs);
    for (const auto& [id, times] : ran) {
        EXPECT_EQ(times, 1) << "job " << id;
        EXPECT_EQ(inner().attempts(id).size(), 1U) << "job " << id;
    }
    EXPECT_EQ(ran.size(), static_cast<std::size_t>(kJobs));
}

}  // namespace
}  // namespace periodic
