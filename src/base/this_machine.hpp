#pragma once

/// @file
/// Which machine this is, and since when it runs.

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "periodic/process_launcher.hpp"

namespace periodic {

/// The host's name, as gethostname(2) says; "localhost" if it says nothing.
[[nodiscard]] const std::string& this_host();

/// /proc/sys/kernel/random/boot_id: changes with each start of the kernel. Empty if unreadable.
[[nodiscard]] const std::string& this_boot_id();

/// The start time of a process in clock ticks since boot (field 22 of /proc/PID/stat); nullopt if
/// there is no such process, or if it is a zombie.
[[nodiscard]] std::optional<std::uint64_t> start_ticks_of(std::int64_t pid);

/// This process, for ever.
[[nodiscard]] ProcessIdentity this_process();

/// A living process of this machine: not a zombie, and not another one with a reused pid.
[[nodiscard]] bool is_alive(const ProcessIdentity& process);

/// One start of this machine or container: the boot id together with the start of process 1, so
/// that a container's restart counts and a reload does not.
struct MachineStart {
    std::int64_t identity = 0;  ///< a hash of both; never 0
    std::chrono::sys_seconds time{};
};
[[nodiscard]] MachineStart this_start(std::chrono::sys_seconds now);

}  // namespace periodic
