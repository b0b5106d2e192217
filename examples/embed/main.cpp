// A program with Periodic inside: it adds a command of its own, queues a job by hand, runs what is
// due and queued, and shows what became of it.
//
//     periodic_embed HOME

#include <exception>
#include <iostream>

#include "count_words.hpp"
#include "periodic/command_registry.hpp"
#include "periodic/executor.hpp"

namespace {

void show(const periodic::Jobs& jobs, periodic::JobId id) {
    const auto job = jobs.find(id);
    if (!job) return;
    std::cout << "job " << id << " of " << job->task << ": " << to_string(job->state) << '\n';
    for (const periodic::LogLine& line : jobs.log(id)) std::cout << "  log: " << line.text << '\n';
    std::cout << "  response: " << jobs.response(id);
}

int fail(const periodic::Error& error) {
    std::cerr << to_string(error) << '\n';
    return 1;
}

int run(const char* home) {
    periodic::CommandRegistry commands = periodic::builtin_commands();
    if (const auto added = commands.add(app::count_words()); !added) return fail(added.error());

    auto executor = periodic::Executor::create({.home = home, .commands = commands});
    if (!executor) return fail(executor.error());
    const auto id = executor->jobs().add("count", {{"file", "poem.txt"}});
    if (!id) return fail(id.error());
    const auto report = executor->run();
    if (!report) return fail(report.error());
    std::cout << "ran " << report->ran << ", succeeded " << report->succeeded << '\n';
    show(executor->jobs(), *id);
    return report->failed == 0 ? 0 : 1;
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 2) {
        std::cerr << "usage: periodic_embed HOME\n";
        return 2;
    }
    try {
        return run(argv[1]);
    } catch (const std::exception& error) {  // a broken disk or database
        std::cerr << error.what() << '\n';
        return 74;
    }
}
