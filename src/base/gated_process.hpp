#pragma once

/// @file
/// A started program behind a gate, seen from the host.

#include <optional>

#include "base/process_gate.hpp"
#include "base/process_pipes.hpp"
#include "base/process_start.hpp"
#include "base/process_table.hpp"
#include "periodic/process_launcher.hpp"

namespace periodic {

/// A gate whose program runs.
struct OpenGate {
    GateLine line{};
    StartedChild gate{};  ///< the gate itself, a child of this process
    ProcessIdentity program{};
    std::int64_t session = 0;  ///< of the program
    JobMark mark{};            ///< of the program; empty if it has none
};

/// Starts a gate and, through it, a program. The gate carries the program's mark, so that it too is
/// found by whoever ends what a killed host left. Error: as ProcessLauncher::start.
[[nodiscard]] Result<OpenGate> open_gate(ChildStarter& starter, const std::string& path,
                                         const ProcessSpec& spec, ChildStreams streams);

/// As LaunchedProcess. A gate that was killed is done without: what is left is then found by the
/// mark and the group.
class GatedProcess final : public Process {
public:
    GatedProcess(OpenGate gate, OutputPipes pipes, Descriptor wake) noexcept
        : gate_(std::move(gate)), pipes_(std::move(pipes)), wake_(std::move(wake)) {}
    ~GatedProcess() override;

    [[nodiscard]] const ProcessIdentity& identity() const noexcept override {
        return gate_.program;
    }
    Event wait_for(std::chrono::milliseconds timeout,
                   const std::function<void(Stream, std::string_view)>& sink) override;
    void wake() noexcept override { set_wake(wake_); }
    [[nodiscard]] std::optional<Exit> exit() const noexcept override { return exit_; }
    void signal_group(int signal) noexcept override;
    [[nodiscard]] bool has_survivors() override;
    void signal_all(int signal) override;
    void release() noexcept override { released_ = true; }

private:
    void take(const GateMail& mail);
    void lose_gate();
    [[nodiscard]] std::vector<ProcessEntry> left() const;

    OpenGate gate_;
    OutputPipes pipes_;
    Descriptor wake_;
    std::optional<Exit> exit_;
    bool released_ = false;
};

}  // namespace periodic
