// Planning 100,000 entries: the very first time, with one due, and the memory that it takes.
//
//     planning_bench            prints the three rows, medians of several rounds
//     planning_bench memory N   plans a crontab of N entries once; its peak memory is what counts

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "periodic/crontab.hpp"
#include "periodic/job_store.hpp"
#include "run/planner.hpp"
#include "support/temporary_home.hpp"

namespace periodic::testing {
namespace {

constexpr int kEntries = 100'000;
constexpr int kRounds = 7;

// One entry is due each minute; all others have a time of their own, months away.
std::string make_crontab(int entries) {
    std::string text = "* * * * * due\n";
    for (int i = 1; i < entries; ++i) {
        text += std::to_string(i % 60) + ' ' + std::to_string(i / 60 % 24) + " 1 1 * group" +
                std::to_string(i % 100) + ":task" + std::to_string(i) + '\n';
    }
    return text;
}

class Bench {
public:
    explicit Bench(int entries) : store_(open_sqlite_store({.path = home_.path("periodic.db")})) {
        crontab_.add(make_crontab(entries), "crontab", TimeZone::utc());
    }

    // Reads the marks, plans, and writes the plan: all that a run does but reading the crontab.
    double plan(std::chrono::sys_seconds now) {
        const auto begin = std::chrono::steady_clock::now();
        const std::vector<EntryMark> marks = store_->entry_marks();
        PlanningInput input;
        input.crontab = &crontab_;
        input.marks = &marks;
        input.now = now;
        input.horizon = now;
        input.find_task = [this](std::string_view) -> Result<const Task*> { return &task_; };
        input.find_definition = [this](std::int64_t id) { return store_->entry_definition(id); };
        const Planning planning = plan_entries(input);
        if (!planning.plans.empty())
            planned_ = store_->plan(planning.plans, Time(now), "bench").inserted;
        const std::chrono::duration<double, std::milli> took =
            std::chrono::steady_clock::now() - begin;
        return took.count();
    }

    [[nodiscard]] std::int64_t planned() const noexcept { return planned_; }

private:
    TemporaryHome home_;
    std::unique_ptr<JobStore> store_;
    Crontab crontab_;
    Task task_{.name = "due", .overlap = Overlap::Allow};
    std::int64_t planned_ = 0;
};

const std::chrono::sys_seconds kStart =
    std::chrono::sys_days(std::chrono::year(2026) / 6 / 15) + std::chrono::hours(12);

double median(std::vector<double> values) {
    std::sort(values.begin(), values.end());
    return values[values.size() / 2];
}

// Peak resident memory, in bytes, of this program when it plans so many entries.
double peak_memory(const char* self, int entries) {
    const std::string count = std::to_string(entries);
    const pid_t child = ::fork();
    if (child == 0) {
        ::execl(self, self, "memory", count.c_str(), nullptr);
        ::_exit(127);
    }
    int status = 0;
    rusage usage{};
    if (::wait4(child, &status, 0, &usage) != child || status != 0) std::abort();
    return static_cast<double>(usage.ru_maxrss) * 1024;
}

int print_rows(const char* self) {
    std::vector<double> first;
    std::vector<double> one_due;
    for (int round = 0; round < kRounds; ++round) {
        Bench bench(kEntries);
        first.push_back(bench.plan(kStart));
        one_due.push_back(bench.plan(kStart + std::chrono::minutes(1)));
        if (bench.planned() != 1) std::abort();
    }
    const double bytes = (peak_memory(self, kEntries) - peak_memory(self, 1)) / kEntries;
    std::printf("planning 100,000 entries, all unseen\t%.0f ms\tgoal: under 400 ms\n",
                median(first));
    std::printf("planning 100,000 entries, one due\t%.1f ms\tgoal: under 60 ms\n", median(one_due));
    std::printf("memory for an entry, at the peak\t%.0f bytes\tgoal: under 300 bytes\n", bytes);
    return 0;
}

}  // namespace
}  // namespace periodic::testing

int main(int argc, char** argv) {
    using periodic::testing::Bench;
    if (argc == 3 && std::string(argv[1]) == "memory") {
        Bench bench(std::atoi(argv[2]));
        bench.plan(periodic::testing::kStart);
        bench.plan(periodic::testing::kStart + std::chrono::minutes(1));
        return 0;
    }
    return periodic::testing::print_rows(argv[0]);
}
