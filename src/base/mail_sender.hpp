#pragma once

/// @file
/// Sends mail over SMTP, with the same library on demand as HTTP.

#include <chrono>
#include <stop_token>
#include <string>
#include <vector>

#include "periodic/error.hpp"

namespace periodic {

/// One mail on its way to a server.
struct Mail {
    std::string server{};  ///< smtp:// (with TLS where the server offers it) or smtps://
    std::string user{};    ///< empty: without logging in; with one, TLS is a must
    std::string password{};
    std::string from{};
    std::vector<std::string> to{};
    std::string text{};  ///< header and body, lines ended by CR LF
    std::chrono::milliseconds timeout{60'000};
    std::stop_token stop{};
};

/// Error: Unsupported if the module is missing, Invalid if the server refuses it for good, Io if
/// another try may help; none names the password.
[[nodiscard]] Result<void> send_mail(const Mail& mail);

}  // namespace periodic
