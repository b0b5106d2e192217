#pragma once

/// @file
/// A home on disk, with executors of it.

#include <chrono>
#include <filesystem>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "periodic/executor.hpp"
#include "support/temporary_home.hpp"

namespace periodic::testing {

using namespace std::chrono_literals;

class ExecutorTest : public ::testing::Test {
protected:
    Executor executor(int concurrency = 2, std::shared_ptr<JobStore> store = {}) {
        ExecutorOptions options;
        options.home = home_.path();
        options.commands = commands_;
        options.logger = make_null_logger();
        options.concurrency = concurrency;
        options.store = std::move(store);
        return Executor::create(std::move(options)).value();
    }

    [[nodiscard]] std::unique_ptr<JobStore> store() const {
        return open_sqlite_store({.path = home_.path("var/periodic.db")});
    }

    // Lets an hour (or more) of occurrences of all entries fall due: they must have been seen.
    void move_marks_back(std::chrono::seconds by = 1h) {
        const auto opened = store();
        std::vector<EntryPlan> plans;
        for (const EntryMark& mark : opened->entry_marks()) {
            EntryPlan plan{.id = mark.id, .seen = mark, .mark = mark};
            plan.mark->watermark -= by;
            plans.push_back(std::move(plan));
        }
        opened->plan(plans, Time(std::chrono::milliseconds(0)), "test");
    }

    void see_then_make_due(std::chrono::seconds by = 1h) {
        ASSERT_TRUE(executor().run().has_value());
        move_marks_back(by);
    }

    [[nodiscard]] Job only_job() {
        const auto jobs = store()->page({}, Time());
        EXPECT_EQ(jobs.size(), 1U);
        return jobs.empty() ? Job() : jobs.front();
    }

    [[nodiscard]] std::string log_of(JobId id) {
        std::string text;
        for (const LogLine& line : store()->log(id, 0, 1000)) text += line.text + '\n';
        return text;
    }

    // Waits until a program of a task has made a file.
    void wait_for_file(const std::string& name) const {
        while (!std::filesystem::exists(home_.path(name))) std::this_thread::sleep_for(1ms);
    }

    // The events of a job, as words.
    [[nodiscard]] std::vector<std::string> events_of(JobId id) {
        std::vector<std::string> words;
        for (const JobEvent& event : store()->events(id)) words.push_back(event.event);
        return words;
    }

    TemporaryHome home_;
    CommandRegistry commands_ = builtin_commands();
};

}  // namespace periodic::testing
