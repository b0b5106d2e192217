#include "periodic/process_launcher.hpp"

#include <cerrno>
#include <memory>
#include <string>
#include <utility>

#include <fcntl.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "base/gated_process.hpp"
#include "base/process.hpp"
#include "base/process_environment.hpp"
#include "base/process_family.hpp"
#include "base/process_pipes.hpp"
#include "base/process_start.hpp"

namespace periodic {
namespace {

// The descriptors of one start.
struct Streams {
    Descriptor null;
    Pipe output;
    Pipe errors;
    Descriptor wake;
};

Result<Streams> make_streams() {
    Streams streams;
    auto null = above_standard(::open("/dev/null", O_RDONLY | O_CLOEXEC), "cannot open /dev/null");
    if (!null) return Failure(null.error());
    streams.null = std::move(*null);
    auto output = make_pipe();
    if (!output) return Failure(output.error());
    streams.output = std::move(*output);
    auto errors = make_pipe();
    if (!errors) return Failure(errors.error());
    streams.errors = std::move(*errors);
    streams.wake.reset(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
    if (!streams.wake) return system_failure("cannot make an eventfd", errno);
    return streams;
}

class SystemLauncher final : public ProcessLauncher {
public:
    explicit SystemLauncher(LauncherOptions options)
        : gate_(std::move(options.gate)),
          family_(std::make_shared<ProcessFamily>(options.adopts_strays)) {}

    Result<std::unique_ptr<Process>> start(const ProcessSpec& spec) override {
        if (auto checked = check_spec(spec); !checked) return Failure(checked.error());
        auto streams = make_streams();
        if (!streams) return Failure(streams.error());
        return gate_.empty() ? start_here(spec, *streams) : start_gated(spec, *streams);
    }

private:
    Result<std::unique_ptr<Process>> start_here(const ProcessSpec& spec, Streams& streams) {
        ProcessFamily::Start starting(*family_);
        auto child = starter_.start(
            spec, {streams.null.get(), streams.output.write.get(), streams.errors.write.get()},
            starting.pid());
        if (!child) return Failure(child.error());
        family_->add(child->identity, mark_from(spec));
        return std::make_unique<LaunchedProcess>(
            std::move(*child),
            OutputPipes(std::move(streams.output.read), std::move(streams.errors.read)),
            std::move(streams.wake), family_);
    }

    Result<std::unique_ptr<Process>> start_gated(const ProcessSpec& spec, Streams& streams) {
        auto gate =
            open_gate(starter_, gate_, spec,
                      {streams.null.get(), streams.output.write.get(), streams.errors.write.get()});
        if (!gate) return Failure(gate.error());
        return std::make_unique<GatedProcess>(
            std::move(*gate),
            OutputPipes(std::move(streams.output.read), std::move(streams.errors.read)),
            std::move(streams.wake));
    }

    const std::string gate_;
    ChildStarter starter_;
    std::shared_ptr<ProcessFamily> family_;  // shared with its processes
};

}  // namespace

std::string installed_gate() {
    return ::access(PERIODIC_GATE_PATH, X_OK) == 0 ? PERIODIC_GATE_PATH : "";
}

std::unique_ptr<ProcessLauncher> make_process_launcher(LauncherOptions options) {
    return std::make_unique<SystemLauncher>(std::move(options));
}

}  // namespace periodic
