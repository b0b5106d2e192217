#pragma once

/// @file
/// A loop with real worker processes, and what tests ask of it.

#include <atomic>
#include <chrono>
#include <filesystem>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <gtest/gtest.h>

#include "base/process_table.hpp"
#include "run/executor_core.hpp"
#include "support/daemon_loop.hpp"
#include "support/temporary_home.hpp"

namespace periodic::testing {

using namespace std::chrono_literals;
inline constexpr auto kPatience = 30s;

// Waits for a condition; false if it does not come.
template <class Condition>
bool comes(Condition condition) {
    const auto until = std::chrono::steady_clock::now() + kPatience;
    while (!condition()) {
        if (std::chrono::steady_clock::now() >= until) return false;
        std::this_thread::sleep_for(2ms);
    }
    return true;
}

inline bool is_there(std::int64_t pid) {
    const auto process = read_process(pid);
    return process && process->is_alive();
}

class WorkerTest : public ::testing::Test {
protected:
    void SetUp() override {
        pool_.static_workers = 1;
        pool_.dynamic_workers = 0;
        // Tasks of the host's own commands, which this process does not know: only workers read
        // them.
        ExecutorOptions options;
        options.home = home_.path();
        options.commands = builtin_commands();
        options.logger = make_null_logger();
        options.kind = "daemon";
        adjust(options);
        core_ = ExecutorCore::open(std::move(options)).value();
    }

    void TearDown() override { stop(); }

    virtual void adjust(ExecutorOptions& /*options*/) {}

    void start() {
        thread_ = std::jthread([this](const std::stop_token& stop) {
            DaemonLoopOptions options;
            options.workers = {
                .pools = {pool_}, .program = program_, .begin_within = begin_within_};
            for (const PoolOptions& more : more_pools_) options.workers.pools.push_back(more);
            options.run.stop = stop;
            options.started = [this](WorkerHost& host) { host_ = &host; };
            report_ = run_daemon_loop(*core_, std::move(options)).value();
            host_ = nullptr;
        });
        ASSERT_TRUE(comes([this] { return host_ != nullptr; }));
    }

    void stop() {
        if (!thread_.joinable()) return;
        thread_.request_stop();
        thread_.join();
    }

    // A job of a task with one command, which need not be known here.
    JobId add(const std::string& command, const std::string& config = "") {
        const std::string name = "t" + std::to_string(++tasks_);
        home_.task(name, config + command);
        return add_task(name);
    }

    JobId add_task(const std::string& name, const std::string& topic = "default",
                   OnLost on_lost = OnLost::Fail) {
        Job job;
        job.task = name;
        job.topic = topic;
        job.created = core_->clock().now();
        job.available = job.created;
        job.concurrency = 0;
        job.on_lost = on_lost;
        const JobId id = core_->store().add(job, "test").id;
        core_->clock().notify();
        wake();
        return id;
    }

    void wake() const { core_->clock().notify(); }

    Job ended(JobId id) {
        const auto job = core_->jobs().wait(id, kPatience);
        EXPECT_TRUE(job && is_final(job->state)) << "job " << id;
        return job.value_or(Job());
    }

    Job running(JobId id) {
        EXPECT_TRUE(comes([&] { return find(id).state == JobState::Running && find(id).pid > 0; }));
        return find(id);
    }

    [[nodiscard]] Job find(JobId id) { return core_->jobs().find(id).value_or(Job()); }

    [[nodiscard]] std::string log_of(JobId id) {
        std::string text;
        for (const LogLine& line : core_->jobs().log(id)) text += line.text + '\n';
        return text;
    }

    [[nodiscard]] std::vector<std::string> events_of(JobId id) {
        std::vector<std::string> words;
        for (const JobEvent& event : core_->jobs().events(id)) words.push_back(event.event);
        return words;
    }

    [[nodiscard]] std::int64_t only_worker() {
        std::int64_t pid = 0;
        EXPECT_TRUE(comes([&] {
            const auto status = host_.load()->status();
            if (status.processes.size() != 1) return false;
            pid = status.processes.front().pid;
            return true;
        }));
        return pid;
    }

    TemporaryHome home_;
    PoolOptions pool_;
    std::string program_ = WORKER_PROGRAM;
    std::vector<PoolOptions> more_pools_;
    std::chrono::seconds begin_within_{60};
    std::unique_ptr<ExecutorCore> core_;
    std::atomic<WorkerHost*> host_ = nullptr;
    RunReport report_;
    int tasks_ = 0;
    std::jthread thread_;
};

inline constexpr const char* kNothing = "<command type='test.nothing'/>";

}  // namespace periodic::testing
