// What waits for a store that refuses.

#include "run/outbox.hpp"

#include <atomic>
#include <deque>
#include <iostream>
#include <map>
#include <memory>
#include <random>
#include <thread>
#include <utility>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/unreliable_store.hpp"

namespace periodic::testing {
namespace {

using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::UnorderedElementsAre;

const Time kStart{std::chrono::sys_days{std::chrono::year{2026} / 1 / 1}};

/// Takes nothing that needs room while its disk is full; what writes nothing, it takes.
class FullStore final : public ForwardingStore {
public:
    using ForwardingStore::ForwardingStore;

    TurnResult turn(const Turn& turn) override {
        ++turns;
        if (full && !(turn.claims.empty() && turn.settlements.empty()))
            throw StorageError(StorageError::Kind::Full, "the disk is full");
        return ForwardingStore::turn(turn);
    }

    bool full = true;
    int turns = 0;
};

class OutboxTest : public ::testing::Test {
protected:
    [[nodiscard]] static std::vector<ClaimRequest> claims(Time now) {
        return {{.owner = 1, .worker = 1, .now = now, .limit = 1}};
    }

    bool begin(std::vector<ClaimRequest> claims, Time now) {
        return outbox_.begin(std::move(claims), now, {}).has_value();
    }

    FullStore store_{make_memory_store()};
    int reliefs_ = 0;
    Outbox outbox_{
        store_,
        {.generation = 1, .runs = [](JobId) { return false; }, .relief = [this] { ++reliefs_; }}};
};

TEST_F(OutboxTest, AClaimThatIsRefusedIsTriedOnceMoreWithTheReserveAndThenEachSecond) {
    EXPECT_FALSE(begin(claims(kStart), kStart));
    EXPECT_EQ(reliefs_, 1);
    EXPECT_FALSE(outbox_.holds_back(kStart)) << "the reserve may be enough";
    EXPECT_FALSE(begin(claims(kStart), kStart));
    EXPECT_EQ(store_.turns, 2);
    for (const auto later : {2ms, 500ms, 999ms}) {
        EXPECT_TRUE(outbox_.holds_back(kStart + later));
        EXPECT_FALSE(begin({}, kStart + later));
    }
    EXPECT_EQ(store_.turns, 2) << "it is left alone meanwhile";
    EXPECT_FALSE(outbox_.holds_back(kStart + 1s));
    EXPECT_FALSE(begin(claims(kStart + 1s), kStart + 1s));
    EXPECT_EQ(outbox_.broken_since(), kStart) << "it has been broken all the time";
    EXPECT_EQ(reliefs_, 1);
}

TEST_F(OutboxTest, AClaimThatIsTakenShowsThatItIsSoundAgain) {
    EXPECT_FALSE(begin(claims(kStart), kStart));
    store_.full = false;
    EXPECT_TRUE(begin(claims(kStart + 2s), kStart + 2s));
    EXPECT_FALSE(outbox_.broken_since().has_value());
}

TEST_F(OutboxTest, NothingIsClaimedWhileResultsWait) {
    Settlement settlement;
    settlement.job.id = 1;
    outbox_.add(settlement);
    EXPECT_FALSE(begin(claims(kStart), kStart));
    EXPECT_TRUE(outbox_.holds_back(kStart + 10s));
}

/// Turns stay on their way until the test lets them land.
class SlowStore final : public ForwardingStore {
public:
    using ForwardingStore::ForwardingStore;

    TurnResult begin_turn(const Turn& turn, const TurnKept& kept) override {
        on_their_way.push_back(kept);
        return ForwardingStore::turn(turn);
    }
    void land_first(std::exception_ptr error = nullptr) {
        std::exchange(on_their_way.front(), {})(std::move(error));
        on_their_way.pop_front();
    }

    std::deque<TurnKept> on_their_way{};
};

class OutboxOfASlowStore : public ::testing::Test {
protected:
    OutboxOfASlowStore() {
        Job job;
        job.task = "t";
        job.concurrency = 0;
        for (int i = 0; i < 10; ++i) (void)store_.add(job, "ada");
    }

