// Pools that change while their workers run.

#include <algorithm>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "worker_fixture.hpp"

namespace periodic::testing {
namespace {

using namespace std::chrono_literals;

PoolOptions pool(const std::string& topic, int workers, int slots = 1, int dynamic = 0) {
    PoolOptions options;
    options.topic = topic;
    options.static_workers = workers;
    options.dynamic_workers = dynamic;
    options.slots = slots;
    return options;
}

class PoolsTest : public WorkerTest {
protected:
    void reconfigure(std::vector<PoolOptions> pools) {
        Configuration configuration = *core_->configuration();
        configuration.pools = std::move(pools);
        ASSERT_TRUE(core_->reconfigure(std::move(configuration)).has_value());
        wake();
    }

    // The workers of each topic come to be so many, all with nothing left to end.
    bool workers_become(std::vector<std::pair<std::string, int>> wanted) {
        return comes([&] {
            const auto status = host_.load()->status();
            return status.pools.size() == wanted.size() &&
                   std::all_of(wanted.begin(), wanted.end(), [&](const auto& one) {
                       return std::any_of(
                           status.pools.begin(), status.pools.end(), [&](const PoolStatus& pool) {
                               return pool.topic == one.first && pool.workers == one.second;
                           });
                   });
        });
    }

    JobId blocker(const std::string& topic = "default") {
        home_.task("long",
                   "<command type='shell'>while ! test -e go; do sleep 0.01; done</command>");
        const JobId id = add_task("long", topic);
        EXPECT_TRUE(comes([&] { return find(id).state == JobState::Running; }));
        return id;
    }
};

TEST_F(PoolsTest, MoreWorkersAndTopicsComeAtOnce) {
    start();
    const JobId id = blocker();
    reconfigure({pool("default", 3), pool("mail", 1)});
    EXPECT_TRUE(workers_become({{"default", 3}, {"mail", 1}}));
    EXPECT_EQ(find(id).state, JobState::Running) << "what runs goes on";
    home_.task("short", kNothing);
    const Job mail = ended(add_task("short", "mail"));
    const auto status = host_.load()->status();
    const auto worker =
        std::find_if(status.processes.begin(), status.processes.end(),
                     [&](const ProcessStatus& process) { return process.pid == mail.worker; });
    ASSERT_NE(worker, status.processes.end());
    EXPECT_EQ(worker->topic, "mail");
    home_.write("go", "");
    EXPECT_EQ(ended(id).state, JobState::Succeeded);
}

TEST_F(PoolsTest, FewerWorkersGoTheIdleOnesFirst) {
    pool_.static_workers = 4;
    start();
    ASSERT_TRUE(workers_become({{"default", 4}}));
    const JobId id = blocker();
    reconfigure({pool("default", 1)});
    EXPECT_TRUE(workers_become({{"default", 1}}));
    EXPECT_EQ(find(id).state, JobState::Running);
    EXPECT_EQ(only_worker(), find(id).worker);
    home_.write("go", "");
    EXPECT_EQ(ended(id).state, JobState::Succeeded);
    EXPECT_EQ(only_worker(), find(id).worker) << "it stays";
}

TEST_F(PoolsTest, ATopicWithoutAPoolIsTheDefaultsAgain) {
    more_pools_ = {pool("mail", 1)};
    start();
    ASSERT_TRUE(workers_become({{"default", 1}, {"mail", 1}}));
    const JobId id = blocker("mail");
    reconfigure({pool("default", 1)});
    home_.task("short", kNothing);
    EXPECT_EQ(ended(add_task("short", "mail")).state, JobState::Succeeded);
    EXPECT_EQ(find(id).state, JobState::Running) << "its worker ends after it";
    home_.write("go", "");
    EXPECT_EQ(ended(id).state, JobState::Succeeded);
    EXPECT_TRUE(workers_become({{"default", 1}}));
}

TEST_F(PoolsTest, AnotherNumberOfSlotsReplacesAWorkerWhenItIsDone) {
    start();
    const JobId id = blocker();
    const std::int64_t before = find(id).worker;
    reconfigure({pool("default", 1, 3)});
    // The one that has it takes no more and is replaced by one with three.
    EXPECT_TRUE(comes([&] {
        const auto status = host_.load()->status();
        return status.pools.at(0).slots == 4;
    }));
    EXPECT_EQ(find(id).state, JobState::Running);
    home_.write("go", "");
    EXPECT_EQ(ended(id).state, JobState::Succeeded);
    EXPECT_TRUE(comes([&] {
        const auto status = host_.load()->status();
        return status.pools.at(0).slots == 3 && status.processes.size() == 1 &&
               status.processes.front().pid != before;
    }));
}

TEST_F(PoolsTest, APoolThatComesBackGoesOn) {
    more_pools_ = {pool("mail", 2)};
    start();
    ASSERT_TRUE(workers_become({{"default", 1}, {"mail", 2}}));
    const JobId id = blocker("mail");
    reconfigure({pool("default", 1)});
    wake();
    reconfigure({pool("default", 1), pool("mail", 2)});
    EXPECT_TRUE(comes([&] {
        const auto status = host_.load()->status();
        return std::count_if(status.processes.begin(), status.processes.end(),
                             [](const auto& process) { return process.topic == "mail"; }) >= 2;
    }));
    EXPECT_EQ(find(id).state, JobState::Running);
    home_.write("go", "");
    EXPECT_EQ(ended(id).state, JobState::Succeeded);
    EXPECT_TRUE(workers_become({{"default", 1}, {"mail", 2}}));
}

TEST_F(PoolsTest, DynamicOnesBeyondTheirNumberGoAtOnce) {
    pool_.dynamic_workers = 3;
    pool_.idle = 1h;
    start();
    std::vector<JobId> jobs{blocker()};
    for (int i = 0; i < 3; ++i) jobs.push_back(add_task("long"));
    for (int i = 0; i < 3; ++i) jobs.push_back(add_task("long"));
    ASSERT_TRUE(workers_become({{"default", 4}}));
    home_.write("go", "");
    for (const JobId id : jobs) EXPECT_EQ(ended(id).state, JobState::Succeeded);
    reconfigure({pool("default", 1, 1, 0)});
    EXPECT_TRUE(workers_become({{"default", 1}}));
}

TEST_F(PoolsTest, WhatAProcessCantChangeIsAnsweredAndStays) {
    Configuration configuration = *core_->configuration();
    configuration.state = "elsewhere";
    configuration.store_url = "sqlite:other.db";
    configuration.delete_journal = true;
    configuration.time_zone = "Europe/Berlin";
    configuration.release_after = 5s;
    const auto kept = core_->reconfigure(configuration);
    ASSERT_TRUE(kept.has_value());
    EXPECT_EQ(*kept, (std::vector<std::string>{"<state>", "<timeZone>", "<store>"}));
    EXPECT_EQ(core_->configuration()->state, "var");
    EXPECT_EQ(core_->configuration()->time_zone, "");
    EXPECT_EQ(core_->configuration()->release_after, 5s);
}

}  // namespace
}  // namespace periodic::testing
