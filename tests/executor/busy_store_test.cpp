// A store that is slow, or that breaks for good.

#include <algorithm>
#include <atomic>
#include <thread>

#include "executor_fixture.hpp"
#include "fake_clock.hpp"
#include "periodic/run_observer.hpp"
#include "run/control.hpp"
#include "run/daemon.hpp"
#include "run/executor_core.hpp"
#include "run/orphans.hpp"
#include "support/forwarding_store.hpp"

namespace periodic::testing {
namespace {

/// Takes what a job says only once a file is there (or ten seconds have passed).
class SlowStore final : public ForwardingStore {
public:
    SlowStore(std::shared_ptr<JobStore> inner, std::string file)
        : ForwardingStore(std::move(inner)), file_(std::move(file)) {}

    TurnResult turn(const Turn& turn) override {
        if (!turn.updates.empty()) {
            for (int i = 0; i < 1000 && !std::filesystem::exists(file_); ++i)
                std::this_thread::sleep_for(10ms);
        }
        return ForwardingStore::turn(turn);
    }

private:
    std::string file_;
};

/// Can read no entries.
class BrokenStore final : public ForwardingStore {
public:
    using ForwardingStore::ForwardingStore;

    std::vector<EntryMark> entry_marks() override {
        throw StorageError(StorageError::Kind::Busy, "the disk has gone");
    }
};

/// Fails in one respect, for as long or as often as the test wants.
class FlakyStore final : public ForwardingStore {
public:
    using ForwardingStore::ForwardingStore;

    QueueCounts counts(Time now) override {
        if (uncounted) fail();
        return ForwardingStore::counts(now);
    }
    std::optional<Job> find(JobId id, Time now) override {
        if (unfound > 0 && unfound-- > 0) fail();
        return ForwardingStore::find(id, now);
    }
    std::int64_t set_clock_back(Time now, Time after, std::string_view by) override {
        if (unset > 0 && unset-- > 0) fail();
        const auto moved = ForwardingStore::set_clock_back(now, after, by);
        is_set = true;
        return moved;
    }
    void add_event(JobId id, const JobEvent& event) override {
        if (event.event == "overdue" || event.event == "blocked") fail();
        ForwardingStore::add_event(id, event);
    }

    PlanResult plan(const std::vector<EntryPlan>& plans, Time now, std::string_view by) override {
        PlanResult result = ForwardingStore::plan(plans, now, by);
        if (!result.failed.empty() && unanswered > 0 && unanswered-- > 0) fail();
        return result;
    }
    TurnResult turn(const Turn& turn) override {
        if (turns_fail) fail();
        return ForwardingStore::turn(turn);
    }

    std::atomic<bool> turns_fail = false;
    std::atomic<bool> uncounted = false;
    std::atomic<int> unfound = 0;
    std::atomic<int> unanswered = 0;  ///< plannings with jobs that failed
    std::atomic<int> unset = 0;
    std::atomic<bool> is_set = false;

private:
    [[noreturn]] static void fail() {
        throw StorageError(StorageError::Kind::Full, "the disk is full");
    }
};

/// Keeps what it is told.
class ListLogger final : public Logger {
public:
    void log(const LogRecord& record) override {
        const std::lock_guard guard(mutex_);
        texts_.emplace_back(record.text);
    }
    [[nodiscard]] bool has(std::string_view text) {
        const std::lock_guard guard(mutex_);
        return std::any_of(texts_.begin(), texts_.end(), [text](const std::string& one) {
            return one.find(text) != std::string::npos;
        });
    }

private:
    std::mutex mutex_;
    std::vector<std::string> texts_;
};

/// Keeps which jobs have ended.
class EndObserver final : public RunObserver {
public:
    void begin(const RunParts& /*parts*/) override {}
    void started(const Job& /*job*/, const Task* /*task*/) override {}
    void settled(const Settlement& settlement, const Task* /*task*/) override {
        const std::lock_guard guard(mutex_);
        ended_.push_back(settlement.job.id);
    }
    std::optional<Time> look(Time /*now*/) override { return std::nullopt; }
    void happened(std::string_view /*event*/, std::string_view /*message*/) override {}
    void end() override {}

