#pragma once

/// @file
/// Telling the service manager how a daemon is doing: sd_notify(3)'s protocol.

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace periodic {

/// The service manager that started this process, if one asks to be told: systemd, or whoever sets
/// `NOTIFY_SOCKET`. Without one all members do nothing. Made once, at the start; may be used from
/// any thread.
class ServiceNotice {
public:
    /// Reads NOTIFY_SOCKET, WATCHDOG_USEC and WATCHDOG_PID, and takes them out of the environment,
    /// so that no program of ours takes them for its own.
    [[nodiscard]] static ServiceNotice from_environment();

    /// Sends lines of `NAME=VALUE`: `READY=1`, `RELOADING=1`, `STOPPING=1`, `STATUS=...`. Nobody
    /// listening is no error.
    void tell(std::string_view lines) const noexcept;

    /// How often it wants a sign of life: half of what it would wait; none if it wants none.
    [[nodiscard]] std::optional<std::chrono::milliseconds> watchdog() const noexcept {
        return watchdog_;
    }

    /// The start, or a reload, is over.
    void tell_ready() const noexcept;
    void tell_reloading() const noexcept;

private:
    std::string socket_{};  ///< as in the environment; empty: none
    std::optional<std::chrono::milliseconds> watchdog_{};
};

}  // namespace periodic
