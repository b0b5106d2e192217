#pragma once

/// @file
/// A started program, as this system's launcher makes it.

#include <memory>
#include <optional>

#include <sys/types.h>

#include "base/descriptor.hpp"
#include "base/process_family.hpp"
#include "base/process_pipes.hpp"
#include "base/process_start.hpp"
#include "periodic/process_launcher.hpp"

namespace periodic {

/// A `Process` over pidfd, pipes and poll(). It waits for its own child alone (P_PIDFD), so that
/// the children of a host are left to the host. `wake` may be called from any thread, all else
/// from one.
class LaunchedProcess final : public Process {
public:
    /// The family, which knows the child already, is shared with the launcher, as a process may
    /// outlive it.
    LaunchedProcess(StartedChild child, OutputPipes pipes, Descriptor wake,
                    std::shared_ptr<ProcessFamily> family) noexcept;
    ~LaunchedProcess() override;

    [[nodiscard]] const ProcessIdentity& identity() const noexcept override {
        return child_.identity;
    }
    Event wait_for(std::chrono::milliseconds timeout,
                   const std::function<void(Stream, std::string_view)>& sink) override;
    void wake() noexcept override;
    [[nodiscard]] std::optional<Exit> exit() const noexcept override { return exit_; }
    void signal_group(int signal) noexcept override;
    [[nodiscard]] bool has_survivors() override;
    void signal_all(int signal) override;
    void release() noexcept override { released_ = true; }

    /// A pidfd, readable once the program has exited.
    [[nodiscard]] int handle() const noexcept { return child_.handle.get(); }

private:
    void reap(bool blocking);
    // 0, or the errno of sending to the group.
    [[nodiscard]] int send_to_group(int signal) noexcept;

    StartedChild child_;
    OutputPipes pipes_;
    Descriptor wake_;  // an eventfd, non-blocking
    std::shared_ptr<ProcessFamily> family_;
    std::optional<Exit> exit_;
    bool group_gone_ = false;  // once empty it is never signalled again: its number may be reused
    bool released_ = false;
};

}  // namespace periodic
