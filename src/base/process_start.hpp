#pragma once

/// @file
/// The parent's side of starting a program: everything up to its execution.

#include <atomic>
#include <cstdint>
#include <mutex>
#include <string>

#include "base/descriptor.hpp"
#include "periodic/error.hpp"
#include "periodic/process_launcher.hpp"

namespace periodic {

/// What becomes of a child's standard streams; all above 2.
struct ChildStreams {
    int input = -1;
    int output = -1;
    int errors = -1;
};

/// A child that has executed its program.
struct StartedChild {
    ProcessIdentity identity{};
    Descriptor handle{};  ///< a pidfd
};

/// A child that changes its user while it shares our memory makes the kernel mark that memory as
/// not dumpable, so that the user can't trace it. The mark is taken off when no such child is left.
class DumpableGuard {
public:
    class Hold {
    public:
        explicit Hold(DumpableGuard& guard);
        Hold(const Hold&) = delete;
        Hold& operator=(const Hold&) = delete;
        ~Hold();

    private:
        DumpableGuard& guard_;
    };

private:
    std::mutex mutex_;
    int holds_ = 0;
    int before_ = 0;
};

/// Makes children by clone(CLONE_VM | CLONE_VFORK | CLONE_PIDFD). May be used from any thread.
class ChildStarter {
public:
    /// Starts a program that `check_spec` has passed; the child tells `pid` before anything else.
    /// Error: as ProcessLauncher::start.
    [[nodiscard]] Result<StartedChild> start(const ProcessSpec& spec, const ChildStreams& streams,
                                             std::atomic<std::int64_t>& pid);

private:
    DumpableGuard dumpable_;
};

}  // namespace periodic
