#pragma once

/// @file
/// The due occurrences of one entry, without listing them; less those that fall in pauses. Pure.

#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "periodic/crontab.hpp"
#include "periodic/job_store.hpp"

namespace periodic {

/// A stretch of time: what is later than `after`, up to `until`.
struct Stretch {
    std::chrono::sys_seconds after{};
    std::chrono::sys_seconds until{};

    friend bool operator==(const Stretch&, const Stretch&) = default;
};

/// The occurrences of an entry in some stretches, which are in order and don't overlap. The entry
/// must outlive it.
class DueSpans {
public:
    DueSpans(const CrontabEntry& entry, std::vector<Stretch> stretches)
        : entry_(&entry), stretches_(std::move(stretches)) {}

    [[nodiscard]] std::int64_t count() const;
    [[nodiscard]] std::optional<std::chrono::sys_seconds> first() const;
    [[nodiscard]] std::optional<std::chrono::sys_seconds> last() const;
    /// The newest `limit`, oldest first.
    [[nodiscard]] std::vector<std::chrono::sys_seconds> newest(int limit) const;
    /// Those up to `end`, inclusive.
    [[nodiscard]] DueSpans until(std::chrono::sys_seconds end) const;
    /// Those later than `begin`.
    [[nodiscard]] DueSpans after(std::chrono::sys_seconds begin) const;

private:
    const CrontabEntry* entry_;
    std::vector<Stretch> stretches_;
};

/// A stretch of time, divided.
struct Divided {
    std::vector<Stretch> paused{};  ///< in order; those that touch are one
    std::vector<Stretch> free{};    ///< what is left between them
};

/// Divides a stretch by the pauses of all, of a task, of a group (empty: none) and of a topic.
[[nodiscard]] Divided divide(const Stretch& due, const std::vector<Pause>& pauses,
                             std::string_view task, std::string_view group, std::string_view topic);

}  // namespace periodic
