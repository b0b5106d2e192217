#pragma once

/// @file
/// Ending what a job left running, by whoever comes after its executor.

#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "base/process_table.hpp"
#include "periodic/process_launcher.hpp"

namespace periodic {

/// How to end processes.
struct EndingOptions {
    bool kill_at_once = false;                     ///< SIGKILL without SIGTERM before it
    std::chrono::milliseconds kill_after{10'000};  ///< between the two
    std::chrono::milliseconds patience{10'000};    ///< after SIGKILL, before giving up
};

/// What could not be ended, and why.
struct Unended {
    std::int64_t pid = 0;
    std::string reason{};
};

/// How it went.
struct EndingResult {
    std::size_t ended = 0;  ///< processes that were there and are gone
    std::vector<Unended> remaining{};
};

/// The living processes of a job: those of the groups whose leaders are on record, those whose
/// origin is one of these or that carry the job's mark, and the descendants of all; never this
/// process or its children, nor what a program that is not on record any more has left because it
/// may.
///
/// A group's number stays taken for as long as the group has members, but can become a stranger's
/// afterwards. So a group counts only if its leader is still there (with its start time), or, where
/// nobody has its number as a pid, if one of its members has that origin or carries the mark, or if
/// all of them are in the leader's session and none is older than it or has another's origin or
/// mark. A leader of an earlier start of the machine, or of the
/// container, left nothing.
[[nodiscard]] std::vector<ProcessEntry> find_left(std::span<const GroupLeader> leaders,
                                                  const JobMark& mark);

/// Ends all of `find_left`, and what they start meanwhile: SIGTERM, then SIGKILL. Returns when they
/// are gone, or at the latest `kill_after` + `patience` later. What may not be signalled (another
/// user's), does not die, or started this very process is in `remaining`; so are the leaders where
/// no processes can be listed, for want of descriptors.
[[nodiscard]] EndingResult end_left(std::span<const GroupLeader> leaders, const JobMark& mark,
                                    const EndingOptions& options = {});

}  // namespace periodic
