// Jobs: what is paused.

#include <utility>

#include "periodic/jobs.hpp"
#include "run/executor_core.hpp"
#include "run/new_job.hpp"

namespace periodic {
namespace {

Result<void> check_scope(const PauseScope& scope) {
    if (scope.kind == PauseScope::Kind::All) {
        if (scope.name.empty()) return {};
        return failure(ErrorCode::Usage, "a pause of all has no name", "leave it out");
    }
    return check_name(scope.name, to_string(scope.kind));
}

}  // namespace

Result<Pause> Jobs::pause(PauseScope scope, std::optional<Time> until, std::string_view reason,
                          std::string_view by) {
    if (auto fine = check_scope(scope); !fine) return Failure(fine.error());
    Pause pause;
    pause.scope = std::move(scope);
    pause.since = core_->clock().now();
    pause.until = until;
    pause.reason = reason;
    pause.by = by.empty() ? "library" : by;
    if (until && *until <= pause.since) {
        return failure(ErrorCode::Usage, "the pause would end before it begins",
                       "name a time in the future");
    }
    core_->store().pause(pause);
    // What was due before the pause is planned as due, and it looks when the pause ends.
    core_->tell("wake");
    return pause;
}

bool Jobs::resume(const PauseScope& scope, std::string_view by) {
    const bool was_paused =
        core_->store().resume(scope, core_->clock().now(), by.empty() ? "library" : by);
    if (was_paused) core_->tell("wake");
    return was_paused;
}

std::vector<Pause> Jobs::pauses() const {
    const Time now = core_->clock().now();
    std::vector<Pause> pauses = core_->store().pauses(now);
    std::erase_if(pauses, [now](const Pause& pause) { return !pause.holds(now); });
    return pauses;
}

}  // namespace periodic