    [[nodiscard]] std::vector<JobId> ended() {
        const std::lock_guard guard(mutex_);
        return ended_;
    }

private:
    std::mutex mutex_;
    std::vector<JobId> ended_;
};

/// Looks at no stop token.
class Stubborn final : public Command {
public:
    static Result<std::unique_ptr<Command>> create(const CommandConfig&) {
        return std::make_unique<Stubborn>();
    }
    Outcome execute(CommandContext& context) override {
        std::ofstream(context.home() + "/begun") << "yes";
        while (!std::filesystem::exists(context.home() + "/end")) std::this_thread::sleep_for(1ms);
        return Outcome::Success;
    }
};

class FlakyStoreTest : public ExecutorTest {
protected:
    void open(std::shared_ptr<Clock> clock = {}) {
        commands_.add({.name = "stubborn", .summary = "Goes on", .create = &Stubborn::create})
            .value();
        home_.task("work", "<command type=\"log\">x</command>");
        std::filesystem::create_directory(home_.path("var"));
        flaky_ = std::make_shared<FlakyStore>(store());
        ExecutorOptions options;
        options.home = home_.path();
        options.commands = commands_;
        options.logger = make_null_logger();
        options.clock = std::move(clock);
        options.store = flaky_;
        options.observer = observer_;
        core_ = ExecutorCore::open(std::move(options)).value();
    }

    void start() {
        daemon_ = std::jthread([this](const std::stop_token& stop) {
            Daemon one(*core_, {.stop = stop, .ready = [this] { is_ready_ = true; }});
            try {
                EXPECT_TRUE(one.run().has_value());
            } catch (const StorageError&) {
                EXPECT_TRUE(was_broken_);  // so ends who is stopped before the store works again
            }
        });
        ASSERT_TRUE(comes([this] { return is_ready_.load(); }));
    }

    // Waits for a condition; false if it does not come.
    template <class Condition>
    static bool comes(Condition condition) {
        const auto until = std::chrono::steady_clock::now() + 20s;
        while (!condition()) {
            if (std::chrono::steady_clock::now() >= until) return false;
            std::this_thread::sleep_for(1ms);
        }
        return true;
    }

    // A daemon with a job that fails at planning, as its task is gone.
    void plan_what_fails(const std::shared_ptr<FakeClock>& clock) {
        clock->settle();
        std::filesystem::remove(home_.path("tasks/missing.xml"));
        clock->advance(60s);
        EXPECT_TRUE(comes([&] {
            clock->advance(1s, 0);
            return !observer_->ended().empty();
        }));
        EXPECT_EQ(observer_->ended(), std::vector<JobId>{1});
        EXPECT_EQ(store()->find(1, Time())->reason, Reason::Invalid);
    }

