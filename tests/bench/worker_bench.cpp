// Jobs through worker processes, as a daemon runs them.
//
//     worker_bench [PROGRAM [latency|death|throughput]]
//
// prints the rows of one part, or of all; `worker_bench worker` is one of its own workers.

#include <chrono>
#include <csignal>
#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <unistd.h>

#include "figures.hpp"
#include "periodic/command_registry.hpp"
#include "periodic/executor.hpp"
#include "periodic/program.hpp"
#include "run/executor_core.hpp"
#include "support/daemon_loop.hpp"
#include "support/temporary_home.hpp"

namespace {

using namespace periodic;
using namespace std::chrono_literals;
using bench::milliseconds;
using bench::row;
using bench::share;
using bench::text;
using std::chrono::steady_clock;

// Says when it begins, by the clock that all processes share.
class Stamp final : public Command {
public:
    static Result<std::unique_ptr<Command>> create(const CommandConfig& /*config*/) {
        return std::make_unique<Stamp>();
    }
    Outcome execute(CommandContext& context) override {
        context.set_message(std::to_string(steady_clock::now().time_since_epoch().count()));
        return Outcome::Success;
    }
};

class Nothing final : public Command {
public:
    static Result<std::unique_ptr<Command>> create(const CommandConfig& /*config*/) {
        return std::make_unique<Nothing>();
    }
    Outcome execute(CommandContext& /*context*/) override { return Outcome::Success; }
};

CommandRegistry commands() {
    CommandRegistry all = builtin_commands();
    all.add({.name = "bench.nothing", .summary = "Does nothing", .create = &Nothing::create})
        .value();
    all.add({.name = "bench.stamp", .summary = "Says when it begins", .create = &Stamp::create})
        .value();
    return all;
}

// A home with a daemon's loop.
class Bench {
public:
    Bench(int workers, int slots) {
        home_.task("noop",
                   "<config><concurrency>0</concurrency></config>"
                   "<command type='bench.nothing'/>");
        home_.task("stamp", "<command type='bench.stamp'/>");
        home_.task("sleep", "<command type='shell'>sleep 100</command>");
        ExecutorOptions options;
        options.home = home_.path();
        options.commands = commands();
        options.logger = make_null_logger();
        core_ = ExecutorCore::open(std::move(options)).value();
        pool_.static_workers = workers;
        pool_.dynamic_workers = 0;
        pool_.slots = slots;
        pool_.recycle_jobs = 1'000'000'000;
    }
    ~Bench() {
        loop_.request_stop();
        if (loop_.joinable()) loop_.join();
    }

    void start() {
        loop_ = std::jthread([this](const std::stop_token& stop) {
            DaemonLoopOptions options;
            options.workers.pools = {pool_};
            options.run.stop = stop;
            (void)run_daemon_loop(*core_, std::move(options)).value();
        });
    }

    [[nodiscard]] Jobs& jobs() { return core_->jobs(); }
    [[nodiscard]] JobStore& store() { return core_->store(); }
    [[nodiscard]] Clock& clock() { return core_->clock(); }

    Job ended(JobId id) { return jobs().wait(id, 60s).value(); }

private:
    testing::TemporaryHome home_;
    std::unique_ptr<ExecutorCore> core_;
    PoolOptions pool_;
    std::jthread loop_;
};

void throughput(int workers, int slots) {
    constexpr int kJobs = 40'000;
    Bench bench(workers, slots);
    Job job;
    job.task = "noop";
    job.concurrency = 0;
    job.created = bench.clock().now();
    job.available = job.created;
    // In a few transactions: an entry for each, as a planning makes them.
    std::vector<EntryPlan> plans;
    for (int i = 1; i <= kJobs; ++i) {
        EntryPlan& plan = plans.emplace_back();
        plan.id = i;
        job.entry = i;
        job.scheduled = std::chrono::sys_seconds(std::chrono::seconds(i));
        plan.jobs.push_back(job);
    }
    (void)bench.store().plan(plans, job.created, "bench");
    bench.start();
    // From a moment when it runs, so that the start of workers does not count.
    const JobFilter done{.states = {JobState::Succeeded}};
    const JobFilter unfinished{.states = {JobState::Queued, JobState::Running}, .limit = 1};
    while (bench.store().count(done) < 1000) std::this_thread::sleep_for(5ms);
    const auto begin = steady_clock::now();
    const auto before = bench.store().count(done);
    while (!bench.store().page(unfinished, bench.clock().now()).empty())
        std::this_thread::sleep_for(10ms);
    const double seconds = milliseconds(steady_clock::now() - begin) / 1000;
    const double rate = static_cast<double>(kJobs - before) / seconds;
    if (bench.store().count(done) != kJobs) throw std::runtime_error("not all jobs succeeded");
    const std::string what = "no-op C++ commands through " + std::to_string(workers) +
                             " workers of " + std::to_string(slots) + " slots, FULL";
    row(what, text("%.0f jobs/s", rate), ">= 20,000 jobs/s");
}

void latency() {
    Bench bench(2, 1);
    bench.start();
    (void)bench.ended(bench.jobs().add("stamp").value());
    std::vector<double> all;
    std::vector<double> whole;
    for (int i = 0; i < 300; ++i) {
        const auto begin = steady_clock::now();
        const JobId id = bench.jobs().add("stamp").value();
        const auto added = steady_clock::now();
        const Job job = bench.ended(id);
        const steady_clock::time_point started{steady_clock::duration(std::stoll(job.message))};
        all.push_back(milliseconds(started - added));
        whole.push_back(milliseconds(started - begin));
        std::this_thread::sleep_for(2ms);
    }
    row("durable commit of an add to the start of a C++ command",
        text("p50 %.2f ms, p99 %.2f ms", share(all, 0.5), share(all, 0.99)),
        "p50 < 1 ms, p99 < 3 ms");
    row("the same from the call of add",
        text("p50 %.2f ms, p99 %.2f ms", share(whole, 0.5), share(whole, 0.99)), "");
}

void death() {
    Bench bench(2, 1);
    bench.start();
    std::vector<double> all;
    for (int i = 0; i < 15; ++i) {
        const JobId id = bench.jobs().add("sleep").value();
        while (bench.jobs().find(id)->pid == 0) std::this_thread::sleep_for(1ms);
        const auto begin = steady_clock::now();
        ::kill(static_cast<pid_t>(bench.jobs().find(id)->worker), SIGKILL);
        (void)bench.ended(id);
        all.push_back(milliseconds(steady_clock::now() - begin));
    }
    row("worker killed to job settled",
        text("p50 %.1f ms, most %.1f ms", share(all, 0.5), share(all, 1)), "< 100 ms");
}

}  // namespace

int main(int argc, char** argv) {
    if (argc == 2 && std::string(argv[1]) == "worker") return run_program(argc, argv, commands());
    const std::string part = argc == 3 ? argv[2] : "";
    if (part.empty() || part == "latency") latency();
    if (part.empty() || part == "death") death();
    if (part.empty() || part == "throughput") {
        throughput(4, 4);
        throughput(16, 1);
        throughput(1, 16);
    }
    return 0;
}
