#pragma once

/// @file
/// The secret that a caller must know.

#include <string>
#include <string_view>

#include "periodic/error.hpp"

namespace webhook {

/// A shared secret, at least 16 bytes long. It is never printed.
class Secret {
public:
    /// Reads it from the file that WEBHOOK_TOKEN_FILE names, else from WEBHOOK_TOKEN; line ends at
    /// its end do not count. Error: Usage if neither is set or the secret is too short, Io if the
    /// file can't be read.
    static periodic::Result<Secret> from_environment();

    /// Whether an Authorization header carries it, as `Bearer SECRET`. Takes as long for a near
    /// miss as for a far one; only the length can be told from the time.
    [[nodiscard]] bool authorizes(std::string_view header) const noexcept;

private:
    explicit Secret(std::string value) : value_(std::move(value)) {}
    std::string value_;
};

}  // namespace webhook
