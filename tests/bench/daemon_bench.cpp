// What a daemon costs that has nothing to do: memory, its start, and how still it is.
//
//     daemon_bench PROGRAM [memory|start|idle]
//
// prints the rows of one part, or of all; PROGRAM is the path of the program `periodic`.

#include <chrono>
#include <cstdio>
#include <exception>
#include <string>
#include <thread>
#include <vector>

#include "daemon_process.hpp"
#include "figures.hpp"
#include "support/temporary_home.hpp"

namespace periodic::bench {
namespace {

using namespace std::chrono_literals;

constexpr auto kSettle = 2s;
constexpr auto kIdle = 20s;

void fill(const testing::TemporaryHome& home, int entries) {
    home.write("crontab", far_entries(entries));
    home.task("noop", "<command type='shell'>true</command>");
}

void print_memory(const std::string& program, int entries, const char* goal) {
    const testing::TemporaryHome home;
    fill(home, entries);
    { const DaemonProcess first(program, home.path()); }  // has seen all of them
    const DaemonProcess daemon(program, home.path());
    std::this_thread::sleep_for(kSettle);
    const Memory memory = memory_of(daemon.pid());
    row("daemon of " + std::to_string(entries) + " entries, resident",
        text("%.1f MiB (%.1f its share, %.1f its own)", memory.resident, memory.proportional,
             memory.own),
        goal);
}

void print_start(const std::string& program) {
    constexpr int kRounds = 9;
    std::vector<double> unseen;
    std::vector<double> seen;
    for (int round = 0; round < kRounds; ++round) {
        const testing::TemporaryHome home;
        fill(home, 10'000);
        unseen.push_back(DaemonProcess(program, home.path()).start_milliseconds());
        seen.push_back(DaemonProcess(program, home.path()).start_milliseconds());
    }
    row("start of a daemon of 10,000 entries until it is ready",
        text("p50 %.0f ms, most %.0f ms", median(seen), share(seen, 1)), "under 100 ms");
    row("  the very first one, which puts all of them on record",
        text("p50 %.0f ms, most %.0f ms", median(unseen), share(unseen, 1)), "");
}

// The daemon and its workers, each with all its threads.
void print_idle(const std::string& program) {
    const testing::TemporaryHome home;
    fill(home, 10'000);
    const DaemonProcess daemon(program, home.path());
    std::this_thread::sleep_for(kSettle);
    std::vector<pid_t> processes = children_of(daemon.pid());
    processes.push_back(daemon.pid());
    const auto all = [&processes] {
        Use sum;
        for (const pid_t pid : processes) {
            const Use use = use_of(pid);
            sum.switches += use.switches;
            sum.cpu_milliseconds += use.cpu_milliseconds;
        }
        return sum;
    };
    const Use before = all();
    std::this_thread::sleep_for(kIdle);
    const Use after = all();
    const double minutes = std::chrono::duration<double, std::ratio<60>>(kIdle).count();
    row("idle, 10,000 entries not due: the daemon and its " + std::to_string(processes.size() - 1) +
            " workers, a minute",
        text("%.0f wake-ups, %.2f ms of CPU",
             static_cast<double>(after.switches - before.switches) / minutes,
             (after.cpu_milliseconds - before.cpu_milliseconds) / minutes),
        "none, 0 ms");
}

void print_rows(const std::string& program, const std::string& part) {
    if (part.empty() || part == "memory") {
        print_memory(program, 10, "8 MiB");
        print_memory(program, 10'000, "15 MiB");
        print_memory(program, 100'000, "60 MiB");
    }
    if (part.empty() || part == "start") print_start(program);
    if (part.empty() || part == "idle") print_idle(program);
}

}  // namespace
}  // namespace periodic::bench

int main(int argc, char** argv) {
    if (argc != 2 && argc != 3) {
        std::fputs("usage: daemon_bench PROGRAM [memory|start|idle]\n", stderr);
        return 2;
    }
    try {
        periodic::bench::print_rows(argv[1], argc == 3 ? argv[2] : "");
    } catch (const std::exception& error) {
        std::fprintf(stderr, "daemon_bench: %s\n", error.what());
        return 1;
    }
    return 0;
}
