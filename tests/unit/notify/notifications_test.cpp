// Jobs that are late or stuck, as an executor's turns find them.

#include <fstream>
#include <sstream>

#include <gtest/gtest.h>

#include "fake_clock.hpp"
#include "periodic/notifier.hpp"
#include "support/forwarding_store.hpp"
#include "temporary_directory.hpp"

namespace periodic {
namespace {

using namespace std::chrono_literals;

// Has a history of three runs of ten minutes for every task.
class StoreWithHistory final : public periodic::testing::ForwardingStore {
public:
    using periodic::testing::ForwardingStore::ForwardingStore;

    std::vector<Job> page(const JobFilter& filter, Time now) override {
        if (filter.states != std::vector<JobState>{JobState::Succeeded}) {
            return periodic::testing::ForwardingStore::page(filter, now);
        }
        Job job;
        job.started = now - 1h;
        job.finished = now - 50min;
        return {3, job};
    }
};

class RunsThatAreWatched : public ::testing::Test {
protected:
    RunsThatAreWatched() : store_(make_memory_store()) {
        NotifyOptions rule;
        rule.on = {"late", "stuck"};
        rule.programs = {"echo \"$PERIODIC_EVENT $PERIODIC_TASK: $PERIODIC_MESSAGE\" >> told"};
        configuration_.notify = {rule};
        notifications_->begin({.store = store_,
                               .clock = clock_,
                               .logger = *logger_,
                               .launcher = *launcher_,
                               .configuration = configuration_,
                               .home = home_,
                               .state = home_});
    }

    std::string told() {
        notifications_->end();
        std::ifstream file(directory_.path() / "told");
        std::ostringstream text;
        text << file.rdbuf();
        return text.str();
    }

    Job job() {
        Job job;
        job.id = 1;
        job.task = "a";
        job.topic = "default";
        job.claim = 1;
        job.attempt = 1;
        job.scheduled = std::chrono::floor<std::chrono::seconds>(clock_.now());
        return job;
    }

    TemporaryDirectory directory_;
    std::string home_ = directory_.path().string();
    FakeClock clock_;
    StoreWithHistory store_;
    std::shared_ptr<Logger> logger_ = make_null_logger();
    std::unique_ptr<ProcessLauncher> launcher_ = make_process_launcher();
    Configuration configuration_{};
    std::shared_ptr<RunObserver> notifications_ = make_notifications();
};

TEST_F(RunsThatAreWatched, AreStuckAfterThreeTimesTheirUsualTime) {
    const Time begun = clock_.now();
    notifications_->started(job(), nullptr);
    EXPECT_EQ(notifications_->look(clock_.now()), begun + 30min);
    clock_.advance(30min, 0);
    (void)notifications_->look(clock_.now());
    clock_.advance(30min, 0);
    (void)notifications_->look(clock_.now());
    EXPECT_EQ(told(), "stuck a: it has run for 30m, more than three times as long as usual\n");
}

TEST_F(RunsThatAreWatched, AreNotStuckOnceTheyHaveEnded) {
    notifications_->started(job(), nullptr);
    Settlement settlement;
    settlement.job = job();
    settlement.job.state = JobState::Succeeded;
    notifications_->settled(settlement, nullptr);
    clock_.advance(1h, 0);
    (void)notifications_->look(clock_.now());
    EXPECT_EQ(told(), "");
}

TEST_F(RunsThatAreWatched, AreLateTwoMinutesAfterTheirInstant) {
    const Job in_time = job();
    clock_.advance(119s, 0);
    notifications_->started(in_time, nullptr);
    EXPECT_EQ(told(), "");
}

TEST_F(RunsThatAreWatched, AreLateOnceAndNotWhenTheyAreRetried) {
    Job late = job();
    clock_.advance(125s, 0);
    notifications_->started(late, nullptr);
    late.claim = 2;
    late.attempt = 2;
    notifications_->started(late, nullptr);
    EXPECT_EQ(told(), "late a: it starts 2m5s late\n");
}

}  // namespace
}  // namespace periodic
