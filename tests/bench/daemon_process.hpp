#pragma once

/// @file
/// A daemon as a process of its own, looked at from outside.

#include <cstdint>
#include <string>
#include <vector>

#include <sys/types.h>

#include "base/descriptor.hpp"

namespace periodic::bench {

/// What a process has in memory, in MiB.
struct Memory {
    double resident = 0;
    double proportional = 0;  ///< what is shared counts in parts
    double own = 0;           ///< shared with nobody
};
[[nodiscard]] Memory memory_of(pid_t pid);

/// What all threads of a process have used up to now.
struct Use {
    std::int64_t switches = 0;  ///< times that one went to sleep or was interrupted
    double cpu_milliseconds = 0;
};
[[nodiscard]] Use use_of(pid_t pid);

/// The children of a process's first thread.
[[nodiscard]] std::vector<pid_t> children_of(pid_t pid);

/// A daemon that is ready: it has its home and has planned. Stopped with the value.
class DaemonProcess {
public:
    /// Throws std::runtime_error if it is not ready within a minute.
    DaemonProcess(const std::string& program, const std::string& home);
    DaemonProcess(const DaemonProcess&) = delete;
    DaemonProcess& operator=(const DaemonProcess&) = delete;
    ~DaemonProcess();

    [[nodiscard]] pid_t pid() const noexcept { return pid_; }
    /// From the start of the process until it was ready.
    [[nodiscard]] double start_milliseconds() const noexcept { return start_milliseconds_; }

private:
    pid_t pid_ = 0;
    double start_milliseconds_ = 0;
};

}  // namespace periodic::bench
