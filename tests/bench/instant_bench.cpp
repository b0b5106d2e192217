// When jobs start: on their instants, many at one instant, and when somebody adds one.
//
//     instant_bench PROGRAM     prints the rows; PROGRAM is the program `periodic`. Called
//     otherwise
//                               it is such a program itself, with a command of its own

#include <algorithm>
#include <array>
#include <atomic>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <memory>
#include <stdexcept>
#include <string>
#include <system_error>
#include <thread>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include "daemon_process.hpp"
#include "figures.hpp"
#include "periodic/executor.hpp"
#include "periodic/program.hpp"
#include "support/temporary_home.hpp"

namespace periodic::bench {
namespace {

using namespace std::chrono_literals;
using std::chrono::system_clock;

// Writes a character to the pipe `starts` of the home as soon as it begins.
class Begin final : public Command {
public:
    static Result<std::unique_ptr<Command>> create(const CommandConfig& /*config*/) {
        return std::make_unique<Begin>();
    }
    Outcome execute(CommandContext& context) override {
        const Descriptor pipe(::open((context.home() + "/starts").c_str(), O_WRONLY | O_CLOEXEC));
        return ::write(pipe.get(), "c", 1) == 1 ? Outcome::Success : Outcome::Fail;
    }
};

CommandRegistry commands() {
    CommandRegistry all = builtin_commands();
    all.add({.name = "bench.begin", .summary = "Says that it begins", .create = &Begin::create})
        .value();
    return all;
}

// The reading end of a pipe in a home, on which jobs say that they begin.
class Starts {
public:
    explicit Starts(const testing::TemporaryHome& home) {
        const std::string path = home.path("starts");
        if (::mkfifo(path.c_str(), 0600) != 0) throw std::runtime_error("mkfifo " + path);
        pipe_ = Descriptor(::open(path.c_str(), O_RDWR | O_CLOEXEC | O_NONBLOCK));
        home.task("shell",
                  "<config><concurrency>0</concurrency></config>"
                  "<command type='shell'>printf s >\"$PERIODIC_HOME/starts\"</command>");
        home.task("class", "<command type='bench.begin'/>");
    }

