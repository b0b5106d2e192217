#pragma once

/// @file
/// Which started program a process comes from, whatever became of its parents.
///
/// A program of ours says so to its descendants by a resource limit, RLIMIT_RTTIME: they inherit it
/// through fork(), setsid() and a cleaned environment, anybody may read it, and a soft limit of
/// 146,000 years limits nothing. Who changes it is found by less certain signs.

#include <cstdint>
#include <optional>

#include "periodic/process_launcher.hpp"

namespace periodic {

/// The program by its pid and its start time, as in `ProcessIdentity`.
struct ProcessOrigin {
    std::int64_t pid = 0;
    std::uint64_t start_ticks = 0;
    bool may_stay = false;  ///< what the program leaves may live on

    friend bool operator==(const ProcessOrigin&, const ProcessOrigin&) = default;
};

// Bit 62 marks it as ours, 61 is `may_stay`, then 39 bits of start time, then 22 of the pid, which
// is all that a pid has.
inline constexpr unsigned kOriginPidBits = 22;
inline constexpr std::uint64_t kOriginTicks = (std::uint64_t{1} << 39U) - 1;
inline constexpr std::uint64_t kOriginPid = (std::uint64_t{1} << kOriginPidBits) - 1;
inline constexpr std::uint64_t kOriginMayStay = std::uint64_t{1} << 61U;
inline constexpr std::uint64_t kOriginMark = std::uint64_t{1} << 62U;

/// The soft limit that says so.
[[nodiscard]] constexpr std::uint64_t limit_from(const ProcessOrigin& origin) noexcept {
    return kOriginMark | (origin.may_stay ? kOriginMayStay : 0) |
           (origin.start_ticks & kOriginTicks) << kOriginPidBits |
           (static_cast<std::uint64_t>(origin.pid) & kOriginPid);
}

/// nullopt: the limit is not one of ours.
[[nodiscard]] constexpr std::optional<ProcessOrigin> origin_from(std::uint64_t limit) noexcept {
    if (limit >> 62U != 1) return std::nullopt;
    return ProcessOrigin{.pid = static_cast<std::int64_t>(limit & kOriginPid),
                         .start_ticks = limit >> kOriginPidBits & kOriginTicks,
                         .may_stay = (limit & kOriginMayStay) != 0};
}

/// Whether that program is the origin.
[[nodiscard]] inline bool is_from(const ProcessOrigin& origin, const ProcessIdentity& program) {
    return origin.pid == program.pid && origin.start_ticks == program.start_ticks;
}

/// Of a process; nullopt if it comes from none of ours, or may not be asked.
[[nodiscard]] std::optional<ProcessOrigin> origin_of(std::int64_t pid);

}  // namespace periodic
