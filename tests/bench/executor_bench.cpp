// One executor: jobs of C++ commands that do nothing, from being added to being final, durable at
// every step, while two callers of the same process add them, 500 at
// once.
//
//     executor_bench      prints its row; the home is in the temporary directory

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "periodic/executor.hpp"
#include "temporary_directory.hpp"

namespace periodic {
namespace {

constexpr int kCallers = 2;
constexpr int kAtOnce = 500;
constexpr int kJobs = 20'000;
constexpr int kSlots = 64;

class NoOp final : public Command {
public:
    static Result<std::unique_ptr<Command>> create(const CommandConfig&) {
        return std::make_unique<NoOp>();
    }
    Outcome execute(CommandContext&) override { return Outcome::Success; }
};

class Silence final : public Logger {
public:
    void log(const LogRecord&) override {}
};

double jobs_per_second() {
    const TemporaryDirectory home;
    home.write("crontab", "");
    std::filesystem::create_directory(home.file("tasks"));
    home.write("tasks/noop.xml",
               "<task><config><concurrency>0</concurrency><retention jobs=\"0\"/></config>"
               "<command type=\"bench.noop\"/></task>\n");
    CommandRegistry commands = builtin_commands();
    commands.add({.name = "bench.noop", .summary = "Does nothing", .create = &NoOp::create})
        .value();
    Executor executor = std::move(Executor::create({.home = home.path().string(),
                                                    .commands = std::move(commands),
                                                    .logger = std::make_shared<Silence>(),
                                                    .concurrency = kSlots})
                                      .value());
    std::stop_source stop;
    std::jthread runner([&] { (void)executor.run(stop.get_token()); });
    const auto begin = std::chrono::steady_clock::now();
    {
        std::vector<std::jthread> callers;
        for (int caller = 0; caller < kCallers; ++caller) {
            callers.emplace_back([&] {
                for (int i = 0; i < kJobs / kCallers / kAtOnce; ++i)
                    executor.jobs().add_all("noop", std::vector<Values>(kAtOnce)).value();
            });
        }
    }
    const JobFilter unfinished{.states = {JobState::Queued, JobState::Running}, .limit = 1};
    std::int64_t seen = 0;
    while (!executor.jobs().list(unfinished).empty())
        seen = executor.jobs().wait_for_change(seen, std::chrono::milliseconds(20));
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
    stop.request_stop();
    runner.join();
    if (executor.jobs().count({.states = {JobState::Succeeded}}) != kJobs)
        throw std::runtime_error("not all jobs succeeded");
    return kJobs / took.count();
}

}  // namespace
}  // namespace periodic

int main() {
    try {
        std::vector<double> rates;
        for (int round = 0; round < 3; ++round) rates.push_back(periodic::jobs_per_second());
        std::sort(rates.begin(), rates.end());
        std::printf("no-op C++ jobs, added to final, one executor\t%.0f /s\tat least 20,000\n",
                    rates[1]);
    } catch (const std::exception& error) {
        std::fprintf(stderr, "executor_bench: %s\n", error.what());
        return 1;
    }
    return 0;
}
