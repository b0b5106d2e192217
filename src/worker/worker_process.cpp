#include "worker/worker_process.hpp"

#include <atomic>
#include <cerrno>
#include <cstdint>
#include <filesystem>
#include <set>
#include <string_view>
#include <system_error>
#include <utility>

#include <fcntl.h>
#include <unistd.h>

#include "base/process_pipes.hpp"

namespace periodic {
namespace {

std::vector<std::pair<std::string, std::string>> own_environment() {
    std::vector<std::pair<std::string, std::string>> all;
    std::set<std::string, std::less<>> names;
    for (char** one = environ; one != nullptr && *one != nullptr; ++one) {
        const std::string_view variable = *one;
        const std::size_t end = variable.find('=');
        if (end == std::string_view::npos || end == 0) continue;
        std::string name(variable.substr(0, end));
        if (names.insert(name).second)
            all.emplace_back(std::move(name), std::string(variable.substr(end + 1)));
    }
    return all;
}

}  // namespace

Result<WorkerProgram> WorkerProgram::open(const std::string& path) {
    const std::string& file = path.empty() ? "/proc/self/exe" : path;
    Descriptor opened(::open(file.c_str(), O_PATH | O_CLOEXEC));
    if (!opened) return system_failure("cannot open " + file, errno);
    return WorkerProgram(std::move(opened));
}

std::string WorkerProgram::path() const {
    return "/proc/self/fd/" + std::to_string(file_.get());
}

Result<WorkerProcess> start_worker(ChildStarter& starter, const WorkerProgram& program) {
    auto ends = make_line_pair();
    if (!ends) return Failure(ends.error());
    const auto input = above_standard(ends->worker.release(), "cannot make a socket");
    if (!input) return Failure(input.error());
    const auto null =
        above_standard(::open("/dev/null", O_WRONLY | O_CLOEXEC), "cannot open /dev/null");
    if (!null) return Failure(null.error());
    // What it says when it dies is for whoever reads the daemon's.
    Descriptor errors(::fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3));
    ProcessSpec spec;
    spec.program = program.path();
    spec.arguments = {"worker"};
    spec.environment = own_environment();
    std::atomic<std::int64_t> pid = 0;
    auto child =
        starter.start(spec, {input->get(), null->get(), errors ? errors.get() : null->get()}, pid);
    if (!child) return Failure(child.error());
    return WorkerProcess{.identity = child->identity,
                         .handle = std::move(child->handle),
                         .line = std::make_shared<Line>(std::move(ends->daemon))};
}

}  // namespace periodic
