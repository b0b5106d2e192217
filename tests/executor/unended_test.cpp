// What a run does that is to stop, with what does not end whatever it is asked.

#include <atomic>
#include <future>
#include <optional>
#include <utility>

#include <gmock/gmock.h>

#include "executor_fixture.hpp"
#include "fake_clock.hpp"
#include "run/acquire.hpp"
#include "run/executor_core.hpp"
#include "run/run_loop.hpp"
#include "support/forwarding_store.hpp"
#include "support/host_in_memory.hpp"

namespace periodic::testing {
namespace {

using std::chrono::seconds;
using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;

/// Attempts that look at no token, until the test lets them end. Those with a parameter `cleans`
/// clean up for a minute once they are asked to end.
class StubbornHost final : public HostInMemory {
public:
    StubbornHost(const HostParts& parts, bool is_here, seconds kill_after)
        : HostInMemory(parts), is_here_(is_here), kill_after_(kill_after) {}

    std::atomic<int> turns = 0;         ///< of the loop
    std::atomic<bool> let_end = false;  ///< all that runs

    void look(Time now) override {
        for (RunningAttempt& attempt : running()) {
            const bool cleans = attempt.job.parameters.contains("cleans");
            if (cleans && attempt.control->asked() == Reason::Stopped)
                (void)attempt.control->begin_cleanup(now + 60s);
        }
        while (let_end && !running().empty()) end(0, AttemptResult::Succeeded, now);
    }
    [[nodiscard]] std::optional<Time> next_look(Time /*now*/) override {
        ++turns;
        return std::nullopt;
    }
    [[nodiscard]] std::vector<FreeSlots> free_slots() override { return slots(4); }
    void start(const std::vector<Job>& claimed, Time now) override {
        for (const Job& job : claimed) begin(job, now).kill_after = kill_after_;
    }
    [[nodiscard]] bool is_here() const noexcept override { return is_here_; }

private:
    bool is_here_;
    seconds kill_after_;
};

/// Takes nothing once it is broken.
class BreakingStore final : public ForwardingStore {
public:
    using ForwardingStore::ForwardingStore;

    TurnResult turn(const Turn& turn) override {
        if (broken) fail();
        return ForwardingStore::turn(turn);
    }
    void add_event(JobId id, const JobEvent& event) override {
        if (broken) fail();
        ForwardingStore::add_event(id, event);
    }
    void end_generation(std::int64_t id, Time at, std::string_view reason) override {
        if (broken || endless) fail();
        ForwardingStore::end_generation(id, at, reason);
    }

    std::atomic<bool> broken = false;
    std::atomic<bool> endless = false;  ///< no generation ends

private:
    [[noreturn]] static void fail() {
        throw StorageError(StorageError::Kind::Full, "the disk is full");
    }
};

struct Exited {};

/// A loop with a clock that the test steps; mostly one that lives on.
class UnendedTest : public ExecutorTest {
protected:
    struct How {
        seconds stop_within{30};
        seconds kill_after{10};
        bool is_here = false;
        bool may_exit = false;
        bool forever = true;
    };

    ~UnendedTest() override {
        if (!ending_.valid()) return;
        host_->let_end = true;
        stop_.request_stop();
        clock_->notify();
        ending_.wait();
    }

