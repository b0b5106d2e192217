#pragma once

/// @file
/// How a daemon is doing, for people; and what it says of itself, member by member.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.hpp"
#include "cli/terminal.hpp"
#include "periodic/clock.hpp"
#include "periodic/job_store.hpp"
#include "periodic/time_zone.hpp"

namespace periodic::cli {

// Members of what the daemon says; one that is missing, or of another kind, is nothing.
[[nodiscard]] std::int64_t number(const json::Object& object, std::string_view name);
[[nodiscard]] std::string word(const json::Object& object, std::string_view name);
[[nodiscard]] std::optional<Time> instant(const json::Object& object, std::string_view name);
[[nodiscard]] const json::Array& list(const json::Object& object, std::string_view name);

/// The end of a daemon.
struct DaemonEnd {
    Generation generation{};
    std::string reason{};
};

/// All that the text is made of.
struct StatusParts {
    const json::Object* said = nullptr;  ///< by the daemon; nullptr: none runs
    const std::vector<DaemonEnd>& ends;
    JobStore& store;
    const TimeZone& zone;
    Time now{};
    const Terminal& terminal;
};

/// What `periodic status` prints. Throws StorageError.
[[nodiscard]] std::string status_text(const StatusParts& parts);

}  // namespace periodic::cli
