// The cron arithmetic beside libc's timegm, which is measured in the same rounds: ratios travel
// from machine to machine, nanoseconds don't. And a crontab of a million lines: time and memory.

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <functional>
#include <string>
#include <vector>

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "periodic/cron_expression.hpp"
#include "periodic/cron_iterator.hpp"
#include "periodic/crontab.hpp"

namespace periodic::testing {
namespace {

using std::chrono::seconds;
using std::chrono::sys_seconds;

constexpr int kRounds = 31;
constexpr int kCalls = 20'000;

// What the compiler must believe to be used.
void keep(std::int64_t value) {
    asm volatile("" : : "r"(value) : "memory");
}

double nanoseconds(const std::function<void()>& run) {
    const auto begin = std::chrono::steady_clock::now();
    run();
    return std::chrono::duration<double, std::nano>(std::chrono::steady_clock::now() - begin)
               .count() /
           kCalls;
}

double median(std::vector<double> values) {
    std::nth_element(values.begin(), values.begin() + values.size() / 2, values.end());
    return values[values.size() / 2];
}

void run_timegm() {
    std::tm date{};
    date.tm_year = 126;
    for (int i = 0; i < kCalls; ++i) {
        date.tm_mon = i % 12;
        date.tm_mday = 1 + i % 28;
        date.tm_hour = i % 24;
        std::tm copy = date;
        keep(timegm(&copy));
    }
}

/// Measures one row against timegm, round by round.
void measure(const char* what, double goal, const std::function<void()>& run) {
    std::vector<double> ratios;
    std::vector<double> times;
    run();
    for (int round = 0; round < kRounds; ++round) {
        const double reference = nanoseconds(run_timegm);
        times.push_back(nanoseconds(run));
        ratios.push_back(times.back() / reference);
    }
    std::printf("cron: %s\t%.3f of a timegm (%.1f ns)\tat most %.2f\n", what, median(ratios),
                median(times), goal);
}

CronExpression parsed(const char* text) {
    return CronExpression::parse(text).value();
}

void run_parse() {
    constexpr std::array<const char*, 11> kCommon{
        "* * * * *",          "*/5 * * * *", "*/15 9-17 * * MON-FRI",
        "0 * * * *",          "0 0 * * *",   "30 2 * * *",
        "0 0 1 * *",          "0 0 * * 0",   "0 0 1 1 *",
        "15,45 8-18 * * 1-5", "0 0 1,15 * *"};
    static const std::vector<std::string> texts(kCommon.begin(), kCommon.end());
    for (int i = 0; i < kCalls; ++i) {
        const auto expression = CronExpression::parse(texts[static_cast<std::size_t>(i) % 11]);
        keep(static_cast<std::int64_t>(expression->fields().minutes));
    }
}

// Instants that follow no pattern, over sixty years.
const std::vector<sys_seconds>& instants() {
    static const std::vector<sys_seconds> result = [] {
        std::vector<sys_seconds> made;
        std::uint64_t state = 42;
        for (int i = 0; i < kCalls; ++i) {
            state = (state * 6364136223846793005ULL) + 1442695040888963407ULL;
            made.emplace_back(seconds(1'000'000'000 + static_cast<std::int64_t>(state >> 33U)));
        }
        return made;
    }();
    return result;
}

std::function<void()> run_next(const char* text, const TimeZone& zone) {
    return [expression = parsed(text), zone] {
        for (const sys_seconds time : instants()) {
            const auto next = expression.next(time, zone);
            keep(next ? next->time_since_epoch().count() : 0);
        }
    };
}

std::function<void()> run_iterator(const char* text, const TimeZone& zone) {
    return [expression = parsed(text), zone] {
        const sys_seconds start(seconds(1'700'000'000));
        CronIterator walk(expression, start, zone);
        for (int i = 0; i < kCalls; ++i) {
            const auto next = walk.next();
            if (!next) walk = CronIterator(expression, start, zone);
            keep(next ? next->time_since_epoch().count() : 0);
        }
    };
}

std::string million_lines() {
    std::string text;
    for (int i = 0; i < 1'000'000; ++i) {
        text += std::to_string(i % 60) + ' ' + std::to_string(i / 60 % 24) + " * * " +
                std::to_string(i % 7) + " group" + std::to_string(i % 100) + ":task" +
                std::to_string(i) + " customer=" + std::to_string(i) + '\n';
    }
    return text;
}

double peak_megabytes() {
    rusage usage{};
    getrusage(RUSAGE_SELF, &usage);
    return static_cast<double>(usage.ru_maxrss) / 1024;
}

// In a process of its own, so that its memory is its own; the text counts, as it is kept.
int measure_crontab() {
    const std::string text = million_lines();
    const double before = peak_megabytes();
    const std::clock_t begin = std::clock();
    Crontab crontab;
    crontab.add(text, "crontab", TimeZone::utc());
    const double took = static_cast<double>(std::clock() - begin) / CLOCKS_PER_SEC;
    if (crontab.entries().size() != 1'000'000 || !crontab.problems().empty()) return 1;
    std::printf("cron: a crontab of 1,000,000 lines, processor time\t%.2f s\tunder 1 s\n", took);
    std::printf("cron: a crontab of 1,000,000 lines, memory\t%.0f MB\tunder 200 MB\n",
                peak_megabytes() - before);
    std::fflush(stdout);
    return 0;
}

int run() {
    const TimeZone utc = TimeZone::utc();
    const TimeZone berlin = TimeZone::load("Europe/Berlin").value();
    std::fflush(stdout);
    const pid_t child = fork();
    if (child == 0) _exit(measure_crontab());
    int status = 0;
    if (child < 0 || waitpid(child, &status, 0) != child || status != 0) return EXIT_FAILURE;
    measure("parse, a mix of eleven", 1.0, run_parse);
    measure("next(t), * * * * *, UTC", 0.4, run_next("* * * * *", utc));
    measure("iterating * * * * *, UTC", 0.05, run_iterator("* * * * *", utc));
    measure("iterating * * * * *, Berlin", 0.08, run_iterator("* * * * *", berlin));
    measure("next(t), 0 0 29 2 *, UTC", 1.4, run_next("0 0 29 2 *", utc));
    measure("iterating 0 0 29 2 *, UTC", 0.7, run_iterator("0 0 29 2 *", utc));
    measure("next(t), 0 0 29 2 *, Berlin", 2.5, run_next("0 0 29 2 *", berlin));
    measure("iterating 0 0 29 2 *, Berlin", 1.2, run_iterator("0 0 29 2 *", berlin));
    measure("next(t), 0 0 30 2 *, never", 0.2, run_next("0 0 30 2 *", utc));
    return EXIT_SUCCESS;
}

}  // namespace
}  // namespace periodic::testing

int main() {
    return periodic::testing::run();
}