    // What the next one says, and when; throws if there is none within some seconds.
    std::pair<char, system_clock::time_point> next() {
        pollfd said{.fd = pipe_.get(), .events = POLLIN, .revents = 0};
        if (::poll(&said, 1, 10'000) != 1) throw std::runtime_error("no job has begun");
        const auto now = system_clock::now();
        char what = 0;
        if (::read(pipe_.get(), &what, 1) != 1) throw std::runtime_error("nothing was said");
        return {what, now};
    }

private:
    Descriptor pipe_;
};

std::string percentiles(const std::vector<double>& all) {
    return text("p50 %.2f ms, p99 %.2f ms, most %.2f ms", share(all, 0.5), share(all, 0.99),
                share(all, 1));
}

std::string itself() {
    return std::filesystem::read_symlink("/proc/self/exe").string();
}

// A job each second, of a shell and of a class in turns, while the daemon is started again and
// again at another part of a second.
void print_instants() {
    constexpr int kStarts = 8;
    constexpr int kEach = 15;
    const testing::TemporaryHome home;
    Starts starts(home);
    home.write("crontab", "\"*/2 * * * * *\" shell\n\"1-59/2 * * * * *\" class\n");
    std::vector<double> shells;
    std::vector<double> classes;
    for (int round = 0; round < kStarts; ++round) {
        const auto phase = std::chrono::milliseconds(round * 1000 / kStarts);
        std::this_thread::sleep_until(std::chrono::ceil<std::chrono::seconds>(system_clock::now()) +
                                      phase);
        const DaemonProcess daemon(itself(), home.path());
        (void)starts.next();  // may be one that was missed while there was no daemon
        for (int i = 0; i < kEach; ++i) {
            const auto [what, when] = starts.next();
            const auto late = when - std::chrono::floor<std::chrono::seconds>(when);
            (what == 's' ? shells : classes)
                .push_back(std::chrono::duration<double, std::milli>(late).count());
        }
    }
    row("C++ command begins after its instant, " + std::to_string(kStarts) +
            " starts of the daemon",
        percentiles(classes), "p50 < 2 ms, p99 < 5 ms");
    row("  shell's first word (cronie: 0 to 900 ms, Debian's cron: 1,000 to 1,900 ms)",
        percentiles(shells), "p50 < 2 ms, p99 < 5 ms");
}

constexpr int kJobs = 1000;

struct Burst {
    double rate = 0;   // from the instant to the last end, in jobs a second
    double first = 0;  // from the instant to the first word of the first one's shell
    std::int64_t done = 0;
};

Burst burst(const std::string& program, const std::string& task) {
    const testing::TemporaryHome home;
    Starts starts(home);
    home.task("noop",
              "<config><concurrency>0</concurrency></config><command type='shell'>true</command>");
    const std::time_t instant = std::time(nullptr) + 3;
    std::string entries;
    for (int i = 0; i < kJobs; ++i)
        entries += at_second(instant) + ' ' + task + " n=" + std::to_string(i) + '\n';
    home.write("crontab", entries);
    const DaemonProcess daemon(program, home.path());
    const auto due = system_clock::from_time_t(instant);
    Burst result;
    if (task == "shell")
        result.first =
            std::chrono::duration<double, std::milli>(starts.next().second - due).count();

    ExecutorOptions options;
    options.home = home.path();
    options.commands = commands();
    options.logger = make_null_logger();
    Executor executor = Executor::create(std::move(options)).value();
    const JobFilter unfinished{.states = {JobState::Queued, JobState::Running}, .limit = 1};
    std::this_thread::sleep_until(due + 500ms);
    while (!executor.jobs().list(unfinished).empty()) std::this_thread::sleep_for(50ms);
    Time last{};
    for (const Job& job : executor.jobs().list({.states = {JobState::Succeeded}, .limit = kJobs})) {
        last = std::max(last, job.finished.value());
        ++result.done;
    }
    result.rate = kJobs / std::chrono::duration<double>(last - due).count();
    return result;
}

double xargs_rate() {
    const std::string line = "seq " + std::to_string(kJobs) + " | xargs -P" +
                             std::to_string(std::thread::hardware_concurrency()) +
                             " -n1 sh -c true";
    const auto begin = std::chrono::steady_clock::now();
    if (std::system(line.c_str()) != 0) throw std::runtime_error(line);
    return kJobs / milliseconds(std::chrono::steady_clock::now() - begin) * 1000;
}

void print_burst(const std::string& program) {
    constexpr int kRounds = 3;
    std::vector<double> reference;
    std::vector<double> rates;
    std::vector<double> firsts;
    std::int64_t lost = 0;
    for (int round = 0; round < kRounds; ++round) {
        reference.push_back(xargs_rate());
        const Burst one = burst(program, "noop");
        const Burst other = burst(program, "shell");
        rates.push_back(one.rate);
        firsts.push_back(other.first);
        lost += 2 * kJobs - one.done - other.done;
    }
    row("xargs -P$(nproc) -n1 sh -c true", text("%.0f /s", median(reference)), "");
    row("1,000 shell jobs due at one instant: lost", text("%.0f", static_cast<double>(lost)),
        "none");
    row("  their rate from the instant to the last end",
        text("%.0f /s, %.2f of xargs", median(rates), median(rates) / median(reference)),
        "at least 0.8");
    row("  the first one's first word after the instant",
        text("p50 %.1f ms, most %.1f ms", median(firsts), share(firsts, 1)), "within 10 ms");
}

// Another process adds: it has the store open, and wakes the daemon.
void print_added() {
    constexpr int kJobsAdded = 300;
    const testing::TemporaryHome home;
    Starts starts(home);
    const DaemonProcess daemon(itself(), home.path());
    ExecutorOptions options;
    options.home = home.path();
    options.commands = commands();
    options.logger = make_null_logger();
    Executor executor = Executor::create(std::move(options)).value();
    std::vector<double> all;
    for (int i = 0; i < kJobsAdded; ++i) {
        std::atomic<system_clock::rep> begun = 0;
        std::jthread reader([&] { begun = starts.next().second.time_since_epoch().count(); });
        (void)executor.jobs().add("class").value();
        const auto added = system_clock::now();
        reader.join();
        const system_clock::time_point at{system_clock::duration(begun.load())};
        all.push_back(std::chrono::duration<double, std::milli>(at - added).count());
        std::this_thread::sleep_for(5ms);
    }
    row("durable add in another process to the start of a C++ command", percentiles(all),
        "p50 < 1 ms, p99 < 3 ms");
}

}  // namespace
}  // namespace periodic::bench

int main(int argc, char** argv) {
    using namespace periodic::bench;
    const std::string first = argc > 1 ? argv[1] : "";
    const std::string part = argc == 3 ? argv[2] : "";
    if (first.find('/') == std::string::npos) return periodic::run_program(argc, argv, commands());
    try {
        if (part.empty() || part == "instants") print_instants();
        if (part.empty() || part == "burst") print_burst(first);
        if (part.empty() || part == "added") print_added();
    } catch (const std::exception& error) {
        std::fprintf(stderr, "instant_bench: %s\n", error.what());
        return 1;
    }
    return 0;
}
