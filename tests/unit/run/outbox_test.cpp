// What waits for a store that refuses.

#include "run/outbox.hpp"

#include <memory>
#include <utility>

#include <gtest/gtest.h>

#include "support/forwarding_store.hpp"

namespace periodic::testing {
namespace {

using namespace std::chrono_literals;

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

    FullStore store_{make_memory_store()};
    int reliefs_ = 0;
    Outbox outbox_{
        store_,
        {.generation = 1, .runs = [](JobId) { return false; }, .relief = [this] { ++reliefs_; }}};
};

TEST_F(OutboxTest, AClaimThatIsRefusedIsTriedOnceMoreWithTheReserveAndThenEachSecond) {
    EXPECT_FALSE(outbox_.commit(claims(kStart), kStart).has_value());
    EXPECT_EQ(reliefs_, 1);
    EXPECT_FALSE(outbox_.holds_back(kStart)) << "the reserve may be enough";
    EXPECT_FALSE(outbox_.commit(claims(kStart), kStart).has_value());
    EXPECT_EQ(store_.turns, 2);
    for (const auto later : {2ms, 500ms, 999ms}) {
        EXPECT_TRUE(outbox_.holds_back(kStart + later));
        EXPECT_FALSE(outbox_.commit({}, kStart + later).has_value());
    }
    EXPECT_EQ(store_.turns, 2) << "it is left alone meanwhile";
    EXPECT_FALSE(outbox_.holds_back(kStart + 1s));
    EXPECT_FALSE(outbox_.commit(claims(kStart + 1s), kStart + 1s).has_value());
    EXPECT_EQ(outbox_.broken_since(), kStart) << "it has been broken all the time";
    EXPECT_EQ(reliefs_, 1);
}

TEST_F(OutboxTest, AClaimThatIsTakenShowsThatItIsSoundAgain) {
    EXPECT_FALSE(outbox_.commit(claims(kStart), kStart).has_value());
    store_.full = false;
    EXPECT_TRUE(outbox_.commit(claims(kStart + 2s), kStart + 2s).has_value());
    EXPECT_FALSE(outbox_.broken_since().has_value());
}

TEST_F(OutboxTest, NothingIsClaimedWhileResultsWait) {
    Settlement settlement;
    settlement.job.id = 1;
    outbox_.add(settlement);
    EXPECT_FALSE(outbox_.commit(claims(kStart), kStart).has_value());
    EXPECT_TRUE(outbox_.holds_back(kStart + 10s));
}

}  // namespace
}  // namespace periodic::testing
