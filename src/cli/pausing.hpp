#pragma once

/// @file
/// What `pause` and `resume` share.

#include <optional>
#include <string>
#include <vector>

#include "cli/arguments.hpp"
#include "cli/json_writer.hpp"
#include "cli/session.hpp"
#include "periodic/job_store.hpp"

namespace periodic::cli {

/// `--task`, `--group`, `--topic` and `--all`, of which one is given.
class PauseSelector {
public:
    void declare(Arguments& arguments);

    /// None if nothing was given. Error: Usage for more than one, and for an empty name.
    [[nodiscard]] Result<std::optional<PauseScope>> read() const;

private:
    std::optional<std::string> task_{}, group_{}, topic_{};
    bool all_ = false;
};

/// "everything", "the task mail".
[[nodiscard]] std::string scope_text(const PauseScope& scope);

/// `{"scope", "name", "since_*", "until_*", "reason", "by"}`.
void write_pause(JsonWriter& json, const Pause& pause, const TimeZone& zone);

/// A table of pauses; empty for none.
[[nodiscard]] std::string pauses_text(const std::vector<Pause>& pauses, const TimeZone& zone,
                                      const Terminal& terminal);

}  // namespace periodic::cli
