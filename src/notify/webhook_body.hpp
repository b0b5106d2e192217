#pragma once

/// @file
/// What chat services want to be posted. Pure.

#include <string>

#include "periodic/configuration.hpp"
#include "periodic/notifier.hpp"

namespace periodic {

/// The JSON body of a notification for a service. Texts are cut at what the service takes.
[[nodiscard]] std::string webhook_body(WebhookOptions::Format format,
                                       const Notification& notification);

}  // namespace periodic
