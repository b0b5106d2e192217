// Starting and reaping programs, beside posix_spawn in the same run.
//
//     launcher_bench [PROGRAM]     prints the rows; the argument is not needed

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <memory>
#include <stdexcept>
#include <system_error>
#include <thread>
#include <vector>

#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include "periodic/process_launcher.hpp"

namespace {

using namespace std::chrono_literals;

constexpr int kThreads = 2;
constexpr int kStarts = 300;  // of each thread

// How often a second `start` can be done by both threads.
double rate(const std::function<void()>& start) {
    const auto begin = std::chrono::steady_clock::now();
    {
        std::vector<std::jthread> threads;
        for (int thread = 0; thread < kThreads; ++thread)
            threads.emplace_back([&] {
                for (int i = 0; i < kStarts; ++i) start();
            });
    }
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
    return kThreads * kStarts / took.count();
}

void spawn() {
    char sh[] = "sh";
    char option[] = "-c";
    char script[] = "true";
    char* const arguments[] = {sh, option, script, nullptr};
    pid_t child = 0;
    if (const int error = ::posix_spawn(&child, "/bin/sh", nullptr, nullptr, arguments, ::environ);
        error != 0)
        throw std::system_error(error, std::generic_category(), "posix_spawn");
    ::waitpid(child, nullptr, 0);
}

void launch(periodic::ProcessLauncher& launcher) {
    const auto process = launcher
                             .start({.program = "/bin/sh",
                                     .arguments = {"-c", "true"},
                                     .environment = {{"PATH", "/usr/bin:/bin"}}})
                             .value();
    while (!process->exit()) process->wait_for(1h, [](auto, auto) {});
    if (process->has_survivors()) throw std::runtime_error("sh -c true has left something");
}

// In turns, so that a busy moment of the machine falls on all; the median counts.
struct Rates {
    std::vector<double> values{};

    double median() {
        std::sort(values.begin(), values.end());
        return values[values.size() / 2];
    }
};

void print(const char* what, double rate, double reference) {
    std::printf("%s\t%.0f /s, %.2f of posix_spawn\tat least 0.8\n", what, rate, rate / reference);
}

void measure() {
    constexpr int kRounds = 7;
    // What a big host pays where fork() would have to copy the tables of its memory.
    constexpr std::size_t kBig = 300U << 20U;
    const auto launcher = periodic::make_process_launcher({.adopts_strays = true});
    Rates reference;
    Rates small;
    Rates big;
    for (int round = 0; round < kRounds; ++round) {
        reference.values.push_back(rate(&spawn));
        small.values.push_back(rate([&] { launch(*launcher); }));
        const std::vector<char> memory(kBig, 'x');
        big.values.push_back(rate([&] { launch(*launcher); }));
    }
    std::printf("posix_spawn of sh -c true, 2 threads\t%.0f /s\t\n", reference.median());
    print("the launcher, with its pipes", small.median(), reference.median());
    print("  from a process of 300 MiB", big.median(), reference.median());
}

}  // namespace

int main() {
    try {
        measure();
    } catch (const std::exception& error) {
        std::fprintf(stderr, "launcher_bench: %s\n", error.what());
        return 1;
    }
    return 0;
}