    // With one job, which runs.
    void start(const How& how, Values parameters = {}) {
        home_.task("stubborn", "<command type=\"log\">x</command>");
        ExecutorOptions options;
        options.home = home_.path();
        options.commands = commands_;
        options.logger = make_null_logger();
        options.clock = clock_;
        options.kind = "daemon";
        std::filesystem::create_directory(home_.path("var"));
        breaking_ = std::make_shared<BreakingStore>(store());
        options.store = breaking_;
        if (how.may_exit) {
            options.exit = [this](const RunReport& report) {
                report_ = report;
                throw Exited();
            };
        }
        core_ = ExecutorCore::open(std::move(options)).value();
        id_ = core_->jobs().add("stubborn", std::move(parameters)).value();
        Acquisition acquired = acquire_home(*core_);
        RunRequest request{.forever = how.forever, .stop_within = how.stop_within};
        request.options.stop = stop_.get_token();
        request.hurry = hurry_.get_token();
        request.host = [&](const HostParts& parts) {
            auto host = std::make_unique<StubbornHost>(parts, how.is_here, how.kill_after);
            host_ = host.get();
            return host;
        };
        auto loop = std::make_unique<RunLoop>(*core_, std::move(request), std::move(*acquired.lock),
                                              acquired.owner);
        ending_ = std::async(std::launch::async,
                             [loop = std::move(loop)]() mutable { return loop->run(); });
        while (store()->find(id_, Time())->state != JobState::Running)
            std::this_thread::sleep_for(1ms);
    }

    [[nodiscard]] bool has_ended() const {
        return ending_.wait_for(0s) == std::future_status::ready;
    }

    // Until the loop has come round, or has ended.
    void await_turn(int before) const {
        while (!has_ended() && host_->turns == before) std::this_thread::sleep_for(1ms);
    }

    void stop() {
        const int before = host_->turns;
        stop_.request_stop();
        await_turn(before);
    }

    void hurry() {
        const int before = host_->turns;
        hurry_.request_stop();
        await_turn(before);
    }

    void pass(seconds time) {
        for (; time > 0s && !has_ended(); time -= 1s) {
            const int before = host_->turns;
            clock_->advance(1s, 0);
            await_turn(before);
        }
    }

    // However the loop comes round.
    void pass_asleep(seconds time) {
        for (; time > 0s; time -= 1s) clock_->advance(1s);
    }

    [[nodiscard]] Reason asked() const { return host_->running().at(0).control->asked(); }

