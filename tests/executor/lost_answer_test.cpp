// A store that does what it is asked to, and loses its answer.

#include <gmock/gmock.h>

#include "executor_fixture.hpp"
#include "support/forwarding_store.hpp"

namespace periodic::testing {
namespace {

using ::testing::Contains;
using ::testing::Not;

/// Loses the answer of the first turns of a kind.
class LosingStore final : public ForwardingStore {
public:
    enum class What : std::uint8_t { Claims, Settlements, Both };

    LosingStore(std::shared_ptr<JobStore> inner, What what, int times)
        : ForwardingStore(std::move(inner)), what_(what), times_(times) {}

    TurnResult turn(const Turn& turn) override {
        TurnResult result = ForwardingStore::turn(turn);
        const bool concerned = what_ == What::Claims ? !result.claimed.empty()
                               : what_ == What::Settlements
                                   ? !turn.settlements.empty()
                                   : !result.claimed.empty() && !turn.settlements.empty();
        if (concerned && times_-- > 0)
            throw StorageError(StorageError::Kind::Busy, "the answer was lost");
        return result;
    }

private:
    What what_;
    int times_;
};

class LogAfterLostAnswer : public ExecutorTest {};
class LostAnswerTest : public ExecutorTest,
                       public ::testing::WithParamInterface<LosingStore::What> {};

TEST_P(LostAnswerTest, LosesNoJobAndRunsNoneTwice) {
    home_.task("work",
               "<config><concurrency>0</concurrency></config>"
               "<command type=\"shell\">echo $PERIODIC_JOB_ID >> ledger; echo x; "
               "echo y >> \"$PERIODIC_RESPONSE\"</command>");
    std::filesystem::create_directory(home_.path("var"));
    auto made = executor(2, std::make_shared<LosingStore>(store(), GetParam(), 2));
    std::string expected;
    for (int i = 1; i <= 6; ++i) {
        const JobId id = made.jobs().add("work").value();
        expected += std::to_string(id) + '\n';
    }
    const auto report = made.run().value();
    EXPECT_EQ(report.ran, 6);
    EXPECT_EQ(report.succeeded, 6);
    EXPECT_EQ(report.left, 0);
    std::string ledger = home_.read("ledger");
    for (JobId id = 1; id <= 6; ++id) {
        const Job job = store()->find(id, Time()).value();
        EXPECT_EQ(job.state, JobState::Succeeded);
        EXPECT_EQ(job.claim, 1);
        EXPECT_EQ(log_of(id), "x\n");
        EXPECT_EQ(store()->response(id), "y\n");
        EXPECT_THAT(events_of(id), Not(Contains("late result")));
        EXPECT_EQ(store()->attempts(id).size(), 1U);
    }
    EXPECT_EQ(ledger.size(), expected.size()) << "each ran once: " << ledger;
}

INSTANTIATE_TEST_SUITE_P(Turns, LostAnswerTest,
                         ::testing::Values(LosingStore::What::Claims,
                                           LosingStore::What::Settlements,
                                           LosingStore::What::Both));

TEST_F(LogAfterLostAnswer, GoesOnBehindTheLogOfTheAttemptBefore) {
    home_.task("again",
               "<config><retries max=\"1\" delay=\"0\" jitter=\"0\"/></config>"
               "<command type=\"shell\">echo $PERIODIC_ATTEMPT; [ $PERIODIC_ATTEMPT = 2 ]"
               "</command>");
    std::filesystem::create_directory(home_.path("var"));
    auto made = executor(1, std::make_shared<LosingStore>(store(), LosingStore::What::Both, 1));
    const JobId id = made.jobs().add("again").value();
    EXPECT_EQ(made.run()->succeeded, 1);
    EXPECT_EQ(log_of(id).substr(0, 2), "1\n");
    EXPECT_NE(log_of(id).find("\n2\n"), std::string::npos);
}

}  // namespace
}  // namespace periodic::testing