    std::optional<std::size_t> claim(int limit) {
        return outbox_.begin({{.owner = 1, .worker = 7, .now = kStart, .limit = limit}}, kStart,
                             {});
    }
    /// The jobs that are to be started now; they run from now on.
    std::vector<JobId> start() {
        std::vector<JobId> ids;
        for (const auto& turn : outbox_.take_kept(kStart)) {
            for (const Job& job : turn.result.claimed) {
                ids.push_back(job.id);
                running_[job.id] = job;
            }
            settled_ += turn.settlements.size();
        }
        return ids;
    }
    void end(JobId id) {
        Settlement settlement;
        settlement.job = running_.at(id);
        settlement.job.state = JobState::Succeeded;
        settlement.job.finished = kStart;
        settlement.event = {kStart, "succeeded", "executor", ""};
        running_.erase(id);
        outbox_.add(settlement);
    }
    [[nodiscard]] std::int64_t succeeded() {
        return store_.count({.states = {JobState::Succeeded}});
    }
    static std::exception_ptr broken() {
        return std::make_exception_ptr(StorageError(StorageError::Kind::Full, "the disk broke"));
    }

    SlowStore store_{make_memory_store()};
    std::map<JobId, Job> running_{};
    std::size_t settled_ = 0;
    int landings_ = 0;
    Outbox outbox_{store_,
                   {.generation = 1,
                    .runs = [this](JobId id) { return running_.contains(id); },
                    .landed = [this] { ++landings_; }}};
};

TEST_F(OutboxOfASlowStore, NothingStartsBeforeItsClaimIsDurable) {
    EXPECT_EQ(claim(3), 3U);
    EXPECT_THAT(start(), IsEmpty());
    EXPECT_THAT(outbox_.claiming(), ElementsAre(7, 7, 7));
    EXPECT_TRUE(outbox_.empty());
    EXPECT_FALSE(outbox_.is_idle());
    store_.land_first();
    EXPECT_EQ(landings_, 1);
    EXPECT_THAT(start(), ElementsAre(1, 2, 3));
    EXPECT_THAT(outbox_.claiming(), IsEmpty());
    EXPECT_TRUE(outbox_.is_idle());
}

TEST_F(OutboxOfASlowStore, TheNextTurnIsCarriedOutMeanwhileAndAnsweredAfterIt) {
    EXPECT_EQ(claim(1), 1U);
    EXPECT_TRUE(outbox_.has_room());
    EXPECT_EQ(claim(1), 1U);
    EXPECT_FALSE(outbox_.has_room()) << "a slow disk gets large turns";
    std::swap(store_.on_their_way[0], store_.on_their_way[1]);
    store_.land_first();
    EXPECT_THAT(start(), IsEmpty()) << "in their order";
    store_.land_first();
    EXPECT_THAT(start(), ElementsAre(1, 2));
}

// Else who waits for the turn behind it waits for ever: nobody hears of one that did nothing.
TEST_F(OutboxOfASlowStore, ATurnThatDidNothingHoldsNothingUp) {
    EXPECT_EQ(claim(10), 10U);
    store_.land_first();
    EXPECT_EQ(start().size(), 10U);
    EXPECT_EQ(claim(1), 0U);
    EXPECT_TRUE(outbox_.is_idle());
    end(1);
    EXPECT_EQ(outbox_.begin({}, kStart, {.at_once = true}), 0U);
    EXPECT_THAT(start(), IsEmpty());
    EXPECT_EQ(settled_, 1U) << "though the empty one has not landed";
    landings_ = 0;
    store_.land_first();
    EXPECT_EQ(landings_, 0) << "who heard of it would try again, for ever";
}

TEST_F(OutboxOfASlowStore, WhatCantBeMadeDurableIsWrittenAgainAndFoundOnce) {
    EXPECT_EQ(claim(2), 2U);
    store_.land_first();
    EXPECT_THAT(start(), ElementsAre(1, 2));
    end(1);
    EXPECT_EQ(claim(1), 1U);
    end(2);
    EXPECT_EQ(claim(1), 1U);
    std::jthread disk([this] {  // the second is waited for
        store_.land_first(broken());
        store_.land_first(broken());
    });
    disk.join();
    EXPECT_THAT(start(), IsEmpty());
    EXPECT_EQ(outbox_.broken_since(), kStart);
    EXPECT_STREQ(outbox_.problem()->what(), "the disk broke");
    EXPECT_THAT(outbox_.unsettled(), ElementsAre(1, 2));
    EXPECT_EQ(settled_, 0U);
    EXPECT_EQ(outbox_.begin({}, kStart + 1s, {}), 2U) << "those that it had claimed";
    EXPECT_THAT(store_.on_their_way, IsEmpty()) << "the first one afterwards shows that it works";
    EXPECT_THAT(start(), UnorderedElementsAre(3, 4));
    EXPECT_EQ(settled_, 2U);
    EXPECT_EQ(succeeded(), 2);
    EXPECT_EQ(store_.attempts(1).size(), 1U);
}

TEST_F(OutboxOfASlowStore, ItsEndWaitsForWhatIsOnItsWay) {
    auto outbox = std::make_unique<Outbox>(
        store_, Outbox::Executor{.generation = 1, .runs = [](JobId) { return false; }});
    EXPECT_EQ(outbox->begin({{.owner = 1, .worker = 7, .now = kStart, .limit = 1}}, kStart, {}),
              1U);
    std::atomic<bool> has_landed = false;
    std::jthread disk([&] {
        std::this_thread::sleep_for(20ms);
        has_landed = true;
        store_.land_first();
    });
    outbox.reset();
    EXPECT_TRUE(has_landed);
}

// Over a line that loses calls and answers each job runs once all the same.
TEST(OutboxOfAnUnreliableStore, RunsEachJobOnce) {
    const unsigned seed = std::random_device()();
    std::cout << "seed " << seed << '\n';
    constexpr int kJobs = 200;
    const std::shared_ptr<JobStore> inner = make_memory_store();
    Job job;
    job.task = "t";
    job.concurrency = 0;
    for (int i = 0; i < kJobs; ++i) (void)inner->add(job, "ada");
    UnreliableStore store(inner, seed);
    store.trouble(3);
    std::map<JobId, Job> running;
    std::map<JobId, int> ran;
    std::map<JobId, int> settled;
    Outbox outbox(store, {.generation = 1, .runs = [&](JobId id) { return running.contains(id); }});
    Time now = kStart;
    for (int step = 0; step < 20'000 && settled.size() < kJobs; ++step, now += 500ms) {
        for (auto one = running.begin(); one != running.end() && step % 2 == 0;) {
            Settlement end;
            end.job = one->second;
            end.job.state = JobState::Succeeded;
            end.job.finished = now;
            end.event = {now, "succeeded", "executor", ""};
            outbox.add(end);
            one = running.erase(one);
        }
        if (outbox.has_room())
            (void)outbox.begin({{.owner = 1, .worker = 7, .now = now, .limit = 5}}, now,
                               {.at_once = step % 3 == 0});
        for (const auto& turn : outbox.take_kept(now)) {
            for (const Job& claimed : turn.result.claimed) {
                running.emplace(claimed.id, claimed);
                ++ran[claimed.id];
            }
            for (const Settlement& end : turn.settlements) ++settled[end.job.id];
        }
    }
    EXPECT_GT(store.troubles(), 0);
    EXPECT_EQ(inner->count({.states = {JobState::Succeeded}}), kJobs);
    EXPECT_EQ(ran.size(), std::size_t{kJobs});
    for (const auto& [id, times] : ran) EXPECT_EQ(times, 1) << "job " << id;
    for (const auto& [id, times] : settled) EXPECT_EQ(times, 1) << "job " << id;
}

}  // namespace
}  // namespace periodic::testing