    std::shared_ptr<FakeClock> clock_ = std::make_shared<FakeClock>();
    std::shared_ptr<BreakingStore> breaking_;
    std::unique_ptr<ExecutorCore> core_;
    StubbornHost* host_ = nullptr;
    std::stop_source stop_;
    std::stop_source hurry_;
    JobId id_ = 0;
    RunReport report_;
    std::future<RunReport> ending_;
};

TEST_F(UnendedTest, IsAskedThenKilledAndThenLeft) {
    start({});
    stop();
    pass(29s);
    EXPECT_EQ(asked(), Reason::None) << "stopWithin is its own";
    pass(1s);
    EXPECT_EQ(asked(), Reason::Stopped);
    pass(19s);
    EXPECT_FALSE(has_ended()) << "killAfter, and what a kill takes";
    pass(1s);
    ASSERT_TRUE(has_ended());
    const RunReport report = ending_.get();
    ASSERT_EQ(report.unended.size(), 1U);
    EXPECT_EQ(report.unended.front().id, id_);
    EXPECT_EQ(report.stopped, 0);
    EXPECT_EQ(store()->find(id_, Time())->state, JobState::Running);
    EXPECT_THAT(events_of(id_), Contains("left"));
    EXPECT_EQ(store()->last_generation()->end_reason, "stopped; left running: 1 (stubborn)");
}

TEST_F(UnendedTest, IsSettledAsLostByTheNextStart) {
    start({.stop_within = 0s, .kill_after = 0s});
    stop();
    pass(10s);
    ASSERT_TRUE(has_ended());
    (void)ending_.get();
    EXPECT_EQ(executor().run()->lost, 1);
    EXPECT_EQ(store()->find(id_, Time())->reason, Reason::Lost);
}

TEST_F(UnendedTest, IsKilledAtOnceByWhoeverHurriesOnceItWasAsked) {
    start({.stop_within = 0s, .kill_after = 1h});
    stop();
    pass(60s);
    EXPECT_EQ(asked(), Reason::Stopped);
    hurry();
    EXPECT_EQ(asked(), Reason::Killed);
    pass(9s);
    EXPECT_FALSE(has_ended()) << "a kill takes its time, however long ago the stop was";
    pass(1s);
    EXPECT_TRUE(has_ended());
}

TEST_F(UnendedTest, IsAskedAtOnceByWhoeverHurriesBefore) {
    start({.stop_within = 1h});
    stop();
    pass(1s);
    hurry();
    EXPECT_EQ(asked(), Reason::Stopped);
    pass(20s);
    EXPECT_TRUE(has_ended());
}

TEST_F(UnendedTest, HasItsTimeToCleanUp) {
    start({.stop_within = 0s}, {{"cleans", "yes"}});
    stop();
    pass(79s);
    EXPECT_FALSE(has_ended());
    pass(1s);
    EXPECT_TRUE(has_ended());
}

TEST_F(UnendedTest, IsWaitedForInAProcessThatGoesOn) {
    start({.stop_within = 0s, .is_here = true});
    stop();
    pass(100s);
    EXPECT_FALSE(has_ended());
    EXPECT_THAT(events_of(id_), Contains("overdue"));
    EXPECT_THAT(events_of(id_), Not(Contains("left")));
    host_->let_end = true;
    clock_->advance(1s, 0);
    EXPECT_THAT(ending_.get().unended, ::testing::IsEmpty());
    EXPECT_EQ(store()->find(id_, Time())->state, JobState::Stopped);
}

TEST_F(UnendedTest, EndsWithAProcessThatMayEnd) {
    start({.stop_within = 0s, .is_here = true, .may_exit = true});
    stop();
    pass(20s);
    ASSERT_TRUE(has_ended());
    EXPECT_THROW((void)ending_.get(), Exited);
    ASSERT_EQ(report_.unended.size(), 1U);
    EXPECT_TRUE(store()->last_generation()->ended) << "that is on record before";
    EXPECT_THAT(store()->last_generation()->end_reason, HasSubstr("left running"));
}

TEST_F(UnendedTest, EndsWithAProcessWhoseStoreStaysBroken) {
    start({.is_here = true, .may_exit = true, .forever = false});
    breaking_->broken = true;
    pass_asleep(61s);
    clock_->settle();
    EXPECT_EQ(asked(), Reason::Killed);
    pass_asleep(9s);
    clock_->settle();
    EXPECT_FALSE(has_ended()) << "a kill takes its time";
    pass_asleep(1s);
    EXPECT_THROW((void)ending_.get(), Exited);
    ASSERT_EQ(report_.unended.size(), 1U);
    EXPECT_EQ(report_.unended.front().id, id_);
    EXPECT_THAT(report_.broken_by, HasSubstr("the disk is full"));
    EXPECT_EQ(store()->find(id_, Time())->state, JobState::Running) << "for the next start";
}

TEST_F(UnendedTest, IsToldOnceWhereTheStoreDoesNotTakeTheEnd) {
    start({.stop_within = 0s, .is_here = true, .may_exit = true});
    breaking_->endless = true;
    stop();
    pass_asleep(30s);
    EXPECT_THROW((void)ending_.get(), Exited);
    EXPECT_EQ(report_.unended.size(), 1U);
    EXPECT_THAT(report_.broken_by, HasSubstr("the disk is full"));
}

TEST_F(UnendedTest, LeavesItsGenerationOnRecordWhereTheStoreIsSoundAgain) {
    start({.is_here = true, .may_exit = true, .forever = false});
    breaking_->broken = true;
    pass_asleep(61s);
    clock_->settle();
    breaking_->broken = false;
    pass_asleep(10s);
    EXPECT_THROW((void)ending_.get(), Exited);
    EXPECT_EQ(store()->last_generation()->end_reason, "broken off; left running: 1 (stubborn)");
    EXPECT_THAT(events_of(id_), Contains("left"));
}

}  // namespace
}  // namespace periodic::testing