    std::shared_ptr<FlakyStore> flaky_;
    std::shared_ptr<EndObserver> observer_ = std::make_shared<EndObserver>();
    std::unique_ptr<ExecutorCore> core_;
    std::atomic<bool> is_ready_ = false;
    std::atomic<bool> was_broken_ = false;
    std::jthread daemon_;
};

class SlowStoreTest : public ExecutorTest {};
class BrokenStoreTest : public ExecutorTest {};

TEST_F(SlowStoreTest, DelaysNoTimeoutAndNoCleanup) {
    home_.task("slow",
               "<config><timeout>1</timeout></config><command type=\"shell\">echo x; sleep 60"
               "</command><command type=\"shell\" when=\"always\">sleep 0.3; touch cleaned"
               "</command>");
    std::filesystem::create_directory(home_.path("var"));
    auto made = executor(1, std::make_shared<SlowStore>(store(), home_.path("cleaned")));
    const JobId id = made.jobs().add("slow").value();
    EXPECT_EQ(made.run()->failed, 1);
    EXPECT_EQ(store()->find(id, Time())->reason, Reason::Timeout);
    EXPECT_TRUE(std::filesystem::exists(home_.path("cleaned")));
}

TEST_F(BrokenStoreTest, LeavesTheHomeToOthers) {
    home_.write("crontab", "@hourly work\n");
    home_.task("work", "<command type=\"log\">x</command>");
    std::filesystem::create_directory(home_.path("var"));
    auto made = executor(1, std::make_shared<BrokenStore>(store()));
    EXPECT_THROW((void)made.run(), StorageError);
    const auto report = executor().run().value();
    EXPECT_FALSE(report.locked) << report.holder;
    EXPECT_TRUE(store()->find_generation(1)->ended.has_value());
}

TEST_F(FlakyStoreTest, KeepsNobodyFromStoppingTheDaemonOrFromSeeingWhatIsWrong) {
    open();
    start();
    was_broken_ = true;
    flaky_->uncounted = true;
    const auto status = ask_holder(home_.path("var"), "status", 10s);
    EXPECT_NE(status.value_or("").find("the disk is full"), std::string::npos);
    EXPECT_EQ(ask_holder(home_.path("var"), "stop", 10s), "ends");
    flaky_->uncounted = false;
}

TEST_F(FlakyStoreTest, ForgetsNoJobThatSomebodyWantsAtOnce) {
    open();
    JobOptions later;
    later.available = Time(std::chrono::sys_days(std::chrono::year(2100) / 1 / 1));
    const JobId id = core_->jobs().add("work", {}, later).value();
    start();
    flaky_->unfound = 1;
    core_->tell("run " + std::to_string(id));
    EXPECT_TRUE(comes([&] { return store()->find(id, Time())->state == JobState::Succeeded; }));
    EXPECT_EQ(flaky_->unfound, 0);
}

TEST_F(FlakyStoreTest, KeepsNothingBackOfWhatFailedAtPlanning) {
    const auto clock = std::make_shared<FakeClock>();
    home_.write("crontab", "1 0 1 1 * missing\n");
    home_.task("missing", "<command type=\"log\">x</command>");
    open(clock);
    flaky_->unfound = 1;
    start();
    plan_what_fails(clock);
    EXPECT_EQ(flaky_->unfound, 0);
}

TEST_F(FlakyStoreTest, KeepsNothingBackOfAPlanningWhoseAnswerWasLost) {
    const auto clock = std::make_shared<FakeClock>();
    home_.write("crontab", "1 0 1 1 * missing\n");
    home_.task("missing", "<command type=\"log\">x</command>");
    open(clock);
    flaky_->unanswered = 1;
    start();
    plan_what_fails(clock);
    EXPECT_EQ(flaky_->unanswered, 0);
}

TEST_F(FlakyStoreTest, DoesNotMakeAClockForgottenThatWasSetBack) {
    const Time day{std::chrono::sys_days(std::chrono::year(2026) / 3 / 2)};
    const auto clock = std::make_shared<FakeClock>(day + 12h);
    open(clock);
    start();
    clock->settle();
    flaky_->unset = 1;
    clock->set(day);
    ASSERT_TRUE(comes([&] { return flaky_->unset == 0; }));
    clock->advance(1s);
    EXPECT_TRUE(comes([&] { return flaky_->is_set.load(); }));
}

// Who notes it has the words of other workers in his hand, which must not be lost.
TEST_F(FlakyStoreTest, DisturbsNobodyWhoNotesThatAJobIsBlocked) {
    open();
    const JobId id = core_->jobs().add("work").value();
    const Job job = core_->jobs().find(id).value();
    EXPECT_NO_THROW(note_blocked(*core_, job, {}, job.created, "test"));
}

// Its threads use what belongs to the run, and the process is not the run's to end.
TEST_F(FlakyStoreTest, IsWaitedForWithWhatDoesNotEndInAHostProgram) {
    const auto clock = std::make_shared<FakeClock>();
    open(clock);
    home_.task("endless", "<command type=\"stubborn\"/>");
    const JobId id = core_->jobs().add("endless").value();
    const auto logger = std::make_shared<ListLogger>();
    ExecutorOptions options;
    options.home = home_.path();
    options.commands = commands_;
    options.logger = logger;
    options.clock = clock;
    options.store = flaky_;
    auto made = Executor::create(std::move(options)).value();
    std::jthread run([&] { EXPECT_THROW((void)made.run(), StorageError); });
    wait_for_file("begun");
    flaky_->turns_fail = true;
    EXPECT_TRUE(comes([&] {
        clock->advance(1s, 0);
        return logger->has("it was killed and goes on");
    }));
    home_.write("end", "");
    run.join();
    EXPECT_EQ(store()->find(id, Time())->state, JobState::Running);
    EXPECT_EQ(executor().run()->lost, 1);
}

TEST_F(FlakyStoreTest, EndsNoRunForAnEventThatItDoesNotTake) {
    const auto clock = std::make_shared<FakeClock>();
    open(clock);
    home_.task("endless", "<config><timeout>1</timeout></config><command type=\"stubborn\"/>");
    const JobId id = core_->jobs().add("endless").value();
    ExecutorOptions options;
    options.home = home_.path();
    options.commands = commands_;
    options.logger = make_null_logger();
    options.clock = clock;
    options.store = flaky_;
    auto made = Executor::create(std::move(options)).value();
    std::jthread run([&] { EXPECT_NO_THROW((void)made.run()); });
    wait_for_file("begun");
    // Waits for no sleeper: a run that has ended is none.
    for (int seconds = 0; seconds < 40; ++seconds) {
        clock->advance(1s, 0);
        std::this_thread::sleep_for(5ms);
    }
    home_.write("end", "");
    run.join();
    EXPECT_EQ(store()->find(id, Time())->reason, Reason::Timeout);
}

}  // namespace
}  // namespace periodic::testing
