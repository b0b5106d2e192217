// `periodic run` as whole processes, each beside its reference in the same run.
//
//     process_bench PROGRAM     prints the rows; PROGRAM is the program `periodic`
//
// What is compared is measured in turns, so that a busy moment of the machine falls on both, and
// the median counts. The peak of memory is the kernel's own (wait4); this program is kept small,
// as its own size is the least that the kernel reports for a child.

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <initializer_list>
#include <stdexcept>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

#include <fcntl.h>
#include <spawn.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "figures.hpp"

namespace {

using namespace periodic;
using bench::far_entries;
using bench::median;

using Strings = std::vector<std::string>;

// How one process went.
struct Run {
    double milliseconds = 0;
    double peak_mib = 0;
    int status = 0;
};

// Starts a program with nothing on its standard streams, in a bare environment, and waits for it.
Run run(const Strings& words, const std::string& output = "/dev/null") {
    std::vector<char*> arguments;
    for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
    arguments.push_back(nullptr);
    const Strings variables{"PATH=/usr/bin:/bin", "TZ=UTC", "HOME=/nonexistent"};
    std::vector<char*> environment;
    for (const std::string& variable : variables)
        environment.push_back(const_cast<char*>(variable.c_str()));
    environment.push_back(nullptr);

    posix_spawn_file_actions_t actions;
    ::posix_spawn_file_actions_init(&actions);
    ::posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0);
    ::posix_spawn_file_actions_addopen(&actions, 1, output.c_str(), O_WRONLY | O_CREAT | O_TRUNC,
                                       0600);
    pid_t child = 0;
    const auto begin = std::chrono::steady_clock::now();
    const int error = ::posix_spawnp(&child, arguments[0], &actions, nullptr, arguments.data(),
                                     environment.data());
    ::posix_spawn_file_actions_destroy(&actions);
    if (error != 0) throw std::system_error(error, std::generic_category(), words[0]);
    Run result;
    rusage usage{};
    while (::wait4(child, &result.status, 0, &usage) < 0) {
        if (errno != EINTR) throw std::system_error(errno, std::generic_category(), "wait4");
    }
    const std::chrono::duration<double, std::milli> took = std::chrono::steady_clock::now() - begin;
    result.milliseconds = took.count();
    result.peak_mib = static_cast<double>(usage.ru_maxrss) / 1024;
    return result;
}

// The same, for a program that must succeed.
Run run_well(const Strings& words, const std::string& output = "/dev/null") {
    const Run result = run(words, output);
    if (result.status != 0)
        throw std::runtime_error(words[0] + ": wait status " + std::to_string(result.status));
    return result;
}

// A home in a temporary directory; gone with the value.
class Home {
public:
    explicit Home(const std::string& crontab) {
        std::string pattern = "/tmp/periodic-bench-XXXXXX";
        if (::mkdtemp(pattern.data()) == nullptr)
            throw std::system_error(errno, std::generic_category(), pattern);
        path_ = pattern;
        write("crontab", crontab);
        std::filesystem::create_directory(path_ / "tasks");
        write("tasks/noop.xml",
              "<task><config><concurrency>0</concurrency></config>"
              "<command type=\"shell\">true</command></task>\n");
    }
    Home(const Home&) = delete;
    Home& operator=(const Home&) = delete;
    ~Home() {
        std::error_code ignored;
        std::filesystem::remove_all(path_, ignored);
    }

    void write(const std::string& name, const std::string& text) const {
        std::ofstream(path_ / name) << text;
    }

    [[nodiscard]] std::string read(const std::string& name) const {
        std::ifstream file(path_ / name);
        return {std::istreambuf_iterator<char>(file), {}};
    }

    [[nodiscard]] std::string path(const std::string& name = {}) const { return path_ / name; }

private:
    std::filesystem::path path_;
};

// Ten entries and 10,000, nothing due, beside /bin/true.
void print_nothing_due(const std::string& program) {
    constexpr int kRounds = 101;
    const Home small(far_entries(10));
    const Home large(far_entries(10'000));
    run_well({program, "-C", small.path(), "run"});  // all unseen: not what is measured
    run_well({program, "-C", large.path(), "run"});
    std::vector<double> reference;
    std::vector<double> ten;
    std::vector<double> many;
    double peak = 0;
    for (int round = 0; round < kRounds; ++round) {
        reference.push_back(run_well({"/bin/true"}).milliseconds);
        const Run one = run_well({program, "-C", small.path(), "run"});
        ten.push_back(one.milliseconds);
        peak = std::max(peak, one.peak_mib);
        many.push_back(run_well({program, "-C", large.path(), "run"}).milliseconds);
    }
    std::printf("/bin/true\t%.2f ms\t\n", median(reference));
    std::printf("run, 10 entries, nothing due\t%.2f ms, %.1f x /bin/true\tat most 6 x\n",
                median(ten), median(ten) / median(reference));
    std::printf("  its peak of memory\t%.1f MiB\tunder 12 MiB\n", peak);
    std::printf("run, 10,000 entries, nothing due\t%.2f ms, %.1f ms more\tat most 25 ms more\n",
                median(many), median(many) - median(ten));
}

constexpr int kJobs = 1000;

// Entries that are all due at one second.
std::string entries_at(std::time_t time) {
    const std::string when = bench::at_second(time);
    std::string text;
    for (int i = 0; i < kJobs; ++i) text += when + " noop n=" + std::to_string(i) + '\n';
    return text;
}

// One `run` that finds so many jobs due, in jobs a second.
double jobs_per_second(const std::string& program) {
    // An entry seen for the first time starts at now: the first run sees, the second one runs.
    const std::time_t due = std::time(nullptr) + 3;
    const Home home(entries_at(due));
    run_well({program, "-C", home.path(), "run"});
    std::this_thread::sleep_until(std::chrono::system_clock::from_time_t(due));
    const Run all =
        run_well({program, "-C", home.path(), "--output", "json", "run"}, home.path("report"));
    const std::string report = home.read("report");
    const std::size_t at = report.find("\"succeeded\":");
    if (at == std::string::npos || std::atoi(report.c_str() + at + 12) != kJobs)
        throw std::runtime_error("not all jobs succeeded: " + report);
    return kJobs / all.milliseconds * 1000;
}

void print_jobs(const std::string& program) {
    constexpr int kRounds = 5;
    const Home home("");
    std::string words;
    for (int i = 0; i < kJobs; ++i) words += std::to_string(i) + '\n';
    home.write("words", words);
    const std::string cores = std::to_string(std::thread::hardware_concurrency());
    std::vector<double> reference;
    std::vector<double> ours;
    for (int round = 0; round < kRounds; ++round) {
        const Run xargs =
            run_well({"xargs", "-a", home.path("words"), "-P" + cores, "-n1", "sh", "-c", "true"});
        reference.push_back(kJobs / xargs.milliseconds * 1000);
        ours.push_back(jobs_per_second(program));
    }
    std::printf("xargs -P%s -n1 sh -c true\t%.0f /s\t\n", cores.c_str(), median(reference));
    std::printf("run, 1,000 due shell jobs\t%.0f /s, %.2f of xargs\tat least 0.6\n", median(ours),
                median(ours) / median(reference));
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 2) {
        std::fputs("usage: process_bench PROGRAM\n", stderr);
        return 2;
    }
    try {
        print_nothing_due(argv[1]);
        print_jobs(argv[1]);
    } catch (const std::exception& error) {
        std::fprintf(stderr, "process_bench: %s\n", error.what());
        return 1;
    }
    return 0;
}
