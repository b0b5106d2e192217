#pragma once

/// @file
/// The child's side of starting a program: what happens between clone() and execve().
///
/// The child shares the parent's memory (CLONE_VM), so that starting costs the same from a big
/// parent as from a small one. Until it executes the program it may therefore only make system
/// calls and touch its `ChildPlan`: no allocation, no lock, no library state.

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace periodic {

/// What the child was doing when it failed.
enum class ChildStep : std::uint8_t {
    None,
    Group,    ///< making its process group
    Streams,  ///< putting its standard streams in place
    Nice,
    Groups,      ///< the user's supplementary groups
    UserId,      ///< the user's gid and uid
    Privileges,  ///< giving up capabilities
    Directory,
    Identity,  ///< reading its start time from /proc
    Record,    ///< writing who it is
    Execute,
};

/// A line of the record: label, pid, start ticks, boot id, session, blanks, a line end.
inline constexpr std::size_t kRecordSize = 128;
inline constexpr std::size_t kRecordLabelSize = 48;

/// Everything the child needs, prepared by the parent, which stands still until the child has
/// executed its program or died.
struct ChildPlan {
    const char* program = nullptr;
    char* const* arguments = nullptr;    ///< with the program's name, null-terminated
    char* const* environment = nullptr;  ///< null-terminated
    const char* directory = nullptr;     ///< null: stay
    int input = -1;                      ///< becomes 0; these three are above 2
    int output = -1;                     ///< becomes 1
    int errors = -1;                     ///< becomes 2
    int highest_descriptor = 2;          ///< only used where close_range() is missing
    int nice = 0;                        ///< added to the parent's
    bool change_user = false;
    std::uint32_t uid = 0;
    std::uint32_t gid = 0;
    const std::uint32_t* groups = nullptr;
    std::size_t group_count = 0;
    bool may_stay = false;  ///< what it leaves
    int record = -1;        ///< -1: nowhere
    std::int64_t record_offset = 0;
    const char* label = nullptr;  ///< at most kRecordLabelSize bytes
    std::size_t label_size = 0;
    const char* boot_id = nullptr;
    std::size_t boot_id_size = 0;  ///< at most 36

    // Answers.
    std::atomic<std::int64_t>* pid = nullptr;  ///< told first of all, for other threads to see
    ChildStep failed = ChildStep::None;
    int error = 0;                  ///< errno of the step that failed
    std::uint64_t start_ticks = 0;  ///< 0 if /proc does not say
};

/// The child's program for clone(): `plan` is a ChildPlan. Enters with all signals blocked.
/// Returns (as the exit status) only if something failed.
int run_child(void* plan);

}  // namespace periodic
