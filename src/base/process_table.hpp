#pragma once

/// @file
/// The processes of this machine, as /proc shows them.
///
/// A pid is only a number: between looking and acting it may have become another process's. So an
/// entry carries its start time, and signals go through a pidfd that was checked against it.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "periodic/process_launcher.hpp"

namespace periodic {

/// One line of the table.
struct ProcessEntry {
    std::int64_t pid = 0;
    std::int64_t parent = 0;
    std::int64_t group = 0;
    std::int64_t session = 0;
    char state = '?';
    std::uint64_t start_ticks = 0;

    /// Neither a zombie nor dead.
    [[nodiscard]] bool is_alive() const noexcept {
        return state != 'Z' && state != 'X' && state != 'x';
    }
};

/// What programs of a job carry in their environment: PERIODIC_HOME and PERIODIC_JOB_ID.
struct JobMark {
    std::string home{};
    std::string job{};

    friend bool operator==(const JobMark&, const JobMark&) = default;
};

/// The first process of a started program's group, whose pid is the group's number.
struct GroupLeader {
    ProcessIdentity process{};
    /// That the group is in for as long as it lives. 0 is one whose leader is outside of this
    /// container; none is not known.
    std::optional<std::int64_t> session{};
};

/// A process, or nullopt if there is none.
[[nodiscard]] std::optional<ProcessEntry> read_process(std::int64_t pid);

/// All processes, zombies too. One that starts or ends meanwhile may be missing. For want of
/// descriptors all may: see `is_whole`.
[[nodiscard]] std::vector<ProcessEntry> list_processes();

/// Whether a list could be made: this process is in it.
[[nodiscard]] bool is_whole(std::span<const ProcessEntry> table) noexcept;

/// Bytes of a process that are in memory, with those it shares; 0 if there is none.
[[nodiscard]] std::int64_t resident_bytes_of(std::int64_t pid);

/// The pids of the processes that this one, a subreaper, was given when their parents died, zombies
/// too, without looking at all processes. The kernel gives them to the first living thread: its own
/// children are among them, those of other threads need not be.
[[nodiscard]] std::vector<std::int64_t> adopted_children();

/// The mark that a process was started with; nullopt if it has none or may not be read.
[[nodiscard]] std::optional<JobMark> mark_of(std::int64_t pid);

/// `roots`, and all of `table` that descends from them.
[[nodiscard]] std::vector<ProcessEntry> with_descendants(std::span<const ProcessEntry> table,
                                                         std::vector<ProcessEntry> roots);

/// Sends a signal (0: none, only looks) to exactly this process. 0, or errno: ESRCH if it is gone
/// or the pid has become another's.
int signal_process(const ProcessEntry& process, int signal);

}  // namespace periodic
