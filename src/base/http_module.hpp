#pragma once

/// @file
/// What the library and its module for HTTP and SMTP agree upon.

#include "base/mail_sender.hpp"
#include "periodic/http_client.hpp"

namespace periodic {

/// What the module exports: a client that the caller owns, or nullptr if the
/// library is of another version than the module.
inline constexpr const char* kHttpModuleEntry = "periodic_make_http_client";
using HttpModuleEntry = HttpClient* (*)(const char* library_version);

/// The other one: sends a mail. The module is of the library's own version, which the first one
/// has made sure of.
inline constexpr const char* kMailModuleEntry = "periodic_send_mail";
using MailModuleEntry = void (*)(const Mail& mail, Result<void>& result);

}  // namespace periodic
